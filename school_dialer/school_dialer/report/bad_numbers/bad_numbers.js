frappe.query_reports["Bad Numbers"] = {
	filters: [
		{
			fieldname: "from_date",
			label: __("Seen from"),
			fieldtype: "Date",
			default: frappe.datetime.add_days(frappe.datetime.get_today(), -90),
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
			fieldname: "kind",
			label: __("Problem"),
			fieldtype: "Select",
			options: [
				"",
				...["Not a number", "Not in service", "Someone else's"].map((value) => ({
					value,
					label: __(value),
				})),
			],
		},
		{ fieldname: "campaign", label: __("Campaign"), fieldtype: "Link", options: "Dialer Campaign" },
		{ fieldname: "corrected", label: __("Corrected ones as well"), fieldtype: "Check", default: 0 },
	],
};
