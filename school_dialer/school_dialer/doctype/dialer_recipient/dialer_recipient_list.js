frappe.listview_settings["Dialer Recipient"] = {
	hide_name_column: true,
	add_fields: ["status"],

	get_indicator(doc) {
		const colours = {
			Pending: "gray",
			Deferred: "yellow",
			Blocked: "red",
			Dialing: "blue",
			Retry: "yellow",
			Reached: "green",
			"Not Reached": "orange",
			Unknown: "purple",
			Cancelled: "gray",
		};
		return [__(doc.status), colours[doc.status], `status,=,${doc.status}`];
	},

	formatters: {
		reasons: (value) => frappe.utils.escape_html(school_dialer.words.reason_list(value)),
	},
};
