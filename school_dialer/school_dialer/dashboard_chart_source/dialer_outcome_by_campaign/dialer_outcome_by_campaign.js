frappe.provide("frappe.dashboards.chart_sources");

frappe.dashboards.chart_sources["Dialer Outcome by Campaign"] = {
	method: "school_dialer.desk.figures.outcome_by_campaign",
	filters: [],
};
