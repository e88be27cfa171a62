frappe.ui.form.on("Dialer Recipient", {
	refresh(frm) {
		frm.disable_save();
		if (frm.is_new()) return;
		school_dialer.words.show_explanation(frm);
		school_dialer.words.show_lists(frm, "students");
		frm.add_custom_button(__("Call logs"), () => frappe.set_route("List", "Dialer Call Log", { recipient: frm.doc.name }));
		if (frm.doc.phone) {
			frm.add_custom_button(__("Consent"), () => frappe.set_route("List", "Contact Consent", { phone: frm.doc.phone }));
		}
	},
});
