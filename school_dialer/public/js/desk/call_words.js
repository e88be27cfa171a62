// What the carrier says of a call or a text, and what it means to the school.
frappe.provide("school_dialer.calls");

(() => {
	const { calls } = school_dialer;

	// Each state with its color.
	calls.STATES = {
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

	calls.state = (value) => calls.STATES[value]?.[0] || school_dialer.word(value || "");

	// Who picked up, as the carrier heard it.
	calls.answered = (value) => {
		if (value === "human") return __("A person");
		if (value === "unknown") return __("Not known");
		return /^(machine|fax)/.test(value || "") ? __("Voicemail") : school_dialer.word(value || "");
	};

	// How the last call to a family ended: who answered, the carrier's state, or a sentence of ours.
	calls.outcome = (value) => {
		if (value === "failed") return __("Did not go through");
		const answered = value === "human" || value === "unknown" || /^(machine|fax)/.test(value || "");
		return answered ? calls.answered(value) : calls.state(value);
	};

	// Fields of a form, each with the function that says it in words.
	calls.show = (frm, fields) => {
		for (const [fieldname, words] of Object.entries(fields)) {
			frm.get_docfield(fieldname).formatter = (value) => school_dialer.plain.html(words(value));
			frm.refresh_field(fieldname);
		}
	};
})();
