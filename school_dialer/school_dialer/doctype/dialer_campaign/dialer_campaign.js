const POLL_SECONDS = 3;
const MOVING = ["Preparing", "Running"];
const STATE_COLOURS = {
	Reached: "green",
	Dialing: "blue",
	Pending: "gray",
	Retry: "yellow",
	Deferred: "yellow",
	"Not Reached": "orange",
	Unknown: "purple",
	Blocked: "red",
	Cancelled: "gray",
};

frappe.ui.form.on("Dialer Campaign", {
	async setup(frm) {
		frm.audiences = (await ask("audiences")) || [];
		show_audiences(frm);
	},

	refresh(frm) {
		show_audiences(frm);
		frm.set_query("template", () => ({ filters: { purpose: frm.doc.purpose || undefined } }));
		frm.set_df_property("details", "description", __("Words for the field {0} in the message: the event, its date and place.", ["<code>{{ campaign_details }}</code>"]));
		if (frm.is_new()) return;
		add_actions(frm);
		show_intro(frm);
		poll(frm);
	},

	audience_source(frm) {
		const audience = frm.audiences.find((one) => one.label === frm.doc.audience_source);
		frm.set_value("audience_doctype", audience ? audience.doctype : null);
		frm.set_value("audience_name", null);
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

function show_audiences(frm) {
	if (!frm.audiences) return;
	frm.set_df_property(
		"audience_source",
		"options",
		["", ...frm.audiences.map((one) => ({ value: one.label, label: one.title }))]
	);
}

function add_actions(frm) {
	const status = frm.doc.status;
	const may_write = frm.perm[0] && frm.perm[0].write;
	const approver = frappe.user.has_role("Dialer Emergency Approver");
	if (may_write && status === "Draft") {
		frm.add_custom_button(__("Preview audience"), () => preview(frm));
		frm.add_custom_button(__("Send test to me"), () => send_test(frm));
		if (frm.doc.scheduled_at && frm.doc.purpose !== "Emergency") {
			primary(frm, __("Schedule"), () => confirmed(frm, "schedule", __("Start this campaign at {0}?", [frappe.datetime.str_to_user(frm.doc.scheduled_at)])));
		} else {
			const question = frm.doc.purpose === "Emergency"
				? __("Ask a second person to approve this emergency call?")
				: __("Call the people of this audience now?");
			primary(frm, frm.doc.purpose === "Emergency" ? __("Ask for approval") : __("Start"), () => confirmed(frm, "start", question));
		}
	}
	if (status === "Awaiting Approval") {
		frm.add_custom_button(__("Preview audience"), () => preview(frm));
		if (approver) {
			primary(frm, __("Approve and call"), () => confirmed(frm, "approve", __("Approve this emergency? Everyone in the audience is called now, at any hour, with or without consent.")));
			frm.add_custom_button(__("Reject"), () => reject(frm));
		}
	}
	if (may_write && ["Awaiting Approval", "Scheduled"].includes(status)) {
		frm.add_custom_button(__("Back to draft"), () => confirmed(frm, "back_to_draft", __("Take this campaign back to draft?")));
	}
	if (may_write && MOVING.includes(status)) {
		frm.add_custom_button(__("Pause"), () => act(frm, "pause").then(() => frm.reload_doc()));
	}
	if (may_write && status === "Paused") {
		primary(frm, __("Resume"), () => act(frm, "resume").then(() => frm.reload_doc()));
	}
	if (may_write && ["Awaiting Approval", "Scheduled", "Paused", ...MOVING].includes(status)) {
		frm.add_custom_button(__("Cancel campaign"), () => cancel(frm)).addClass("btn-danger");
	}
	if (!["Draft", "Awaiting Approval", "Scheduled"].includes(status)) {
		frm.add_custom_button(__("Recipients"), () => frappe.set_route("List", "Dialer Recipient", { campaign: frm.doc.name }), __("View"));
		frm.add_custom_button(__("Call logs"), () => frappe.set_route("List", "Dialer Call Log", { campaign: frm.doc.name }), __("View"));
	}
}

function primary(frm, label, action) {
	frm.add_custom_button(label, action).removeClass("btn-default").addClass("btn-primary");
}

function confirmed(frm, method, question) {
	const go = () => frappe.confirm(question, () => act(frm, method, {}, __("One moment")).then(() => frm.reload_doc()));
	frm.is_dirty() ? frm.save().then(go) : go();
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
	frappe.prompt({ fieldname: "reason", fieldtype: "Small Text", label: __("Why not"), reqd: 1 }, (values) =>
		act(frm, "reject", values).then(() => frm.reload_doc())
	);
}

async function send_test(frm) {
	if (frm.is_dirty()) await frm.save();
	const log = await act(frm, "send_test", {}, __("Placing the test"));
	if (log) frappe.show_alert({ message: __("Your test is on its way. {0}", [frappe.utils.get_form_link("Dialer Call Log", log, true, __("Open its log"))]), indicator: "green" });
}

async function preview(frm) {
	if (frm.is_dirty()) await frm.save();
	const found = await act(frm, "preview_audience", {}, __("Reading records and deciding on each"));
	if (!found) return;
	frappe.msgprint({
		title: __("If it started now"),
		message: preview_html(found),
		wide: true,
	});
}

function preview_html(found) {
	const { ALLOW = 0, DEFER = 0, BLOCK = 0 } = found.verdicts;
	if (!found.people) return `<p>${__("Nobody is in this audience.")}</p>`;
	const more = found.more ? `<p class="text-muted">${__("Counted for the first {0}.", [found.people])}</p>` : "";
	const reasons = Object.entries(found.reasons)
		.sort((one, other) => other[1] - one[1])
		.map(([code, count]) => `<tr><td>${reason_words(code)}</td><td class="text-right">${count}</td></tr>`)
		.join("");
	const samples = found.samples
		.map(
			(one) => `<div class="border rounded p-3 mb-2"><div class="text-muted small mb-1">${frappe.utils.escape_html(one.person)} · ${frappe.utils.escape_html(one.language || "")}</div>
				${one.problem ? `<span class="text-danger">${frappe.utils.escape_html(one.problem)}</span>` : `<div style="white-space: pre-line" dir="auto">${frappe.utils.escape_html(one.message)}</div>`}</div>`
		)
		.join("");
	return `<p>${__("{0} households: {1} would be called, {2} wait for their hour, {3} are blocked.", [found.people, ALLOW, DEFER, BLOCK].map((count) => `<b>${count}</b>`))}</p>${more}
		${reasons ? `<table class="table table-sm"><thead><tr><th>${__("Reason")}</th><th class="text-right">${__("Households")}</th></tr></thead><tbody>${reasons}</tbody></table>` : ""}
		${samples ? `<h5>${__("What they hear")}</h5>${samples}` : ""}`;
}

function reason_words(code) {
	const words = {
		INVALID_NUMBER: __("No valid number"),
		UNSUPPORTED_COUNTRY: __("A country without a policy"),
		NO_CONSENT: __("Has not consented"),
		WRITTEN_CONSENT_REQUIRED: __("Written consent is missing"),
		CONSENT_EXPIRED: __("Consent has expired"),
		CONSENT_STALE: __("Consent was not verified for too long"),
		OPTED_OUT: __("Opted out"),
		RESTRICTED_CONTACT: __("May not be contacted about this child"),
		EMERGENCY_NOT_APPROVED: __("The emergency is not approved yet"),
		FREQUENCY_CAP: __("Called often enough lately"),
		OUTSIDE_CALLING_HOURS: __("Outside the permitted hours where they live"),
		NO_TIME_ZONE: __("Time zone unknown"),
		HOLIDAY: __("A day without calls"),
		CARRIER_BLOCKED: __("Stopped at the carrier"),
		MISSING_DATA: __("Their record lacks what the message says"),
	};
	return `${words[code] || frappe.utils.escape_html(code)} <span class="text-muted small">${frappe.utils.escape_html(code)}</span>`;
}

function show_intro(frm) {
	const colours = { Failed: "red", Paused: "orange", Draft: "blue" };
	if (frm.doc.status_message) frm.set_intro(frappe.utils.escape_html(frm.doc.status_message), colours[frm.doc.status] || "blue");
	else if (frm.doc.status === "Draft") frm.set_intro(__("Press Preview audience to see who would be called, and why others would not."), "blue");
	else if (frm.doc.status === "Awaiting Approval") frm.set_intro(__("Waits for a second person with the role Dialer Emergency Approver."), "orange");
}

async function poll(frm) {
	clearTimeout(frm.poll_timer);
	const name = frm.doc.name;
	if (["Draft", "Awaiting Approval", "Scheduled"].includes(frm.doc.status)) {
		frm.get_field("results_html").$wrapper.html(`<p class="text-muted">${__("Results appear here once the campaign has started.")}</p>`);
		return;
	}
	const progress = await ask("progress", { campaign: name });
	if (!progress || frm.doc.name !== name) return;
	frm.get_field("results_html").$wrapper.html(progress_html(frm, progress));
	frm.dashboard.clear_headline();
	frm.dashboard.set_headline(headline(progress));
	if (progress.status !== frm.doc.status) return frm.reload_doc();
	const route = frappe.get_route();
	if (MOVING.includes(progress.status) && route[1] === "Dialer Campaign" && route[2] === name) {
		frm.poll_timer = setTimeout(() => poll(frm), POLL_SECONDS * 1000);
	}
}

function headline(progress) {
	const { total, counts } = progress;
	const done = ["Reached", "Not Reached", "Blocked", "Cancelled"].reduce((sum, state) => sum + (counts[state] || 0), 0);
	return __("{0} of {1} households settled, {2} reached.", [done, total, counts.Reached || 0]);
}

function progress_html(frm, progress) {
	const { total, counts, blocked, next_due } = progress;
	const bar = Object.keys(STATE_COLOURS)
		.filter((state) => counts[state])
		.map((state) => `<div class="progress-bar" role="progressbar" aria-label="${__(state)}" aria-valuenow="${counts[state]}" aria-valuemin="0" aria-valuemax="${total}" style="width: ${(100 * counts[state]) / total}%; background: var(--${STATE_COLOURS[state]}-500)"></div>`)
		.join("");
	const rows = Object.keys(STATE_COLOURS)
		.filter((state) => counts[state])
		.map((state) => `<tr><td><span class="indicator-pill ${STATE_COLOURS[state]}">${__(state)}</span></td><td class="text-right">${counts[state]}</td></tr>`)
		.join("");
	const reasons = Object.entries(blocked)
		.map(([code, count]) => `<tr><td>${reason_words(code)}</td><td class="text-right">${count}</td></tr>`)
		.join("");
	return `<div class="progress mb-3" style="height: 12px">${bar}</div>
		<div class="row"><div class="col-sm-6"><table class="table table-sm"><thead><tr><th>${__("Households")}</th><th class="text-right">${total}</th></tr></thead><tbody>${rows}</tbody></table>
		${next_due ? `<p class="text-muted">${__("The next ones may be called from {0}.", [frappe.datetime.str_to_user(next_due)])}</p>` : ""}</div>
		<div class="col-sm-6">${reasons ? `<table class="table table-sm"><thead><tr><th>${__("Blocked, and why")}</th><th></th></tr></thead><tbody>${reasons}</tbody></table>` : ""}</div></div>`;
}
