const CONVERSATION_COLOURS = { Waiting: "orange", Answered: "green", Closed: "gray" };

frappe.listview_settings["Dialer Conversation"] = {
	hide_name_column: true,
	add_fields: ["status", "urgent", "unread", "belongs_to", "waiting_since", "title"],
	filters: [["status", "=", "Waiting"]],

	get_indicator(doc) {
		if (cint(doc.urgent) && doc.status === "Waiting") return [__("Urgent"), "red", "urgent,=,1"];
		return [__(doc.status), CONVERSATION_COLOURS[doc.status], `status,=,${doc.status}`];
	},

	formatters: {
		last_words(value, _field, doc) {
			const since = doc.waiting_since
				? `<span class="text-muted small" title="${__("Waiting Since")}">${frappe.datetime.comment_when(doc.waiting_since, true)}</span> `
				: "";
			return since + school_dialer.plain.html(shown_words(value));
		},
	},

	onload(list) {
		list.get_no_result_message = () => empty(list);
		list.get_seen_class = (doc) => (cint(doc.unread) ? "bold" : "");
		const args = list.get_args.bind(list);
		list.get_args = () => urgent_first(list, args());
		const subject = list.get_subject_html?.bind(list);
		if (subject) list.get_subject_html = (doc) => subject(doc) + beside(doc);
		const show = (...filters) =>
			list.filter_area
				.clear(false)
				.then(() => list.filter_area.add(filters.map((one) => [list.doctype, ...one])));
		list.page.add_inner_button(__("Waiting"), () => show(["status", "=", "Waiting"]));
		list.page.add_inner_button(__("Assigned to Me"), () =>
			show(["_assign", "like", `%${frappe.session.user}%`], ["status", "!=", "Closed"]),
		);
	},
};

// The urgent ones come before those that waited longer, unless the user sorts by something else.
function urgent_first(list, args) {
	if (args.order_by?.includes("waiting_since"))
		args.order_by = `\`tab${list.doctype}\`.\`urgent\` desc, ${args.order_by}`;
	return args;
}

// Beside the name: how much is unread, whether it is sure whose number it is, and on a phone the last words.
function beside(doc) {
	const unread = cint(doc.unread)
		? `<span class="badge badge-primary ml-2" title="${__("Unread")}">${cint(doc.unread)}</span>`
		: "";
	const unsure =
		doc.belongs_to === "One person"
			? ""
			: `<span class="text-muted small ml-2 hidden-xs">${school_dialer.plain.html(__(doc.belongs_to))}</span>`;
	const words = school_dialer.plain.html(shown_words(doc.last_words));
	return `${unread}${unsure}<span class="visible-xs text-muted small ml-2 ellipsis">${words}</span>`;
}

function empty(list) {
	const waiting = list.filter_area
		.get()
		.some(([, field, , value]) => field === "status" && value === "Waiting");
	const words = waiting
		? __("No family is waiting for an answer.")
		: __("There are no such conversations.");
	return `<div class="msg-box no-border"><p>${words}</p><p class="small">${__(
		"What families text to the school appears here by itself.",
	)}</p></div>`;
}

// What is stored in English for a key pressed in a call, in the reader's language (`conversations.pressed`). A family's words stay.
function shown_words(words) {
	const unaware = "Answered in a call about an absence: I did not know.";
	if (words === unaware) return __(unaware);
	const [, number] = /^Answered about (.+): another number is better\.$/.exec(words) || [];
	return number ? __("Answered about {0}: another number is better.", [number]) : words || "";
}
