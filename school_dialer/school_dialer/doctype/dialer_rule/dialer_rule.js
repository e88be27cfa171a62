const OF_KINDS = [
	"grace_minutes",
	"again_for_siblings",
	"days",
	"below_percent",
	"only_course",
	"required_fields",
	"schedule_html",
	"cron",
	"run_at",
	"on_holiday",
	"holiday_list",
	"weekends",
	"only_in_term",
];
const OF_STUDENTS = ["only_of_doctype", "only_of", "again_after_other_rules", "most_percent", "most_number"];
const ABOUT_DAYS = {
	"Fees due": __("Number of days before the fees are due."),
	"Fees overdue": __("Number of days after the fees were due."),
};
const escape_html = frappe.utils.escape_html;
const RUN_COLOURS = { Open: "blue", "Needs Review": "orange", Done: "green", Missed: "red", Dropped: "gray" };

frappe.ui.form.on("Dialer Rule", {
	async setup(frm) {
		school_dialer.blank_zero(frm, "max_attempts");
		[frm.kinds, frm.audiences] = await Promise.all([ask("rules.kinds"), ask("campaigns.audiences")]);
		show_choices(frm);
	},

	refresh(frm) {
		school_dialer.name_choices(frm, "channel");
		frm.set_query("template", () => ({ filters: { purpose: frm.doc.purpose || undefined } }));
		show_choices(frm);
		school_dialer.audience.show(frm);
		show_sentence(frm, frm.doc.__onload && frm.doc.__onload.sentence);
		if (frm.is_new()) return;
		if (frm.doc.enabled) frm.disable_save();
		else frm.enable_save();
		frm.page.set_indicator(
			frm.doc.enabled ? __("On", null, "Rule") : __("Off", null, "Rule"),
			frm.doc.enabled ? "green" : "gray",
		);
		add_actions(frm);
		show_runs(frm);
	},

	after_save: (frm) => frm.reload_doc(),

	kind(frm) {
		const kind = kind_of(frm);
		if (kind && !kind.purposes.includes(frm.doc.purpose)) frm.set_value("purpose", kind.purposes[0]);
		if (kind && kind.settings.includes("run_at") && !frm.doc.run_at) frm.set_value("run_at", "17:00:00");
		show_choices(frm);
	},

	audience_source(frm) {
		const audience = (frm.audiences || []).find((one) => one.label === frm.doc.audience_source);
		frm.set_value("audience_doctype", audience ? audience.doctype : null);
		frm.set_value("audience_name", null);
		return school_dialer.audience.keep_what_fits(frm).then(() => school_dialer.audience.show(frm));
	},

	audience_name: (frm) => school_dialer.audience.show(frm),
	reach: (frm) => school_dialer.audience.show(frm),

	only_of_doctype: (frm) => frm.set_value("only_of", null),

	purpose: (frm) => frm.set_value("template", null),
});

// The sentence follows what is chosen.
for (const fieldname of [
	...OF_KINDS,
	...OF_STUDENTS,
	"kind",
	"purpose",
	"template",
	"channel",
	"audience_source",
	"audience_name",
]) {
	frappe.ui.form.on("Dialer Rule", { [fieldname]: (frm) => read_aloud(frm) });
}

const read_aloud = frappe.utils.debounce(async (frm) => {
	if (frm.doc.kind && frm.doc.purpose)
		show_sentence(frm, await ask("rules.read_aloud", { rule: frm.doc }, { type: "POST" }));
}, 300);

function ask(method, args, more = {}) {
	return frappe
		.call({ method: `school_dialer.desk.${method}`, type: "GET", args, ...more })
		.then((answer) => answer.message);
}

const may_choose_holidays = () =>
	frappe.model.can_read("Holiday List") || frappe.model.can_select("Holiday List");

function kind_of(frm) {
	return (frm.kinds || []).find((one) => one.label === frm.doc.kind);
}

function show_choices(frm) {
	if (!frm.kinds) return;
	const offered = frm.kinds.filter((one) => !one.missing || one.label === frm.doc.kind);
	frm.set_df_property("kind", "options", [
		"",
		...offered.map((one) => ({ value: one.label, label: school_dialer.plain.line(one.title) })),
	]);
	const kind = kind_of(frm);
	if (kind && kind.audience)
		frm.set_df_property("audience_source", "options", [
			"",
			...frm.audiences
				.filter((one) => one.label !== "CSV file")
				.map((one) => ({ value: one.label, label: school_dialer.plain.line(one.title) })),
		]);
	frm.set_df_property(
		"audience_name",
		"label",
		frm.doc.audience_doctype ? school_dialer.plain.line(__(frm.doc.audience_doctype)) : __("Of"),
	);
	if (kind)
		frm.set_df_property(
			"purpose",
			"options",
			kind.purposes.map((one) => ({ value: one, label: __(one) })),
		);
	for (const fieldname of OF_KINDS)
		frm.toggle_display(fieldname, !!kind && kind.settings.includes(fieldname));
	school_dialer.rule_schedule.show(frm, !!kind && kind.settings.includes("cron"));
	if (!may_choose_holidays()) frm.toggle_display("holiday_list", !!frm.doc.holiday_list);
	for (const fieldname of OF_STUDENTS)
		frm.toggle_display(
			fieldname,
			!!kind && !kind.audience && (fieldname !== "only_of" || !!frm.doc.only_of_doctype),
		);
	for (const fieldname of ["audience_source", "audience_name", "filters_html"])
		frm.toggle_display(
			fieldname,
			!!kind && kind.audience && (fieldname !== "audience_name" || !!frm.doc.audience_doctype),
		);
	frm.toggle_display("s_mass", !!kind && !kind.audience);
	frm.toggle_reqd("audience_source", !!kind && kind.audience);
	frm.set_df_property("days", "description", ABOUT_DAYS[frm.doc.kind] || __("Number of days ahead."));
	if (kind && kind.settings.includes("required_fields") && !frm.doc.enabled) add_field_chooser(frm);
}

