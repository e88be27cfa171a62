frappe.listview_settings["Dialer Rule"] = {
	hide_name_column: true,
	add_fields: ["enabled", "sentence"],

	get_indicator(doc) {
		return doc.enabled ? [__("On"), "green", "enabled,=,1"] : [__("Off"), "gray", "enabled,=,0"];
	},
};
