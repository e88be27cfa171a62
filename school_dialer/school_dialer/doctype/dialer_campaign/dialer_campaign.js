{% include "school_dialer/public/js/decision_words.js" %}
{% include "school_dialer/public/js/campaign_answers.js" %}

const POLL_SECONDS = 3;
const MOVING = ["Preparing", "Running"];
const NOT_BEGUN = ["Draft", "Awaiting Approval", "Scheduled"];
const ENDED = ["Completed", "Cancelled", "Failed"];
const APPROVER = "Dialer Emergency Approver";
const escape_html = frappe.utils.escape_html;

// In the order shown: colour, and what the state means to the school.
const STATES = {
	Reached: ["green", __("heard or received the message")],
	Dialing: ["blue", __("on the line, or at the carrier")],
	Pending: ["gray", __("next to be called")],
	Retry: ["yellow", __("called again later")],
	Deferred: ["yellow", __("wait for their permitted hour")],
	"Not Reached": ["orange", __("no answer, voicemail or failed")],
	Unknown: ["purple", __("the carrier's answer was lost; being looked up")],
	Blocked: ["red", __("may not be called")],
	Cancelled: ["gray", __("were still waiting when it was cancelled")],
};
const SETTLED = ["Reached", "Not Reached", "Blocked", "Cancelled"];

frappe.ui.form.on("Dialer Campaign", {
	async setup(frm) {
		frm.audiences = (await ask("audiences")) || [];
		show_audiences(frm);
	},

	refresh(frm) {
		show_audiences(frm);
		frm.set_query("template", () => ({ filters: { purpose: frm.doc.purpose || undefined } }));
		if (ENDED.includes(frm.doc.status)) frm.disable_save();
		else frm.enable_save();
		show_intro(frm);
		if (frm.is_new()) return;
		add_actions(frm);
		if (!NOT_BEGUN.includes(frm.doc.status)) {
			if (frm.shown_results_of !== frm.doc.name) frm.layout.select_tab("t_results");
			frm.shown_results_of = frm.doc.name;
		}
		poll(frm);
	},

	audience_source(frm) {
		const audience = (frm.audiences || []).find((one) => one.label === frm.doc.audience_source);
		frm.set_value("audience_doctype", audience ? audience.doctype : null);
		frm.set_value("audience_name", null);
		name_the_group(frm);
	},

	purpose(frm) {
		frm.set_value("template", null);
	},

	on_hide(frm) {
		clearTimeout(frm.poll_timer);
	},
});

function ask(method, args, options = {}) {
	return frappe
		.call({ method: `school_dialer.desk.campaigns.${method}`, type: options.post ? "POST" : "GET", args, ...options.call })
		.then((answer) => answer.message);
}

function act(frm, method, args = {}, freeze_message = null) {
	return ask(method, { campaign: frm.doc.name, ...args }, { post: true, call: { freeze: true, freeze_message } });
}

// A stored audience stays choosable when its app is gone, so that the form shows what was called.
function show_audiences(frm) {
	if (!frm.audiences) return;
	const options = frm.audiences.map((one) => ({ value: one.label, label: one.title }));
	const stored = frm.doc.audience_source;
	if (stored && !options.some((one) => one.value === stored)) options.push({ value: stored, label: stored });
	frm.set_df_property("audience_source", "options", [{ value: "", label: "" }, ...options]);
	name_the_group(frm);
}

function name_the_group(frm) {
	frm.set_df_property("audience_name", "label", frm.doc.audience_doctype ? __(frm.doc.audience_doctype) : __("Of"));
}

