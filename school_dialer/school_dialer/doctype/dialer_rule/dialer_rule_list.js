frappe.listview_settings["Dialer Rule"] = {
	hide_name_column: true,
	add_fields: ["enabled", "sentence"],

	get_indicator(doc) {
		return doc.enabled
			? [__("On", null, "Rule"), "green", "enabled,=,1"]
			: [__("Off", null, "Rule"), "gray", "enabled,=,0"];
	},

	// A rule is read, so its sentence has the room it needs.
	refresh(listview) {
		const columns = listview.$result.find(".level-left > .list-row-col:last-child");
		columns.css({ flex: "5" });
		columns.find("*").addBack().css({ "white-space": "normal" });
		listview.$result.find(".list-row, .list-row-container").css({ height: "auto", "min-height": "40px" });
	},
};
