const SETTINGS = "school_dialer.desk.settings";

frappe.ui.form.on("Dialer Settings", {
	setup(frm) {
		name_attestation(frm);
		frm.set_query("default_language", school_dialer.spoken_languages);
		frm.set_query("language", "voices", school_dialer.spoken_languages);
	},
	refresh(frm) {
		school_dialer.translate_form(frm);
		show_readiness(frm);
		show_openings(frm);
		show_registration(frm);
		show_fallback(frm);
		show_retention(frm);
		show_asked(frm);
		offer_accounts(frm);
		const may_choose = frappe.model.can_read("Holiday List") || frappe.model.can_select("Holiday List");
		frm.toggle_display("holiday_list", may_choose || !!frm.doc.holiday_list);
		if (!may_write(frm)) return;
		frm.add_custom_button(__("Test connection"), () => run_test(frm, "connection"));
		frm.add_custom_button(__("Test webhooks"), () => run_test(frm, "webhooks"));
		frm.add_custom_button(__("Test incoming"), () => run_test(frm, "incoming"));
	},
	after_save(frm) {
		frm.saved_just_now = true;
	},
});

const escape_html = frappe.utils.escape_html;
const may_write = (frm) => Boolean(frm.perm[0] && frm.perm[0].write);
const get = async (method) => (await frappe.call({ method: `${SETTINGS}.${method}`, type: "GET" })).message;

// An answer that was asked for before the last save, and comes after it, is out of date.
async function show_readiness(frm) {
	const turn = (frm.readiness_turn = cint(frm.readiness_turn) + 1);
	const [channels, lines] = await Promise.all([get("readiness"), get("before_live")]);
	if (turn !== frm.readiness_turn) return;
	const [{ note, asks }] = channels;
	frm.asks = asks;
	if (frm.saved_just_now) say_state(channels);
	frm.saved_just_now = false;
	const mode =
		frm.doc.mode === "Live"
			? `<span class="indicator-pill red">${__("Live: real people are called")}</span>`
			: `<span class="indicator-pill blue">${__("Simulated: no one is called")}</span>`;
	const focused = document.activeElement.dataset.fix;
	const $field = frm.get_field("ready_html").$wrapper.empty();
	$(`<div class="dialer-ready" style="overflow-wrap: anywhere">${mode}
		${[note, asks].map((one) => (one ? `<p class="mt-3 mb-0">${escape_html(one)}</p>` : "")).join("")}
		<ul class="list-unstyled mt-3 mb-0">${channels_html(channels)}</ul>
		${checklist_html(lines, may_write(frm))}</div>`).appendTo($field);
	$field.off("click").on("click", "[data-fix]", (event) => {
		const index = cint(event.currentTarget.dataset.fix);
		fix(frm, lines[index].fix, index);
	});
	if (focused) $field.find(`[data-fix="${focused}"]`).trigger("focus");
}

// Said on whichever tab the form was saved. The list of what is missing stands on the first one.
function say_state(channels) {
	const lines = channels.map(({ title, missing: [first] }) =>
		first
			? `<b>${escape_html(__("{0}: not yet.", [title]))}</b> ${escape_html(first)}`
			: `<b>${escape_html(__("{0}: ready.", [title]))}</b>`,
	);
	const indicator = channels.some(({ missing }) => missing.length) ? "orange" : "green";
	frappe.show_alert({ message: lines.join("<br>"), indicator });
}

// What calls and texts lack alike is said once.
function channels_html(channels) {
	const lacking = channels.filter(({ missing }) => missing.length);
	const [first, ...others] = lacking;
	const shared = others.length
		? first.missing.filter((one) => others.every(({ missing }) => missing.includes(one)))
		: [];
	if (!shared.length) return channels.map(channel_html).join("");
	const of_all = { title: lacking.map(({ title }) => title).join(", "), missing: shared };
	const own = lacking
		.map(({ title, missing }) => ({ title, missing: missing.filter((one) => !shared.includes(one)) }))
		.filter(({ missing }) => missing.length);
	const ready = channels.filter(({ missing }) => !missing.length);
	return [of_all, ...own, ...ready].map(channel_html).join("");
}

function channel_html({ title, missing }) {
	if (!missing.length) return `<li><b>${escape_html(__("{0}: ready.", [title]))}</b> ✓</li>`;
	const items = missing.map((one) => `<li>${escape_html(one)}</li>`).join("");
	return `<li><b>${escape_html(__("{0}: not yet.", [title]))}</b><ul class="pl-4">${items}</ul></li>`;
}