function add_actions(frm) {
	const status = frm.doc.status;
	const emergency = frm.doc.purpose === "Emergency";
	const may_write = frm.perm[0] && frm.perm[0].write;
	const approver = frappe.user.has_role(APPROVER);
	if (may_write && status === "Draft") {
		frm.add_custom_button(__("Preview audience"), () => preview(frm));
		frm.add_custom_button(__("Send test to me"), () => send_test(frm));
		if (emergency) primary(frm, __("Ask for approval"), () => checked(frm, "start", __("Ask for approval"), __("A second person with the role {0} has to approve. Until then nobody is called.", [__(APPROVER)])));
		else if (frm.doc.scheduled_at) primary(frm, __("Schedule"), () => checked(frm, "schedule", __("Schedule"), __("It starts at {0}. Everyone is decided on again then.", [frappe.datetime.str_to_user(frm.doc.scheduled_at)])));
		else primary(frm, __("Start"), () => checked(frm, "start", __("Start"), __("Calls begin at once. You can pause or cancel at any time.")));
	}
	if (status === "Awaiting Approval") {
		if (approver || may_write) frm.add_custom_button(__("Preview audience"), () => preview(frm));
		if (approver) {
			frm.add_custom_button(__("Reject"), () => reject(frm));
			primary(frm, __("Approve and call"), () => checked(frm, "approve", __("Approve and call"), __("Everyone shown as called is called now, at any hour, with or without consent.")));
		}
	}
	if (may_write && ["Awaiting Approval", "Scheduled"].includes(status)) {
		frm.add_custom_button(__("Back to draft"), () => confirmed(frm, "back_to_draft", __("Take this campaign back to draft? Nobody is called until it is started again.")));
	}
	if (may_write && MOVING.includes(status)) {
		frm.add_custom_button(__("Pause"), () => act(frm, "pause").then(() => frm.reload_doc()));
	}
	if (may_write && status === "Paused") {
		primary(frm, __("Resume"), () => act(frm, "resume").then(() => frm.reload_doc()));
	}
	if (may_write && !["Draft", ...ENDED].includes(status)) {
		frm.add_custom_button(__("Cancel campaign"), () => cancel(frm)).addClass("btn-danger");
	}
	if (!NOT_BEGUN.includes(status)) {
		frm.add_custom_button(__("Recipients"), () => frappe.set_route("List", "Dialer Recipient", { campaign: frm.doc.name }), __("View"));
		frm.add_custom_button(__("Call logs"), () => frappe.set_route("List", "Dialer Call Log", { campaign: frm.doc.name }), __("View"));
	}
}

function primary(frm, label, action) {
	frm.add_custom_button(label, action).removeClass("btn-default").addClass("btn-primary");
}

async function saved(frm) {
	if (frm.is_dirty()) await frm.save();
	return !frm.is_dirty();
}

async function confirmed(frm, method, question) {
	if (!(await saved(frm))) return;
	frappe.confirm(question, () => act(frm, method, {}, __("One moment")).then(() => frm.reload_doc()));
}

// Nobody is called before somebody has seen how many, and why not the others.
async function checked(frm, method, label, consequence) {
	const found = await decide(frm);
	if (!found) return;
	if (found.missing.length) {
		frappe.msgprint({ title: __("Dialer Settings are not complete"), message: `<ul class="pl-4 mb-0"><li>${found.missing.map(escape_html).join("</li><li>")}</li></ul>`, indicator: "red" });
		return;
	}
	if (!found.people) {
		frappe.msgprint({ title: __("Nobody to call"), message: __("Nobody is in this audience. Choose another one, or add people to it."), indicator: "red" });
		return;
	}
	const dialog = preview_dialog(frm, found, consequence);
	dialog.set_primary_action(label, () => {
		dialog.disable_primary_action();
		act(frm, method, {}, __("One moment")).then(
			() => {
				dialog.hide();
				frm.reload_doc();
			},
			() => dialog.enable_primary_action()
		);
	});
}

function cancel(frm) {
	frappe.confirm(
		__("Cancel for good? Nobody else is called, and calls still queued at the carrier are taken back. This cannot be undone."),
		() =>
			act(frm, "cancel").then((waiting) => {
				frappe.show_alert({ message: __("Cancelled. {0} people were still waiting.", [waiting]), indicator: "orange" });
				frm.reload_doc();
			})
	);
}

function reject(frm) {
	frappe.prompt(
		{ fieldname: "reason", fieldtype: "Small Text", label: __("Why not"), reqd: 1 },
		(values) => act(frm, "reject", values).then(() => frm.reload_doc()),
		__("Reject this emergency"),
		__("Reject")
	);
}

async function send_test(frm) {
	if (!(await saved(frm))) return;
	const log = await act(frm, "send_test", {}, __("Placing the test"));
	if (log) frappe.show_alert({ message: __("Your test is on its way. {0}", [frappe.utils.get_form_link("Dialer Call Log", log, true, __("Open its log"))]), indicator: "green" });
}

async function decide(frm) {
	if (!(await saved(frm))) return null;
	return act(frm, "preview_audience", {}, __("Reading records and deciding on each"));
}

async function preview(frm) {
	const found = await decide(frm);
	if (found) preview_dialog(frm, found);
}

function preview_dialog(frm, found, consequence) {
	const dialog = new frappe.ui.Dialog({
		title: frm.doc.scheduled_at && frm.doc.status === "Draft" ? __("Decided as of now") : __("If it started now"),
		size: "large",
		fields: [{ fieldname: "shown", fieldtype: "HTML" }],
	});
	const warning = consequence ? `<p><b>${escape_html(consequence)}</b></p>` : "";
	dialog.get_field("shown").$wrapper.html(warning + preview_html(frm, found));
	dialog.show();
	return dialog;
}

