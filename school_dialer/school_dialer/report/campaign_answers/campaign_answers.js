frappe.query_reports["Campaign Answers"] = {
	filters: [
		{ fieldname: "campaign", label: __("Campaign"), fieldtype: "Link", options: "Dialer Campaign" },
		{ fieldname: "answer", label: __("Answer"), fieldtype: "Data" },
	],
	// Frappe does not wait until the campaign named in the address is set, and would ask for one.
	onload(report) {
		const campaign = new URLSearchParams(window.location.search).get("campaign");
		return campaign && report.get_filter("campaign").set_value(campaign);
	},
};