function show_sentence(frm, sentence) {
	const empty = __(
		"Choose what the rule looks for. It then reads as a sentence here, and calls no one until it is switched on.",
	);
	frm.layout.show_message();
	frm.layout.show_message(
		`<span data-part="sentence">${escape_html(sentence || empty)}</span>`,
		frm.doc.enabled ? "green" : "blue",
	);
}

function add_field_chooser(frm) {
	if (frm.chooser) return;
	frm.chooser = $(
		`<button type="button" class="btn btn-xs btn-default mb-2">${__("Choose fields")}</button>`,
	).appendTo(frm.get_field("required_fields").$wrapper);
	frm.chooser.on("click", async () => {
		const choices = await ask("rules.field_choices");
		const chosen = new Set((frm.doc.required_fields || "").split("\n"));
		const dialog = school_dialer.dialog({
			title: __("Fields that have to be filled in"),
			fields: [
				{
					fieldname: "fields",
					fieldtype: "MultiCheck",
					columns: 2,
					options: choices.map((one) => ({
						...one,
						label: school_dialer.plain.line(one.label),
						checked: chosen.has(one.value),
					})),
				},
			],
			primary_action_label: __("Choose"),
			primary_action(values) {
				frm.set_value("required_fields", (values.fields || []).join("\n"));
				dialog.hide();
			},
		});
		dialog.show();
	});
}

function add_actions(frm) {
	if (!(frm.perm[0] && frm.perm[0].write)) return;
	frm.add_custom_button(__("Test this rule"), () => try_it(frm));
	if (frm.doc.enabled) {
		frm.add_custom_button(__("Switch off"), () =>
			frappe.confirm(
				__(
					"Switch this rule off? Campaigns that it has started go on; pause or cancel them in their own form.",
				),
				() => act(frm, "switch_off"),
			),
		);
	} else {
		frm.add_custom_button(__("Switch on"), () => switch_on(frm))
			.removeClass("btn-default")
			.addClass("btn-primary");
	}
}

function act(frm, method) {
	return ask(`rules.${method}`, { rule: frm.doc.name }, { type: "POST", freeze: true }).then(() =>
		frm.reload_doc(),
	);
}

async function saved(frm) {
	if (frm.is_dirty()) await frm.save();
	return !frm.is_dirty();
}

// A rule calls no one before a person has seen who it would call today.
async function switch_on(frm) {
	if (!(await saved(frm))) return;
	const found = await dry_run(frm);
	const dialog = result_dialog(
		frm,
		__("Switch on"),
		found,
		__(
			"From now on it calls by itself, without anybody pressing a button. What is due today already is called too:",
		),
	);
	dialog.set_primary_action(__("Switch on"), () => school_dialer.hide_after(dialog, act(frm, "switch_on")));
}

async function try_it(frm) {
	if (!(await saved(frm))) return;
	const day_to_try = await ask("rules.day_to_try", { rule: frm.doc.name }, { type: "GET" });
	const dialog = school_dialer.dialog({
		title: __("Test this rule: who would be called?"),
		size: "large",
		fields: [
			{
				fieldname: "day",
				fieldtype: "Date",
				label: __("Day"),
				reqd: 1,
				default: day_to_try,
				description: __("Checked as of now. Nothing is queued or saved, and no one is called."),
			},
			{ fieldname: "shown", fieldtype: "HTML" },
		],
		primary_action_label: __("Try this day"),
		async primary_action({ day }) {
			dialog.get_field("shown").$wrapper.html(result_html(frm, await dry_run(frm, day)));
		},
	});
	dialog.show();
	school_dialer.details.watch_gaps(frm, dialog);
	dialog.primary_action && dialog.get_primary_btn().trigger("click");
}

function dry_run(frm, day) {
	return ask(
		"rules.dry_run",
		{ rule: frm.doc.name, day },
		{ type: "POST", freeze: true, freeze_message: __("Reading records and checking each person") },
	);
}

function result_dialog(frm, title, found, consequence) {
	const dialog = school_dialer.dialog({
		title,
		size: "large",
		fields: [{ fieldname: "shown", fieldtype: "HTML" }],
	});
	dialog
		.get_field("shown")
		.$wrapper.html(
			`<p><b>${escape_html(frm.doc.__onload.sentence)}</b></p><p>${escape_html(consequence)}</p>${result_html(frm, found)}`,
		);
	dialog.show();
	school_dialer.details.watch_gaps(frm, dialog);
	return dialog;
}

