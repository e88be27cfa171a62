// How the gate's decisions are shown. Included by the forms and lists that need it.
frappe.provide("school_dialer.words");

school_dialer.words.reason = (code) => (frappe.boot.school_dialer.reasons[code] || [code])[0];

school_dialer.words.reason_list = (codes) =>
	(codes || "").split(", ").filter(Boolean).map(school_dialer.words.reason).join("; ");

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
	const policy =
		found.policy &&
		`<a style="text-decoration: underline" href="/${frappe.boot.school_dialer.desk}/dialer-policy/${encodeURIComponent(found.policy)}">${escape(found.policy)}</a>`;
	const open =
		found.person &&
		`<p><a href="${escape(frappe.utils.get_form_link(found.person[0], found.person[1]))}">${__("Open the person's record")}</a></p>`;
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
	if (!frappe.user.has_role(frappe.boot.school_dialer.roles.AGENTS)) return;
	frm.add_custom_button(__("Call History"), () =>
		frappe.set_route("dialer-number", frm.doctype, frm.docname),
	);
};
