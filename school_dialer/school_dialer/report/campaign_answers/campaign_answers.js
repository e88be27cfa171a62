frappe.query_reports["Campaign Answers"] = {
	filters: [
		school_dialer.fields.campaign(),
		{ fieldname: "answer", label: __("Answer"), fieldtype: "Data" },
	],
	// A filter is empty until its title has come, for which Frappe does not wait: it would ask for the campaign named in the address.
	async onload(report) {
		const campaign = new URLSearchParams(window.location.search).get("campaign");
		if (!campaign) return;
		await frappe.utils.fetch_link_title("Dialer Campaign", campaign).catch(() => campaign);
		report.get_filter("campaign").set_input(campaign);
	},

	formatter: school_dialer.worded_cells("channel"),
};
