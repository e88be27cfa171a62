const CONSENT_DRIVE_COLOURS = { Draft: "gray", Running: "blue", Paused: "orange", Ended: "green" };

frappe.listview_settings["Dialer Consent Drive"] = {
	hide_name_column: true,
	get_indicator: (doc) => [
		__(doc.state),
		CONSENT_DRIVE_COLOURS[doc.state] || "gray",
		`state,=,${doc.state}`,
	],
};
