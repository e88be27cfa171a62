frappe.listview_settings["Dialer Rule Run"] = {
	hide_name_column: true,

	// The title of the rule comes with each row.
	formatters: { rule: (value, _field, doc) => school_dialer.plain.html(doc.rule_title || value) },

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
