// A person picked up, and the message was not heard.
const UNHEARD = {
	"hung up early": __("Hung up early"),
	"words not fetched": __("Message not played"),
};

frappe.listview_settings["Dialer Call Log"] = {
	hide_name_column: true,
	add_fields: ["status", "result", "answered_by", "direction", "channel", "phone_masked"],

	get_indicator(doc) {
		const filter = `status,=,${doc.status}`;
		if (doc.direction === "Inbound")
			return [doc.channel === "Text" ? __("Wrote to us") : __("Called us"), "green", filter];
		if (doc.status === "completed" && /^(machine|fax)/.test(doc.answered_by || ""))
			return [__("Voicemail"), "orange", filter];
		if (UNHEARD[doc.result]) return [UNHEARD[doc.result], "orange", `result,=,${doc.result}`];
		const [words, colour] = school_dialer.calls.STATES[doc.status] || [
			school_dialer.word(doc.status),
			"blue",
		];
		return [words, colour, filter];
	},

	formatters: {
		...school_dialer.worded("channel"),
		person_name: (value, field, doc) => frappe.utils.escape_html(value || doc.phone_masked),
	},
};
