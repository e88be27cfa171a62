frappe.query_reports["Call Costs"] = {
	filters: [
		{
			fieldname: "from_date",
			label: __("From"),
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
			fieldname: "by",
			label: __("By"),
			fieldtype: "Select",
			options: ["Campaign", "Month", "Channel", "Purpose"].map((value) => ({
				value,
				label: __(value),
			})),
			default: "Campaign",
			reqd: 1,
		},
		{ fieldname: "campaign", label: __("Campaign"), fieldtype: "Link", options: "Dialer Campaign" },
		{
			fieldname: "channel",
			label: __("Channel"),
			fieldtype: "Select",
			options: school_dialer.choices(["", ...frappe.boot.school_dialer.channels]),
		},
		{
			fieldname: "purpose",
			label: __("Purpose"),
			fieldtype: "Select",
			options: school_dialer.choices(["", ...frappe.boot.school_dialer.purposes]),
		},
	],
};
