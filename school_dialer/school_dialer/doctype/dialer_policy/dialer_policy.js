// What a rule rests on (`compliance.laws.RESTS_ON`): courts are not bound by an agency's order.
const GROUNDS = {
	statute: __("Rests on a statute"),
	rule: __("Rests on a rule"),
	order: __("Rests on an order of an agency alone"),
	choice: __("Our own choice"),
};

frappe.ui.form.on("Dialer Policy", {
	refresh(frm) {
		frm.set_df_property("rules", "read_only", frm.doc.used ? 1 : 0);
		for (const fieldname of ["policy_name", "version"])
			frm.set_df_property(fieldname, "read_only", frm.doc.used ? 1 : 0);
		show_summary(frm);
		if (!frm.is_new() && frappe.model.can_create("Dialer Policy"))
			frm.add_custom_button(__("Amend"), () => amend(frm));
	},

	rules(frm) {
		show_summary(frm);
	},
});

function read_rules(frm) {
	try {
		return JSON.parse(frm.doc.rules);
	} catch {
		return null;
	}
}

function show_summary(frm) {
	const rules = read_rules(frm);
	const html =
		rules && rules.hours && rules.consent
			? summary_html(rules)
			: `<p class="text-muted">${__("The rules cannot be read.")}</p>`;
	frm.get_field("summary_html").$wrapper.html(html);
}

function summary_html(rules) {
	const escape = frappe.utils.escape_html;
	const section = (title, lines) =>
		lines.length
			? `<h5 class="mt-3">${title}</h5><ul class="pl-4 mb-0">${lines.map((line) => `<li>${line}</li>`).join("")}</ul>`
			: "";
	const states = Object.entries(rules.hours.states).map(
		([state, rule]) =>
			`<tr><td>${escape(state)}</td><td>${escape(hours_words(rule.days))}</td><td class="text-muted">${escape(source_words(rule))}</td></tr>`,
	);
	const bases = Object.entries(rules.consent.bases).map(([purpose, list]) =>
		__("{0}: {1}.", [
			purpose === "*" ? __("Every purpose not named here") : __(purpose),
			list.map((basis) => __(basis)).join(", "),
		]),
	);
	if (rules.consent.stale_after_days)
		bases.push(
			__("A consent holds {0} days after it was last verified.", [rules.consent.stale_after_days]),
		);
	const holidays = (rules.holidays.legal || []).map((day) => day.name);
	const days = [];
	if (rules.holidays.keep_listed) days.push(__("The school's own holidays in Dialer Settings are kept."));
	if (holidays.length)
		days.push(
			__("Legal holidays are kept in {0}: {1}.", [
				rules.holidays.legal_in_states.join(", ") || __("the whole country"),
				holidays.join(", "),
			]),
		);
	return `<p><b>${escape(rules.title)}</b></p>
		${section(__("Hours, in the local time of the person"), [escape(hours_words(rules.hours.days))])}
		${
			states.length
				? `<details class="mt-2"><summary>${states.length === 1 ? __("One state has its own hours") : __("{0} states have their own hours", [states.length])}</summary>
			<table class="table table-sm"><thead><tr><th scope="col">${__("State")}</th><th scope="col">${__("Hours")}</th><th scope="col">${__("Source")}</th></tr></thead><tbody>${states.join("")}</tbody></table></details>`
				: ""
		}
		${section(
			__("Laws on automatic dialing"),
			(rules.laws || []).map((law) => escape(law_words(law))),
		)}
		${section(
			__("How often"),
			rules.caps.map((cap) => escape(cap_words(cap))),
		)}
		${section(__("Consent that counts"), bases.map(escape))}
		${section(__("Days without calls"), days.map(escape))}
		<p class="text-muted mt-3">${__("A school's approved emergency is exempt from hours, days and consent.")}</p>`;
}

function hours_words(days) {
	const one = (span) => (span ? `${span[0]}–${span[1]}` : __("no calls"));
	return Object.entries(days)
		.map(([day, span]) => (day === "*" ? one(span) : `${__(day)} ${one(span)}`))
		.join("; ");
}

function law_words(law) {
	const exempt = (law.exempt || []).map((one) =>
		[...(one.purposes || []), ...(one.callers || []), ...(one.channels || [])]
			.map((word) => __(word))
			.join(", "),
	);
	const days = (law.holidays || []).map((day) => day.name);
	const draft = law.draft_from
		? __("A draft, not in force. It may come into force on {0}", [
				frappe.datetime.str_to_user(law.draft_from),
			])
		: "";
	return sentences([
		draft,
		`${law.states.join(", ")}: ${law.title}`,
		law.days ? hours_words(law.days) : "",
		days.length ? __("Also on {0}", [days.join(", ")]) : "",
		exempt.length ? __("Exempt: {0}", [exempt.join("; ")]) : "",
		`${source_words(law)} (${__("to be checked again by {0}", [frappe.datetime.str_to_user(law.review_by)])})`,
	]);
}

function cap_words(cap) {
	const period =
		cap.hours % 24 || cap.hours < 48 ? __("{0} hours", [cap.hours]) : __("{0} days", [cap.hours / 24]);
	const where = cap.states.length ? ` ${__("In {0}.", [cap.states.join(", ")])}` : "";
	const whom = cap.landline_without_consent ? ` ${__("For landlines called without consent.")}` : "";
	const what =
		cap.per === "purpose"
			? __("At most {0} calls and texts to a number about one purpose in {1}.", [cap.maximum, period])
			: __("At most {0} calls and texts to a number in {1}.", [cap.maximum, period]);
	return `${what}${where}${whom} (${source_words(cap)})`;
}

// Policies of before do not say what their rules rest on.
function source_words({ citation, rests_on }) {
	return sentences([citation, GROUNDS[rests_on]]);
}

// Some end in a period already, such as "until 9 p.m.".
function sentences(parts) {
	return parts
		.filter(Boolean)
		.map((part) => part.replace(/\.$/, ""))
		.join(". ");
}

function amend(frm) {
	school_dialer.prompt(
		[
			{
				fieldname: "version",
				fieldtype: "Data",
				label: __("New version"),
				reqd: 1,
				description: school_dialer.plain.html(__("The present one is {0}.", [frm.doc.version])),
			},
			{
				fieldname: "effective_from",
				fieldtype: "Date",
				label: __("In effect from"),
				reqd: 1,
				default: frappe.datetime.get_today(),
			},
			{ fieldname: "reason", fieldtype: "Small Text", label: __("Reason for the change"), reqd: 1 },
		],
		({ version, effective_from, reason }) => {
			const rules = { ...read_rules(frm), version, effective_from };
			const amended = frm.doc.name;
			const policy_name = frm.doc.policy_name;
			frappe.model.with_doctype("Dialer Policy", () => {
				const copy = frappe.model.get_new_doc("Dialer Policy");
				Object.assign(copy, {
					policy_name,
					version,
					reason,
					amended_version: amended,
					enabled: 1,
					rules: JSON.stringify(rules, null, 1),
				});
				frappe.set_route("Form", "Dialer Policy", copy.name);
				frappe.show_alert({ message: __("Change the rules, then save."), indicator: "blue" });
			});
		},
		school_dialer.plain.line(__("Amend {0}", [frm.doc.name])),
		__("Make a copy"),
	);
}
