frappe.query_reports["Campaign Results"] = {
	filters: [
		...school_dialer.fields.period(__("Started from"), 30),
		school_dialer.fields.campaign(),
		school_dialer.fields.any_purpose(),
		school_dialer.fields.any_channel(),
		{
			fieldname: "status",
			label: __("Status"),
			fieldtype: "Select",
			options: ["", "Preparing", "Running", "Paused", "Completed", "Cancelled", "Failed"],
		},
	],
	formatter(value, row, column, data, format) {
		const shown = school_dialer.worded_cells("channel")(value, row, column, data, (...cell) =>
			school_dialer.blank_shares(...cell, format),
		);
		const states = {
			reached: "Reached",
			not_reached: "Not Reached",
			blocked: "Blocked",
			cancelled: "Cancelled",
			unknown: "Unknown",
		};
		const state = states[column.fieldname];
		if (!state || !value || !data || !data.campaign) return shown;
		const path = `dialer-recipient?campaign=${data.campaign}&status=${state}`;
		return `<a href="/${frappe.boot.school_dialer.desk}/${encodeURI(path)}">${shown}</a>`;
	},
};
