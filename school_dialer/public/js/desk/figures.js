// What a number counts. A card of our home page says it below the number, and its title may have two lines. Charts of our reports
// count in whole people, calls, and texts: Frappe shortens "1,000" beside the bars to "1 K".
$(document).on("startup", () => {
	const UNITS = {
		"Dialer Campaigns Running": __("campaigns"),
		"Dialer Awaiting Approval": __("campaigns"),
		"Dialer Reached Today": __("people, once for each campaign"),
		"Dialer Consent Coverage": __("of people"),
		"Dialer Students Not Reached": __("students"),
		"Dialer Opt-outs This Week": __("requests"),
		"Dialer Opt-out SLA": __("of the last 30 days"),
		"Dialer Blocked": __("people, once for each campaign"),
	};
	const { number_card } = frappe.widget?.widget_factory || {};
	if (number_card?.prototype.render_number) {
		const { render_number } = number_card.prototype;
		number_card.prototype.render_number = async function (...args) {
			await render_number.apply(this, args);
			const unit = UNITS[this.card_doc?.name];
			if (!unit) return;
			this.widget.addClass("dialer-figure");
			const $unit = $('<div class="dialer-unit text-muted"></div>').text(unit);
			$unit.appendTo($(this.body).find(".widget-content"));
		};
		frappe.dom.set_style(
			`.widget.number-widget-box.dialer-figure .widget-title .ellipsis { white-space: normal; }
.widget.number-widget-box.dialer-figure .widget-content { flex-direction: column; padding-top: 4px; }
.widget.number-widget-box.dialer-figure .widget-content .number { line-height: 1.5; white-space: nowrap; }
.codex-editor:has(.dialer-figure) .link-content { white-space: normal; }
.dialer-unit { font-size: 11px; line-height: 1.3; }`,
			"school-dialer-figures",
		);
	}

	const of_ours = ([view, name] = []) =>
		view === "query-report" && frappe.get_doc("Report", name)?.module === "School Dialer";
	const { Chart } = frappe;
	if (Chart)
		frappe.Chart = class extends Chart {
			constructor(wrapper, options = {}) {
				const axisOptions = { ...options.axisOptions, shortenYAxisNumbers: 0 };
				super(wrapper, of_ours(frappe.get_route()) ? { ...options, axisOptions } : options);
			}
		};
});
