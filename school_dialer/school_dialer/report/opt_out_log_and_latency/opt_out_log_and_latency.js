frappe.query_reports["Opt-out Log and Latency"] = {
	filters: [
		...school_dialer.fields.period(__("Effective From"), 30),
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