function preview_html(frm, found) {
	if (!found.people) return `<p>${__("Nobody is in this audience.")}</p>`;
	const { ALLOW = 0, DEFER = 0, BLOCK = 0 } = found.verdicts;
	const waits = found.next_due ? __("wait, the first until {0}", [frappe.datetime.str_to_user(found.next_due)]) : __("wait for their hour");
	const tiles = [
		[ALLOW, frm.doc.channel === "Text" ? __("get a text") : __("are called"), "green"],
		[DEFER, waits, "yellow"],
		[BLOCK, __("are not called"), "red"],
	].map(tile).join("");
	const more = found.more ? `<p class="text-muted">${__("Counted for the first {0} households only.", [found.people])}</p>` : "";
	const reasons = count_table(
		__("Why not, or not yet"),
		Object.entries(found.reasons).sort((one, other) => other[1] - one[1]).map(([code, count]) => [reason_cell(code), count])
	);
	const places = count_table(
		__("Local time where they are called now"),
		found.local_times.map((one) => [`${escape_html(one.time)} <span class="text-muted">${escape_html(one.zone)}</span>`, one.people])
	);
	const samples = found.samples.map(sample).join("");
	return `<p>${__("{0} households in this audience.", [`<b>${found.people}</b>`])}</p>
		<div class="row mb-3">${tiles}</div>${more}${estimate_html(frm, found.estimate)}
		<div class="row"><div class="col-sm-6">${reasons}</div><div class="col-sm-6">${places}</div></div>
		${samples ? `<h5>${frm.doc.channel === "Text" ? __("What they read") : __("What they hear")}</h5>${samples}` : ""}`;
}

// Before the start for everybody, and while it runs for who is left.
function estimate_html(frm, estimate, spent) {
	const money = (value) => format_currency(value, estimate.currency);
	const parts = [];
	if (spent !== undefined) {
		parts.push(frm.doc.spend_limit ? __("About {0} of {1} spent.", [money(spent), money(frm.doc.spend_limit)]) : __("About {0} spent.", [money(spent)]));
		if (estimate.calls) parts.push(__("Still to come:"));
	}
	if (estimate.calls) {
		const size = estimate.minutes ? __("{0} billed minutes", [estimate.minutes]) : __("{0} segments", [estimate.segments]);
		parts.push(
			estimate.most > estimate.cost
				? __("About {0} if each is reached at once ({1}), at most {2} with all attempts.", [money(estimate.cost), size, money(estimate.most)])
				: __("At most {0} ({1}).", [money(estimate.cost), size])
		);
		if (estimate.texts) parts.push(__("Those whom no call reaches get a text, at most {0} segments.", [estimate.texts]));
		if (estimate.finish) parts.push(__("First attempts end at about {0}.", [frappe.datetime.str_to_user(estimate.finish).replace(/:00$/, "")]));
		if (spent === undefined && frm.doc.spend_limit && estimate.cost > frm.doc.spend_limit) {
			parts.push(`<b class="text-danger">${__("That is more than the spend limit of {0}: the campaign will pause there.", [money(frm.doc.spend_limit)])}</b>`);
		}
	}
	return parts.length ? `<p class="text-muted" data-part="estimate">${parts.join(" ")}</p>` : "";
}

function tile([count, words, colour]) {
	return `<div class="col-sm-4"><div class="border rounded p-3 h-100"><div style="font-size: var(--text-2xl, 20px); font-weight: 600">${count}</div>
		<span class="indicator ${colour}"></span> ${escape_html(words)}</div></div>`;
}

function sample(one) {
	const words = one.problem
		? `<span class="text-danger">${__("No message: {0}", [escape_html(one.problem)])}</span>`
		: `<div style="white-space: pre-line" dir="auto">${escape_html(one.message)}</div>`;
	return `<div class="border rounded p-3 mb-2"><div class="text-muted small mb-1">${escape_html(one.person)} · ${escape_html(one.language || "")}</div>${words}</div>`;
}

function reason_cell(code) {
	return `<span title="${escape_html(code)}">${escape_html(school_dialer.words.reason(code))}</span>`;
}

// Rows are [html, count].
function count_table(title, rows) {
	if (!rows.length) return "";
	const lines = rows.map(([words, count]) => `<tr><td>${words}</td><td class="text-right">${count}</td></tr>`).join("");
	return `<table class="table table-sm"><thead><tr><th scope="col">${title}</th><th scope="col" class="text-right">${__("Households")}</th></tr></thead><tbody>${lines}</tbody></table>`;
}

