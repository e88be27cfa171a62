const MANUAL_CALL_COLOURS = { Waiting: "orange", Claimed: "blue", Called: "blue", Done: "green" };

frappe.listview_settings["Dialer Manual Call"] = {
	hide_name_column: true,
	add_fields: ["status", "outcome", "claimed_by"],

	get_indicator(doc) {
		return [__(doc.status), MANUAL_CALL_COLOURS[doc.status], `status,=,${doc.status}`];
	},

	formatters: school_dialer.worded("outcome", "purpose"),

	onload(list) {
		school_dialer.first_action(list, __("Phone Families"), () => frappe.set_route("dialer-calls"));
	},
};
