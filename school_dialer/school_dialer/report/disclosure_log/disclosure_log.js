frappe.query_reports["Disclosure Log"] = {
	filters: [
		{
			fieldname: "student",
			label: __("Student"),
			fieldtype: frappe.boot.user.can_read.includes("Student") ? "Link" : "Data",
			options: "Student",
		},
		{
			fieldname: "from_date",
			label: __("From"),
			fieldtype: "Date",
			default: frappe.datetime.add_months(frappe.datetime.get_today(), -12),
			reqd: 1,
		},
		{
			fieldname: "to_date",
			label: __("To", null, "Date"),
			fieldtype: "Date",
			default: frappe.datetime.get_today(),
			reqd: 1,
		},
		school_dialer.fields.campaign(),
		{ fieldname: "person", label: __("Disclosed To (Record)"), fieldtype: "Data" },
	],
};
