frappe.listview_settings["Dialer Recipient"] = {
	hide_name_column: true,
	add_fields: ["status", "outcome", "attempts"],

	get_indicator(doc) {
		const colours = {
			Pending: "gray",
			Deferred: "yellow",
			Blocked: "red",
			Dialing: "blue",
			Retry: "yellow",
			Reached: "green",
			"Not Reached": "orange",
			Unknown: "purple",
			Cancelled: "gray",
		};
		return [__(doc.status), colours[doc.status], `status,=,${doc.status}`];
	},

	formatters: {
		reasons: (value, _field, doc) =>
			frappe.utils.escape_html(school_dialer.words.reason_list(value) || last_result(doc)),
	},
};

// Why someone was not reached: how the last call ended, and how many there were.
function last_result({ status, outcome, attempts }) {
	if (status === "Reached" || !outcome) return "";
	const words = school_dialer.calls.outcome(outcome);
	return attempts > 1 ? __("{0}, {1} attempts", [words, attempts]) : words;
}
