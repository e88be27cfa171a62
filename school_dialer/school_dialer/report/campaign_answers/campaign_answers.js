frappe.query_reports["Campaign Answers"] = {
	filters: [
		{ fieldname: "campaign", label: __("Campaign"), fieldtype: "Link", options: "Dialer Campaign" },
		{ fieldname: "answer", label: __("Answer"), fieldtype: "Data" },
	],
};