function checklist_html(lines, writable) {
	const needed = lines.filter(({ optional }) => !optional);
	const left = needed.filter(({ done }) => !done).length;
	const summary = left
		? __("Before Live mode: {0} of {1} things are left to do", [left, needed.length])
		: __("Before Live mode: everything is done");
	const rows = lines.map((line, index) => line_html(line, index, writable)).join("");
	return `<details class="dialer-before-live mt-3" ${left ? "open" : ""}><summary><b>${summary}</b></summary>
		<ul class="list-unstyled mt-2 mb-0">${rows}</ul></details>`;
}

function line_html({ title, done, missing, fix, optional }, index, writable) {
	if (done) {
		return `<li class="py-1"><span class="indicator green" aria-hidden="true"></span>${escape_html(title)}
			<span class="sr-only">${__("Done")}</span></li>`;
	}
	const labels = { field: __("Enter"), test: __("Test"), route: __("Open", null, "Verb") };
	const button =
		fix && writable
			? `<button type="button" class="btn btn-default btn-xs ml-2" data-fix="${index}"
				aria-label="${labels[fix[0]]}: ${escape_html(title)}">${labels[fix[0]]}</button>`
			: "";
	return `<li class="py-1"><span class="indicator orange" aria-hidden="true"></span><b>${escape_html(title)}</b>${optional ? ` (${__("Optional")})` : ""}${button}
		<div class="text-muted pl-3">${escape_html(missing)}</div></li>`;
}

function fix(frm, [kind, target], index) {
	if (kind === "test") run_test(frm, target, index);
	else if (kind === "route") frappe.set_route(target.split("/"));
	else frm.scroll_to_field(target);
}

const TESTS = {
	connection: {
		method: "test_connection",
		asking: __("Asking the carrier"),
		title: __("Connected"),
		said: ({ name, trial, pace, others }) =>
			[
				__("The carrier knows this account as {0}.", [escape_html(name)]),
				...others.map((one) =>
					__("{0}: the carrier knows it as {1}.", [escape_html(one.title), escape_html(one.name)]),
				),
				trial
					? __(
							"It is a trial account, which calls verified numbers only and plays a notice of its own first.",
						)
					: "",
				pace_words(pace),
			]
				.filter(Boolean)
				.map((line) => `<p>${line}</p>`)
				.join(""),
	},
	webhooks: {
		method: "test_webhooks",
		asking: __("Asking this site at its public URL"),
		title: __("Reached"),
		asks_account: false,
		said: (url) =>
			__("A signed request to {0} came back. The carrier can reach this site.", [escape_html(url)]),
	},
	incoming: {
		method: "test_incoming",
		asking: __("Asking the carrier"),
		title: __("Where texts and calls go"),
		well: (elsewhere) => !elsewhere.length,
		said: (elsewhere) =>
			elsewhere.length
				? elsewhere.map((one) => `<p>${escape_html(one)}</p>`).join("")
				: `<p>${__("Texts and calls to all of your numbers come to this site.")}</p>`,
	},
};

function pace_words(pace) {
	const known = Object.entries(pace).filter(([, value]) => value);
	if (known.length)
		return known
			.map(([number, value]) =>
				__("{0}: {1} calls a second.", [escape_html(number), escape_html(value)]),
			)
			.join(" ");
	return __(
		"The carrier does not tell by its API how many calls a second it accepts. Its console shows it (for Twilio: Voice, Settings, General); a new account has 1. Enter it at each sending number.",
	);
}

async function run_test(frm, which, line = -1) {
	if (frm.is_dirty()) await frm.save();
	if (frm.is_dirty()) return;
	const { method, asking, title, said, well = () => true, asks_account = true } = TESTS[which];
	const asks = asks_account && frm.asks ? `<p class="text-muted mb-0">${escape_html(frm.asks)}</p>` : "";
	const args = { type: "POST", freeze: true, freeze_message: asking };
	const message = await frappe.call({ method: `${SETTINGS}.${method}`, ...args }).then(
		(answer) => answer.message,
		() => null,
	);
	if (!message) return;
	await frm.reload_doc();
	const indicator = well(message) ? "green" : "orange";
	const shown = frappe.msgprint({ title, message: `${said(message)}${asks}`, indicator });
	shown.$wrapper.one("hidden.bs.modal", () => focus_after(frm, line));
}

