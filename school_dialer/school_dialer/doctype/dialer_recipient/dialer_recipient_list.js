frappe.listview_settings["Dialer Recipient"] = {
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
};
