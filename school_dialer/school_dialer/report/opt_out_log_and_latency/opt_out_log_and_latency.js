frappe.query_reports["Opt-out Log and Latency"] = {
	filters: [
		{
			fieldname: "from_date",
			label: __("Effective From"),
			fieldtype: "Date",
			default: frappe.datetime.add_days(frappe.datetime.get_today(), -30),
			reqd: 1,
		},
		{
			fieldname: "to_date",
			label: __("To", null, "Date"),
			fieldtype: "Date",
			default: frappe.datetime.get_today(),
			reqd: 1,
		},
		{
			fieldname: "source",
			label: __("How"),
			fieldtype: "Select",
			options: [
				"",
				"Keypad",
				"Text",
				"Inbound Call",
				"Preference Page",
				"E-mail",
				"Ticket",
				"Agent",
				"Signed Form",
				"Carrier",
				"System",
			],
		},
	],

	formatter: school_dialer.worded_cells("source", "scope", "channel", "purpose"),
};
