frappe.listview_settings["Dialer Policy"] = {
	hide_name_column: true,
	add_fields: ["enabled", "used"],

	get_indicator(doc) {
		return doc.enabled
			? [__("Enabled"), "green", "enabled,=,1"]
			: [__("Disabled"), "gray", "enabled,=,0"];
	},
};