function result_html(frm, found) {
	if (found.closed)
		return `<p class="text-muted" data-part="closed">${__("The rule does not run on this day:")} ${escape_html(found.why_closed)}</p>`;
	if (!found.occasions && !found.others.length && !found.not_shown)
		return `<p class="text-muted">${__("Nothing was found for this day, so no one would be called.")}</p>`;
	const families = found.called === 1 ? __("1 family") : __("{0} families", [found.called]);
	const students = found.students === 1 ? __("1 student") : __("{0} students", [found.students]);
	const words =
		frm.doc.channel === "Text"
			? __("{0} would get a text, about {1}.", [families, students])
			: __("{0} would be called, about {1}.", [families, students]);
	const mass = found.mass
		? `<div class="alert alert-warning" role="alert">${__("More than usual: we'd ask you first.")}</div>`
		: "";
	const people = found.people.map((one) => [
		escape_html(one.name || ""),
		`<span class="text-nowrap">${escape_html(one.phone || __("no working phone number"))}</span>`,
		escape_html(one.students.join(", ")),
		verdict_html(one),
	]);
	const others = found.others.map((one) => [escape_html(one.student), escape_html(one.why)]);
	return `<p class="h5" data-part="would">${words}</p>${mass}${heard_html(found)}${school_dialer.details.gaps_html(found)}
		${table([__("Guardian"), __("Number"), __("About"), __("Decision")], people)}
		${others.length ? `<h5>${__("Students who are not called about")}</h5>${table([__("Student"), __("Why not")], others)}` : ""}
		${found.not_shown ? `<p class="text-muted" data-part="not-shown">${__("Not called about and not shown, since you may not read their records: {0}", [found.not_shown])}</p>` : ""}`;
}

// What another rule has said today: these families are left out, or would hear it twice.
function heard_html({ heard, again }) {
	if (!heard) return "";
	const words = again
		? __("{0} already heard this today and would be called again.", [`<b>${heard}</b>`])
		: __("{0} already heard this today and are not called.", [`<b>${heard}</b>`]);
	return `<p data-part="heard"><span class="indicator orange" aria-hidden="true"></span> ${words}</p>`;
}

function verdict_html(one) {
	const colour = { ALLOW: "green", DEFER: "yellow", BLOCK: "red" }[one.verdict];
	const words = {
		ALLOW: __("called"),
		DEFER: one.until ? __("waits until {0}", [frappe.datetime.str_to_user(one.until)]) : __("waits"),
		BLOCK: __("not called"),
	}[one.verdict];
	const reasons =
		one.verdict === "ALLOW"
			? ""
			: `<div class="text-muted small">${escape_html(school_dialer.words.reason_list(one.reasons.join(", ")))}</div>`;
	const heard = one.heard ? `<div class="text-muted small">${__("already heard this today")}</div>` : "";
	return `<span class="indicator-pill ${colour}">${words}</span>${reasons}${heard}`;
}

function table(headings, rows) {
	if (!rows.length) return "";
	const head = headings.map((one) => `<th scope="col" role="columnheader">${one}</th>`).join("");
	const cell_html = (cell, place) =>
		`<td role="cell" data-heading="${escape_html(headings[place])}"><div>${cell}</div></td>`;
	const body = rows.map((row) => `<tr role="row">${row.map(cell_html).join("")}</tr>`).join("");
	return `<div class="table-responsive border rounded mb-4" style="max-height: 50vh; overflow: auto" tabindex="0"><table class="table table-sm mb-0 mt-0 dialer-stacked" role="table"><thead role="rowgroup"><tr role="row">${head}</tr></thead><tbody role="rowgroup">${body}</tbody></table></div>`;
}

async function show_runs(frm) {
	const name = frm.doc.name;
	const { next, runs } = await ask("rules.runs", { rule: name });
	if (frm.doc.name !== name) return;
	const rows = runs.map((run) => [
		`<a href="/${frappe.boot.school_dialer.desk}/dialer-rule-run/${encodeURIComponent(run.name)}">${escape_html(frappe.datetime.str_to_user(run.day))}</a>`,
		`<span class="indicator-pill ${RUN_COLOURS[run.status] || ""}">${escape_html(__(run.status))}</span>`,
		counted(run.cases),
		counted(run.called),
		escape_html(run.review_reason || run.message || ""),
	]);
	const empty = `<p class="text-muted">${__("It has not run yet. Press Test this rule to see who would have been called on the last school day.")}</p>`;
	frm.get_field("runs_html").$wrapper.html(
		`<p>${escape_html(next)}</p>${rows.length ? table([__("Day"), __("Run", null, "Noun"), __("Students"), __("Families"), __("Note")], rows) : empty}`,
	);
}

function counted(counts) {
	return escape_html(
		Object.entries(counts)
			.map(([status, count]) => `${count} ${__(status)}`)
			.join(", ") || "–",
	);
}
