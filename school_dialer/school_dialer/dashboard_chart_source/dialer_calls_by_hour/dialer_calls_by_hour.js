frappe.provide("frappe.dashboards.chart_sources");

frappe.dashboards.chart_sources["Dialer Calls by Hour"] = {
	method: "school_dialer.desk.figures.calls_by_hour",
	filters: [],
};
