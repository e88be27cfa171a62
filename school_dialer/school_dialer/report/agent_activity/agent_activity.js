frappe.query_reports["Agent Activity"] = {
	filters: [
		...school_dialer.fields.period(__("From"), 30),
		{ fieldname: "user", label: __("User"), fieldtype: "Link", options: "User" },
	],
};
