frappe.query_reports["Bad Numbers"] = {
	filters: [
		...school_dialer.fields.period(__("Seen from"), 90),
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
		school_dialer.fields.campaign(),
		{ fieldname: "corrected", label: __("Corrected ones as well"), fieldtype: "Check", default: 0 },
	],
};
