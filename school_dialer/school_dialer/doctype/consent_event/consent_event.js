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
		if (frm.doc.reference_doctype && frm.doc.reference_name) {
			frm.add_custom_button(school_dialer.plain.line(frm.doc.reference_name), () =>
				frappe.set_route("Form", frm.doc.reference_doctype, frm.doc.reference_name),
			);
		}
	},
});
