frappe.query_reports["Campaign Results"] = {
	filters: [
		{
			fieldname: "from_date",
			label: __("Started from"),
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
		{ fieldname: "campaign", label: __("Campaign"), fieldtype: "Link", options: "Dialer Campaign" },
		{
			fieldname: "purpose",
			label: __("Purpose"),
			fieldtype: "Select",
			options: school_dialer.choices(["", ...frappe.boot.school_dialer.purposes]),
		},
		{
			fieldname: "channel",
			label: __("Channel"),
			fieldtype: "Select",
			options: school_dialer.choices(["", ...frappe.boot.school_dialer.channels]),
		},
		{
			fieldname: "status",
			label: __("Status"),
			fieldtype: "Select",
			options: ["", "Preparing", "Running", "Paused", "Completed", "Cancelled", "Failed"],
		},
	],
	formatter(value, row, column, data, format) {
		const shown = school_dialer.worded_cells("channel")(value, row, column, data, format);
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
