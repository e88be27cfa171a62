frappe.query_reports["Students without a School"] = {
	filters: [
		{
			fieldname: "problem",
			label: __("Problem"),
			fieldtype: "Select",
			options: [
				"",
				...["No school", "Two schools", "School not in use"].map((value) => ({
					value,
					label: __(value),
				})),
			],
		},
	],
};