function show_intro(frm) {
	const colours = { Failed: "red", Paused: "orange" };
	if (frm.doc.status_message) frm.set_intro(escape_html(frm.doc.status_message), colours[frm.doc.status] || "blue");
	else if (frm.is_new()) frm.set_intro(__("Choose who is called and what they hear, then save. Nobody is called before you press Start."), "blue");
	else if (frm.doc.status === "Draft" && frm.perm[0] && frm.perm[0].write) frm.set_intro(__("Press Preview audience to see who would be called, and why others would not."), "blue");
	else if (frm.doc.status === "Awaiting Approval") frm.set_intro(__("Waits for a second person with the role {0}. Nobody has been called.", [__(APPROVER)]), "orange");
	else if (frm.doc.status === "Scheduled") frm.set_intro(__("Starts at {0}.", [frappe.datetime.str_to_user(frm.doc.scheduled_at)]), "blue");
}

async function poll(frm) {
	clearTimeout(frm.poll_timer);
	const name = frm.doc.name;
	if (["Draft", "Awaiting Approval"].includes(frm.doc.status)) return;
	const progress = await ask("progress", { campaign: name });
	if (!progress || frm.doc.name !== name) return;
	if (progress.status !== frm.doc.status) return frm.reload_doc();
	if (frm.doc.status !== "Scheduled") {
		frm.get_field("results_html").$wrapper.html(progress_html(frm, progress));
		school_dialer.answers.show(frm);
		frm.dashboard.clear_headline();
		frm.dashboard.set_headline(headline(progress));
	}
	const route = frappe.get_route();
	if ([...MOVING, "Scheduled"].includes(progress.status) && route[1] === "Dialer Campaign" && route[2] === name) {
		frm.poll_timer = setTimeout(() => poll(frm), POLL_SECONDS * 1000);
	}
}

function headline({ status, total, counts }) {
	if (status === "Preparing") return __("Reading records and deciding on each household: {0} so far.", [total]);
	const done = SETTLED.reduce((sum, state) => sum + (counts[state] || 0), 0);
	return __("{0} of {1} households settled, {2} reached.", [done, total, counts.Reached || 0]);
}

function progress_html(frm, progress) {
	const { total, counts, blocked, next_due } = progress;
	if (!total) return `<p class="text-muted">${__("Nobody has been decided on yet.")}</p>`;
	const present = Object.keys(STATES).filter((state) => counts[state]);
	const words = present.map((state) => `${counts[state]} ${__(state)}`).join(", ");
	const bar = present
		.map((state) => `<div class="progress-bar" title="${counts[state]} ${__(state)}" style="width: ${(100 * counts[state]) / total}%; background: var(--${STATES[state][0]}-500)"></div>`)
		.join("");
	const rows = present.map((state) => [
		`<a class="indicator-pill ${STATES[state][0]}" href="${recipients_url(frm, `status=${encodeURIComponent(state)}`)}">${__(state)}</a> <span class="text-muted">${STATES[state][1]}</span>`,
		counts[state],
	]);
	const reasons = Object.entries(blocked)
		.sort((one, other) => other[1] - one[1])
		.map(([code, count]) => [
			`<a href="${recipients_url(frm, `status=Blocked&reasons=${encodeURIComponent(JSON.stringify(["like", `%${code}%`]))}`)}">${escape_html(school_dialer.words.reason(code))}</a>`,
			count,
		]);
	return `<div class="progress mb-3" style="height: 12px" role="img" aria-label="${words}">${bar}</div>
		${estimate_html(frm, progress.estimate, progress.spent)}
		<div class="row"><div class="col-sm-6">${count_table(__("Results"), [...rows, [`<b>${__("All")}</b>`, `<b>${total}</b>`]])}
		${afterwards_html(frm, progress.afterwards)}
		${next_due ? `<p class="text-muted">${__("The next ones may be called from {0}.", [frappe.datetime.str_to_user(next_due)])}</p>` : ""}</div>
		<div class="col-sm-6">${count_table(__("Not called, and why"), reasons)}
		${reasons.length ? `<p class="text-muted">${__("A household may have several reasons.")}</p>` : ""}</div></div>`;
}

// What those got whom no call reached.
function afterwards_html(frm, { texts, done } = { texts: {}, done: {} }) {
	const rows = Object.entries(texts).map(([state, count]) => [
		`<a href="${recipients_url(frm, `channel=Text&status=${encodeURIComponent(state)}`)}">${__("Text")}: ${state === "Reached" ? __("delivered") : __(state)}</a>`,
		count,
	]);
	const others = { "E-mail": __("E-mail queued"), "No Text": __("No number for a text"), None: __("Neither text nor e-mail was possible") };
	for (const [state, words] of Object.entries(others)) {
		if (done[state]) rows.push([`<a href="${recipients_url(frm, `fallback=${encodeURIComponent(state)}`)}">${words}</a>`, done[state]]);
	}
	return rows.length ? `<div data-part="afterwards">${count_table(__("After the calls"), rows)}</div>` : "";
}

function recipients_url(frm, filters) {
	return `/app/dialer-recipient?campaign=${encodeURIComponent(frm.doc.name)}&${filters}`;
}
