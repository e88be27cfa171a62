frappe.query_reports["Call Costs"] = {
	filters: [
		...school_dialer.fields.period(__("From"), 90),
		{
			fieldname: "by",
			label: __("By"),
			fieldtype: "Select",
			options: ["Campaign", "Month", "Channel", "Purpose", "Carrier Account"].map((value) => ({
				value,
				label: __(value),
			})),
			default: "Campaign",
			reqd: 1,
		},
		school_dialer.fields.campaign(),
		school_dialer.fields.any_channel(),
		school_dialer.fields.any_purpose(),
	],
};
