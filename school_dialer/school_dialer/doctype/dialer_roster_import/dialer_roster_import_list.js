const ROSTER_COLOURS = {
	Checking: "blue",
	Checked: "blue",
	Stopped: "orange",
	Importing: "blue",
	Imported: "green",
	Failed: "red",
};

frappe.listview_settings["Dialer Roster Import"] = {
	hide_name_column: true,

	formatters: {
		state: (value) =>
			`<span class="indicator-pill ${ROSTER_COLOURS[value] || "gray"} filterable ellipsis">${frappe.utils.escape_html(__(value))}</span>`,
	},
};
