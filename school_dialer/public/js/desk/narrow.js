// On a phone, a long title of one of our pages ends in an ellipsis. Frappe's own layout lays it below the buttons, or widens the page.
frappe.provide("school_dialer");

$(document).on("startup", () => {
	const ours = '.page-container[data-page-route*="Dialer "] .page-head';
	frappe.dom.set_style(
		`@media (max-width: 575px) {
${ours} .page-title, ${ours} .title-area, ${ours} .title-area > div { min-width: 0; }
${ours} .page-actions { flex: none; width: auto; }
}`,
		"school-dialer-narrow",
	);
});