// A person who works by keyboard goes on with the next line that is open.
function focus_after(frm, line) {
	const open = frm.get_field("ready_html").$wrapper.find("[data-fix]").toArray();
	open.find((button) => cint(button.dataset.fix) > line)?.focus();
}

// What one person changed in Live mode, for another one to approve.
async function show_asked(frm) {
	frm.set_intro("");
	const asked = frm.doc.mode === "Live" && (await get("addresses_asked"));
	if (!asked) return;
	const rows = asked.changes.map(({ label, now, then, by }) =>
		__(
			"{0}: {1} instead of {2}. {3} asked for it.",
			[label, then || "–", now || "–", by].map(escape_html),
		),
	);
	const words = rows.map((row) => `<p class="mb-1">${row}</p>`).join("");
	frm.set_intro(`<b>${__("Waits for a second person")}</b>${words}`, "orange");
	if (!may_write(frm)) return;
	const decide = async (method, question) =>
		frappe.confirm(`<p>${question}</p>${words}`, async () => {
			const args = { seen: asked.key };
			await frappe.call({ method: `${SETTINGS}.${method}`, type: "POST", args, freeze: true });
			frm.reload_doc();
		});
	if (!asked.own)
		frm.add_custom_button(__("Approve the Change"), () =>
			decide("approve_addresses", __("Calls get their words from there, or begin so, from now on.")),
		);
	frm.add_custom_button(__("Drop the Change"), () =>
		decide("reject_addresses", __("Everything stays as it is now.")),
	);
}

async function show_openings(frm) {
	const $field = frm.get_field("opening_html").$wrapper.empty();
	if (!frm.doc.caller_identity || !frm.doc.call_back_number) {
		$field.html(
			`<p class="text-muted">${__("Enter who is calling and the call-back number, then save, to read and hear it here.")}</p>`,
		);
		return;
	}
	const openings = await get("openings");
	const speaks = "speechSynthesis" in window;
	const rows = openings.map(
		({ language, sentences, direction }, index) => `<tr>
			<td class="text-muted">${escape_html(school_dialer.language_name(language))}</td>
			<td dir="${direction}" lang="${escape_html(language)}">${escape_html(sentences.join(" "))}</td>
			<td>${
				speaks
					? `<button type="button" class="btn btn-default btn-xs" data-say="${index}"
				aria-label="${__("Listen")}: ${escape_html(school_dialer.language_name(language))}">${__("Listen")}</button>`
					: ""
			}</td></tr>`,
	);
	$field.html(`<div class="dialer-openings"><table class="table table-sm mb-1"><tbody>${rows.join("")}</tbody></table>
		<p class="text-muted small">${__("As saved. Listen reads it with your browser's voice; the carrier's voice differs. Send test to me, on a campaign, calls your own number.")}</p></div>`);
	$field.off("click").on("click", "[data-say]", (event) => say(openings[event.currentTarget.dataset.say]));
}

async function show_fallback(frm) {
	const $field = frm.get_field("fallback_html").$wrapper.empty();
	if (!frm.doc.caller_identity || !frm.doc.call_back_number) return;
	const words = await get("fallback_words");
	$field.html(`<div class="dialer-fallback"><p class="text-muted small mb-1">${__("Copy these words to a TwiML Bin (in Twilio's console), save it, and enter its address above. Copy them again when the name or the call-back number changes.")}</p>
		<button type="button" class="btn btn-default btn-xs mb-2" data-copy>${__("Copy")}</button>
		<details><summary>${__("Show the words")}</summary>
		<pre class="small" style="white-space: pre-wrap; color: var(--text-color)" tabindex="0" aria-label="${__("Words to copy")}">${escape_html(words)}</pre></details></div>`);
	$field.find("[data-copy]").on("click", () => frappe.utils.copy_to_clipboard(words));
}

function say({ language, sentences }) {
	window.speechSynthesis.cancel();
	for (const sentence of sentences) {
		const spoken = new SpeechSynthesisUtterance(sentence);
		spoken.lang = language;
		window.speechSynthesis.speak(spoken);
	}
}

