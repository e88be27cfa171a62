// On a phone, a long title of one of our pages ends in an ellipsis, and the words of a pill in a table stay on its line. Frappe's own
// layout lays the title below the buttons, or widens the page, and breaks the words out of the pill.
frappe.provide("school_dialer");

$(document).on("startup", () => {
	const page = '.page-container[data-page-route*="Dialer "]';
	const ours = `${page} .page-head`;
	frappe.dom.set_style(
		`${page} table .indicator-pill { white-space: nowrap; }
@media (max-width: 575px) {
${ours} .page-title, ${ours} .title-area, ${ours} .title-area > div { min-width: 0; }
${ours} .page-actions { flex: none; width: auto; }
}`,
		"school-dialer-narrow",
	);
});
