// What the gate's codes mean, and how its decisions are shown. Included by the forms and lists that need it.
frappe.provide("school_dialer.words");

school_dialer.words.reasons = {
	INVALID_NUMBER: [__("No valid number"), __("Correct the number in the person's record.")],
	UNSUPPORTED_COUNTRY: [__("A country without a policy"), __("A Dialer Policy for the country would be needed.")],
	NO_CONSENT: [__("Has not consented"), __("Ask for consent and record it in Contact Consent.")],
	WRITTEN_CONSENT_REQUIRED: [__("Written consent is missing"), __("Ask for a signed form and record it in Contact Consent.")],
	CONSENT_EXPIRED: [__("Consent has expired"), __("Ask again and record it in Contact Consent.")],
	CONSENT_STALE: [__("Consent was not verified for too long"), __("Check that the number is still theirs and press Verify in Contact Consent.")],
	OPTED_OUT: [__("Opted out"), __("Only the person can undo this.")],
	RESTRICTED_CONTACT: [__("May not be contacted about this child"), __("It follows from the permission in the student's or guardian's record.")],
	EMERGENCY_NOT_APPROVED: [__("The emergency is not approved"), __("A second person has to approve it.")],
	FREQUENCY_CAP: [__("Called often enough lately"), __("It ends by itself.")],
	OUTSIDE_CALLING_HOURS: [__("Outside the permitted hours where they live"), __("It ends by itself.")],
	NO_TIME_ZONE: [__("Time zone unknown"), __("Add an address with a state or postal code to the person's record.")],
	HOLIDAY: [__("A day without calls"), __("It ends by itself.")],
	CARRIER_BLOCKED: [__("Stopped at the carrier"), __("Only the person can undo this, by a text to your number.")],
	MISSING_DATA: [__("Their record lacks what the message says"), __("Complete the record, or give the message other words for that case.")],
};

school_dialer.words.reason = (code) => (school_dialer.words.reasons[code] || [code])[0];

school_dialer.words.reason_list = (codes) => (codes || "").split(", ").filter(Boolean).map(school_dialer.words.reason).join("; ");

school_dialer.words.explanation_html = function (found) {
	const escape = frappe.utils.escape_html;
	const when = (time) => (time ? frappe.datetime.str_to_user(time) : "");
	const colours = { ALLOW: "green", DEFER: "yellow", BLOCK: "red" };
	const verdicts = { ALLOW: __("Permitted"), DEFER: __("Not yet"), BLOCK: __("Blocked") };
	if (!found.verdict) return `<p class="text-muted">${__("No decision is recorded.")}</p>`;
	const reasons = found.reasons
		.map((one) => {
			const until = one.until ? __("Until {0}.", [when(one.until)]) : "";
			return `<li class="mb-3"><b>${escape(one.title)}.</b> ${escape(one.detail)} ${until}
				<div><span class="text-muted">${__("What would change it")}:</span> ${escape(one.change)}</div>
				<div class="text-muted small">${escape(one.citation)} · ${escape(one.code)} · ${escape(one.rule)}</div></li>`;
		})
		.join("");
	const facts = found.facts.map((fact) => `<li>${escape(fact)}</li>`).join("");
	const policy = found.policy && `<a style="text-decoration: underline" href="/app/dialer-policy/${encodeURIComponent(found.policy)}">${escape(found.policy)}</a>`;
	const open = found.person && `<p><a href="${escape(frappe.utils.get_form_link(found.person[0], found.person[1]))}">${__("Open the person's record")}</a></p>`;
	return `<div class="dialer-why">
		<p><span class="indicator-pill ${colours[found.verdict]}">${verdicts[found.verdict]}</span>
		${policy ? __("Decided on {0} by the policy {1}.", [when(found.at), policy]) : ""}</p>
		${reasons ? `<h6>${__("What stands in the way")}</h6><ol class="pl-4">${reasons}</ol>` : ""}
		${open || ""}
		${facts ? `<h6>${__("What was known then")}</h6><ul class="pl-4">${facts}</ul>` : ""}</div>`;
};

school_dialer.words.show_explanation = async function (frm) {
	const field = frm.get_field("why_html");
	field.$wrapper.empty();
	const name = frm.doc.name;
	const { message } = await frappe.call({
		method: "school_dialer.desk.decisions.explain",
		type: "GET",
		args: { doctype: frm.doctype, name },
	});
	if (frm.doc.name === name) field.$wrapper.html(school_dialer.words.explanation_html(message));
};

// The page that tells what happened to the number of this record. The record's name travels in its address, never the number.
school_dialer.words.add_story = function (frm) {
	if (!frappe.user.has_role(["Dialer Agent", "Dialer Manager", "Dialer Compliance Officer"])) return;
	frm.add_custom_button(__("Story of the Number"), () => frappe.set_route("dialer-number", frm.doctype, frm.docname));
};

// JSON lists of names, shown as a list of words. The record's own value: Frappe 16 hands a formatter one that is escaped already.
school_dialer.words.show_lists = function (frm, ...fieldnames) {
	for (const fieldname of fieldnames) {
		frm.get_docfield(fieldname).formatter = () => frappe.utils.escape_html(JSON.parse(frm.doc[fieldname] || "[]").join(", "));
		frm.refresh_field(fieldname);
	}
};