// What to paste into the carrier's form, each with a button that copies it.
async function show_registration(frm) {
	const $field = frm.get_field("registration_html").$wrapper.empty();
	if (!frm.doc.caller_identity) {
		$field.html(
			`<p class="text-muted">${__("Enter who is calling, then save, to get the texts for the form here.")}</p>`,
		);
		return;
	}
	const entries = await get("registration");
	const rows = entries.map(
		({ label, text, segments }, index) => `<div class="mb-3">
		<div><b>${escape_html(label)}</b>
			${segments ? `<span class="text-muted small ml-2">${segments === 1 ? __("1 text message") : __("{0} text messages", [segments])}</span>` : ""}
			<button type="button" class="btn btn-default btn-xs ml-2" data-copy="${index}"
				aria-label="${__("Copy")}: ${escape_html(label)}">${__("Copy")}</button></div>
		<div lang="en" style="white-space: pre-line">${escape_html(text)}</div></div>`,
	);
	$field.html(
		`<div class="dialer-registration" style="overflow-wrap: anywhere"><p class="text-muted small">${__(
			"In English, since US carriers read it. Change what does not describe how your school asks for consent.",
		)}</p>${rows.join("")}</div>`,
	);
	$field.off("click").on("click", "[data-copy]", (event) => {
		frappe.utils.copy_to_clipboard(entries[cint(event.currentTarget.dataset.copy)].text);
	});
}

// The accounts that a sending number may belong to.
function offer_accounts(frm) {
	const options = (frm.doc.carrier_accounts || [])
		.filter((row) => row.account_sid)
		.map((row) => ({ value: row.account_sid, label: row.title || row.account_sid }));
	const { grid } = frm.fields_dict.sending_numbers;
	const asked = JSON.stringify(options);
	// Frappe draws all rows again a moment later, and a number that is being typed is lost with its row.
	if (asked === (grid.offered_accounts || "[]")) return;
	grid.offered_accounts = asked;
	grid.update_docfield_property("carrier_account", "options", options);
}

["title", "account_sid", "carrier_accounts_remove"].forEach((event) =>
	frappe.ui.form.on("Dialer Carrier Account", event, offer_accounts),
);

function name_attestation() {
	const levels = { A: __("A: full"), B: __("B: partial"), C: __("C: gateway") };
	const field = frappe.meta.get_docfield("Dialer Sending Number", "attestation");
	field.formatter = (value) => levels[value] || `<span class="text-muted">${__("Not reported")}</span>`;
}

const RETENTION = [
	"keep_call_logs_days",
	"keep_recipients_days",
	"keep_notices_days",
	"keep_audience_files_days",
	"keep_lookups_days",
	"remove_person_links",
];
RETENTION.forEach((fieldname) =>
	frappe.ui.form.on("Dialer Settings", fieldname, frappe.utils.debounce(show_retention, 400)),
);

// Counted before it is switched on, with the days as they stand in the form.
async function show_retention(frm) {
	if (!(frm.perm[0] && frm.perm[0].write)) return;
	const args = Object.fromEntries(RETENTION.map((fieldname) => [fieldname, cint(frm.doc[fieldname])]));
	const { message } = await frappe.call({
		method: "school_dialer.desk.privacy.count_retention",
		type: "POST",
		args,
	});
	const words = {
		"Dialer Call Log": __("call logs would lose name and number"),
		"Dialer Recipient": __("recipients would lose name and numbers"),
		"Dialer Answer": __("answers to polls and questions would lose the name"),
		"Dialer Rule Case": __("cases of rules would lose the student"),
		"Dialer Notice": __("confirmations and links would lose the number"),
		"Dialer Review": __("closed reviews would lose words and number"),
		"Dialer Conversation": __("closed conversations would lose name and number"),
		"Dialer Conversation Message": __("messages of closed conversations would lose words and number"),
		"Dialer Number Lookup": __("look-ups of numbers would be deleted"),
		File: __("audience files would be deleted"),
	};
	const items = Object.entries(message).map(
		([doctype, count]) => `<li><b>${cint(count)}</b> ${words[doctype] || escape_html(__(doctype))}</li>`,
	);
	frm.get_field("retention_html").$wrapper.html(
		`<div class="dialer-retention" aria-live="polite"><p class="mb-1">${__("With these days, the next night:")}</p><ul class="pl-4 mb-0">${items.join("")}</ul>
		<p class="text-muted small mt-2">${__("Legal holds are left out. What was removed does not come back.")}</p></div>`,
	);
}
