frappe.provide("frappe.dashboards.chart_sources");

frappe.dashboards.chart_sources["Dialer Consent over Time"] = {
	method: "school_dialer.desk.figures.consent_over_time",
	filters: [],
};
