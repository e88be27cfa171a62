const ABSENCE_PROBLEMS = {
	"Did not know": "red",
	"Reported absent, marked present": "red",
	"Marked absent, reported late": "orange",
	"Marked absent, seen at school": "red",
	"No one reached": "orange",
	"Knew, but no report": "gray",
};

frappe.query_reports["Absences to Check"] = {
	filters: [
		{
			fieldname: "day",
			label: __("Day"),
			fieldtype: "Date",
			default: school_dialer.today(),
			reqd: 1,
		},
		{
			fieldname: "problem",
			label: __("Problem"),
			fieldtype: "Select",
			options: ["", ...Object.keys(ABSENCE_PROBLEMS).map((value) => ({ value, label: __(value) }))],
		},
	],

	formatter(value, row, column, data, original) {
		if (column.fieldname !== "problem" || !data) return original(value, row, column, data);
		const color = ABSENCE_PROBLEMS[data.kind] || "gray";
		return `<span class="indicator-pill ${color}">${frappe.utils.escape_html(value || "")}</span>`;
	},
};
