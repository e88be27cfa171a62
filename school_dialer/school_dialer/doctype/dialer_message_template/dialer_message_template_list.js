frappe.listview_settings["Dialer Message Template"] = {
	add_fields: ["sensitivity"],
	get_indicator(doc) {
		const colour = { public: "green", personal: "blue", educational: "orange" }[doc.sensitivity];
		return [school_dialer.word(doc.sensitivity), colour, `sensitivity,=,${doc.sensitivity}`];
	},
};
