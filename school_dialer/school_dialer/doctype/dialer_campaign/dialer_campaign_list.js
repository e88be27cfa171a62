frappe.listview_settings["Dialer Campaign"] = {
	add_fields: ["status"],
	get_indicator(doc) {
		const colours = {
			Draft: "gray",
			"Awaiting Approval": "orange",
			Scheduled: "purple",
			Preparing: "light-blue",
			Running: "blue",
			Paused: "yellow",
			Completed: "green",
			Cancelled: "gray",
			Failed: "red",
		};
		return [__(doc.status), colours[doc.status], `status,=,${doc.status}`];
	},
};
