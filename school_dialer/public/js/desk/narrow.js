// On a phone, a long title of one of our pages ends in an ellipsis above the words of its state, and the words of a pill in a table stay on
// its line. The title of a page or a list, which is no record, and what the figures above a report count, stand whole on two lines. Frappe's own layout lays the title below the buttons, leaves a letter of it beside the state, or widens the page, and breaks
// the words out of the pill. Of a list, Frappe shows a colored dot for the state and one filter a line: here the state has its words, and
// filters stand two by two, as do those of a report and the figures above it. The buttons of a form stand below its title; those in groups stay behind "...". The first steps on the home page are as wide as the phone. A table of ours that is too wide for a phone
// shows each row as lines there, each with its heading.
frappe.provide("school_dialer");

$(document).on("startup", () => {
	const routes = ["*='Dialer '", "*='Consent'", "^='dialer-'"].map((one) => `[data-page-route${one}]`);
	const page = `.page-container:is(${routes.join(", ")})`;
	const ours = `${page} .page-head`;
	const title = `${ours} .title-area > div`;
	const forms = ["^='Dialer '", "='Contact Consent'", "='Consent Event'"].map(
		(one) => `[data-page-route${one}]`,
	);
	const head = `.page-container:is(${forms.join(", ")}) .page-head-content`;
	const offers = ":has(.custom-actions:not(.hide) > .btn)";
	frappe.dom.set_style(
		`.dialer-first-action { padding: 12px 15px; }
@media (min-width: 992px) { .dialer-first-action { display: none; } }
${page} table .indicator-pill { white-space: nowrap; }
@media (max-width: 575px) {
${ours} .page-head-content { flex-wrap: nowrap; }
${ours} .page-title { flex: 1 1 0; width: auto; max-width: none; }
${ours} .page-title, ${ours} .title-area, ${title}, ${title} > .flex { min-width: 0; }
${title} > .flex { flex-direction: column; align-items: flex-start; row-gap: 2px; }
${title} .title-text { max-width: 100%; min-width: 0; margin: 0; }
${title} .indicator-pill { margin: 0; }
${page}:is([data-page-route^='dialer-'], [data-page-route^='List/']) .page-head .title-text { line-height: 1.2; white-space: normal; }
[data-page-route='query-report'] .page-form { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); }
[data-page-route='query-report'] .page-form > .form-group { width: auto; max-width: none; }
.report-summary { display: grid !important; grid-template-columns: repeat(2, minmax(0, 1fr)); padding: 10px; }
.report-summary .summary-item { width: auto; min-width: 0; margin: 0; padding: 8px; }
.report-summary .summary-item { height: auto; min-height: 62px; }
.report-summary .summary-label { white-space: normal; }
${title} .indicator-pill:empty { display: none; }
${ours} .page-actions { flex: none; width: auto; }
${head}${offers} { flex-wrap: wrap; row-gap: 8px; height: auto; padding: 12px 0; }
${head}${offers} .page-actions { display: contents; }
${head}${offers} .standard-actions { padding-right: 15px; }
${head} .custom-actions:not(.hide):has(> .btn) { display: flex !important; flex: 1 0 100%; flex-wrap: wrap; gap: 6px; order: 1; padding: 0 15px; }
${head} .custom-actions > .btn { margin: 0; }
${head} .custom-actions > .inner-group-button { display: none; }
[data-page-route='Dialer Campaign'] .custom-actions > .btn-primary { display: none; }
${page} .list-row .level-left { flex: 1 1 0; min-width: 0; }
${page} .list-row .level-right { flex: none; max-width: 42%; }
${page} .list-row-head .level-right { max-width: none; white-space: nowrap; }
${page} .list-row:not(.list-row-head) .level-right > .visible-xs { min-width: 0; flex: 0 1 auto; white-space: normal; }
${page} .list-row .visible-xs .indicator[title] { display: flex; align-items: center; line-height: 1.2; white-space: normal; }
${page} .list-row .visible-xs .indicator[title]::before { flex: none; }
${page} .list-row .visible-xs .indicator[title]::after { content: attr(title); display: inline; width: auto; height: auto; margin-left: 6px; background: none; color: var(--text-color); text-align: left; }
${page} .page-form { flex-direction: column; }
${page} .page-form .standard-filter-section { display: grid !important; grid-template-columns: repeat(2, minmax(0, 1fr)); width: 100%; }
${page} .page-form .standard-filter-section > * { width: auto; max-width: none; }
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

// What a list is opened for. Up to the width of a tablet, Frappe hides the buttons at its head behind "...".
school_dialer.first_action = (list, label, action) => {
	list.page.add_inner_button(label, action);
	$('<button type="button" class="btn btn-primary btn-block"></button>')
		.text(label)
		.on("click", action)
		.prependTo(list.page.main)
		.wrap('<div class="dialer-first-action"></div>');
};
