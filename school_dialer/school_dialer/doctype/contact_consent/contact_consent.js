const ACTIONS = "/assets/school_dialer/js/consent_actions.js";

frappe.ui.form.on("Contact Consent", {
	refresh(frm) {
		school_dialer.translate_form(
			frm,
			"person_doctype",
			"source",
			"channel",
			"purpose",
			"basis",
			"opt_out_scope",
		);
		show_line(frm);
		frm.disable_save();
		add_action(frm, __("Record Opt-out"), "opt_out");
		if (frappe.user.has_role(frappe.boot.school_dialer.roles.MANAGERS)) {
			add_action(frm, __("Record Consent"), "grant");
		}
		add_action(frm, __("Verify"), "verify");
		add_action(frm, __("Wrong Number"), "wrong_number");
		frm.add_custom_button(
			__("Call History"),
			() => frappe.set_route("dialer-number", frm.doctype, frm.docname),
			__("Open", null, "Verb"),
		);
		if (frm.doc.person && frm.doc.person_doctype) {
			frm.add_custom_button(
				school_dialer.plain.line(frm.doc.person),
				() => frappe.set_route("Form", frm.doc.person_doctype, frm.doc.person),
				__("Open", null, "Verb"),
			);
		}
	},
});

// The type of line and the last look-up, above the form.
function show_line(frm) {
	const { html } = school_dialer.plain;
	const pills = ((frm.doc.__onload || {}).line || []).map(
		({ text, colour }) =>
			`<span class="indicator-pill ${html(colour)} no-indicator-dot mr-2">${html(text)}</span>`,
	);
	frm.dashboard.clear_headline();
	if (pills.length) frm.dashboard.set_headline(`<span data-part="line">${pills.join("")}</span>`);
}

function add_action(frm, label, action) {
	frm.add_custom_button(label, () =>
		frappe.require(ACTIONS, () => school_dialer.consent[action](frm.doc, () => frm.reload_doc())),
	);
}
