frappe.query_reports["Addresses to Correct"] = {
	filters: [
		{
			fieldname: "problem",
			label: __("Problem"),
			fieldtype: "Select",
			options: [
				"",
				...[
					"State cannot be read",
					"Military or diplomatic post office",
					"State and postal code disagree",
				].map((value) => ({ value, label: __(value) })),
			],
		},
	],
};
