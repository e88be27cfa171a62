frappe.query_reports["Consent by Person"] = {
	filters: [
		{ fieldname: "person_name", label: __("Name"), fieldtype: "Data" },
		{
			fieldname: "status",
			label: __("Status"),
			fieldtype: "Select",
			options: school_dialer.choices(["", "Granted", "Opted Out", "Expired"]),
		},
		school_dialer.fields.any_channel(),
		school_dialer.fields.any_purpose(),
	],
};
