// On a phone, a long title of one of our pages ends in an ellipsis, and the words of a pill in a table stay on its line. Frappe's own
// layout lays the title below the buttons, or widens the page, and breaks the words out of the pill. The first steps on the home page are as wide as the phone. A table of ours that is too wide for a phone
// shows each row as lines there, each with its heading.
frappe.provide("school_dialer");

$(document).on("startup", () => {
	const page = '.page-container[data-page-route*="Dialer "]';
	const ours = `${page} .page-head`;
	frappe.dom.set_style(
		`${page} table .indicator-pill { white-space: nowrap; }
@media (max-width: 575px) {
${ours} .page-title, ${ours} .title-area, ${ours} .title-area > div { min-width: 0; }
${ours} .page-actions { flex: none; width: auto; }
.widget.onboarding-widget-box .widget-body .onboarding-steps-wrapper { min-width: 0; width: 100%; }
.widget.onboarding-widget-box .widget-body .onboarding-step { max-width: 100%; }
.dialer-stacked thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.dialer-stacked, .dialer-stacked tbody, .dialer-stacked tr { display: block; }
.dialer-stacked tr { padding: 6px 0; border-top: 1px solid var(--border-color, #bbb); }
.table.dialer-stacked td { display: grid; grid-template-columns: 35% minmax(0, 1fr); gap: 8px; padding: 2px 8px; border: 0; overflow-wrap: anywhere; }
.dialer-stacked td::before { content: attr(data-heading); color: var(--text-muted); }
.modal .dialer-stacked .indicator-pill { height: auto; white-space: normal; }
}`,
		"school-dialer-narrow",
	);
});
