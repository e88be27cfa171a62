frappe.query_reports["Results by School"] = {
	filters: [
		...school_dialer.fields.period(__("From"), 30),
		school_dialer.fields.any_purpose(),
		school_dialer.fields.any_channel(),
	],
	formatter: school_dialer.blank_shares,
};
