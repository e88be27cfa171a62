// The carrier's words, and what they mean to the school.
const CALL_STATUS = {
	placing: [__("Being placed"), "gray"],
	unknown: [__("Answer of the carrier lost"), "purple"],
	accepted: [__("At the carrier"), "blue"],
	scheduled: [__("At the carrier"), "blue"],
	queued: [__("At the carrier"), "blue"],
	initiated: [__("Being dialed"), "blue"],
	sending: [__("Being sent"), "blue"],
	ringing: [__("Ringing"), "blue"],
	sent: [__("Sent"), "blue"],
	unreported: [__("Sent"), "green"],
	"in-progress": [__("On the line"), "blue"],
	completed: [__("Answered"), "green"],
	busy: [__("Busy"), "orange"],
	"no-answer": [__("No answer"), "orange"],
	failed: [__("Failed"), "red"],
	canceled: [__("Taken back"), "gray"],
	delivered: [__("Delivered"), "green"],
	read: [__("Read", null, "Status of a text"), "green"],
	undelivered: [__("Not delivered"), "red"],
	refused: [__("Refused"), "red"],
};

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
		const [words, colour] = CALL_STATUS[doc.status] || [__(doc.status), "blue"];
		return [words, colour, filter];
	},

	formatters: {
		...school_dialer.worded("channel"),
		person_name: (value, field, doc) => frappe.utils.escape_html(value || doc.phone_masked),
	},
};
