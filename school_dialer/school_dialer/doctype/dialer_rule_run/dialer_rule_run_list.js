frappe.listview_settings["Dialer Rule Run"] = {
	hide_name_column: true,

	get_indicator(doc) {
		const colours = {
			Open: "blue",
			"Needs Review": "orange",
			Done: "green",
			Missed: "red",
			Dropped: "gray",
		};
		return [__(doc.status), colours[doc.status], `status,=,${doc.status}`];
	},
};
