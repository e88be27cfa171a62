frappe.query_reports["Consent by Person"] = {
	filters: [
		{ fieldname: "person_name", label: __("Name"), fieldtype: "Data" },
		{
			fieldname: "status",
			label: __("Status"),
			fieldtype: "Select",
			options: school_dialer.choices(["", "Granted", "Opted Out", "Expired"]),
		},
		{
			fieldname: "channel",
			label: __("Channel"),
			fieldtype: "Select",
			options: school_dialer.choices(["", ...frappe.boot.school_dialer.channels]),
		},
		{
			fieldname: "purpose",
			label: __("Purpose"),
			fieldtype: "Select",
			options: school_dialer.choices(["", ...frappe.boot.school_dialer.purposes]),
		},
	],
};
