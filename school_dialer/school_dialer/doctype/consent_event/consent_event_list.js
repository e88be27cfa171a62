const EVENT_COLOURS = {
	Grant: "green",
	"Opt In": "green",
	"Opt Out": "red",
	"Wrong Number": "red",
	Expire: "orange",
};

frappe.listview_settings["Consent Event"] = {
	hide_name_column: true,
	add_fields: ["kind"],
	formatters: school_dialer.worded("channel", "purpose", "source"),

	get_indicator(doc) {
		return [__(doc.kind), EVENT_COLOURS[doc.kind] || "blue", `kind,=,${doc.kind}`];
	},
};
