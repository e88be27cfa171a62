// An opt-out that staff recorded by mistake is taken back by a manager. Both stay in the ledger.
function offer_correction(frm) {
	if (!frm.doc.__onload?.by_staff) return;
	if (!frappe.user.has_role(frappe.boot.school_dialer.roles.MANAGERS)) return;
	frm.add_custom_button(__("Recorded by mistake"), () =>
		school_dialer.prompt(
			[
				{
					fieldname: "reason",
					fieldtype: "Small Text",
					label: __("Reason"),
					description: __("The ledger keeps the opt-out, this correction, and the reason."),
					reqd: 1,
				},
			],
			({ reason }) =>
				frappe
					.call({
						method: "school_dialer.desk.consent.correct_opt_out",
						type: "POST",
						args: { name: frm.docname, reason },
						freeze: true,
					})
					.then(({ message }) => frappe.set_route("Form", "Consent Event", message.event)),
			__("Recorded by mistake"),
			__("Take back the opt-out"),
		),
	);
}

// A form that one manager recorded counts as the person's own word once another one has looked at it.
function offer_form(frm) {
	if (!frm.doc.__onload?.form_to_confirm || frm.doc.actor === frappe.session.user) return;
	if (!frappe.user.has_role(frappe.boot.school_dialer.roles.MANAGERS)) return;
	frm.add_custom_button(__("Confirm the Signed Form"), () =>
		frappe.confirm(
			__(
				"Open the attachment first. Is it this person's form, signed, and does it say what is recorded here? It undoes what the person stopped before they signed it.",
			),
			() =>
				frappe
					.call({
						method: "school_dialer.desk.consent.confirm_form",
						type: "POST",
						args: { name: frm.docname },
						freeze: true,
					})
					.then(({ message }) => frappe.set_route("Form", "Consent Event", message.event)),
		),
	);
}

frappe.ui.form.on("Consent Event", {
	refresh(frm) {
		school_dialer.translate_form(
			frm,
			"person_doctype",
			"reference_doctype",
			"channel",
			"purpose",
			"scope",
			"basis",
			"source",
		);
		frm.disable_save();
		offer_correction(frm);
		offer_form(frm);
		if (frm.doc.reference_doctype && frm.doc.reference_name) {
			frm.add_custom_button(school_dialer.plain.line(frm.doc.reference_name), () =>
				frappe.set_route("Form", frm.doc.reference_doctype, frm.doc.reference_name),
			);
		}
	},
});
