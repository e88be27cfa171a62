frappe.ui.form.on("Dialer Call Log", {
	refresh(frm) {
		frm.disable_save();
		school_dialer.show_translated(frm, "fields_used");
		school_dialer.translate_form(frm, "result", "voicemail_left", "transfer_state", "purpose", "channel");
		const { state, answered } = school_dialer.calls;
		school_dialer.calls.show(frm, { status: state, answered_by: answered });
		frm.toggle_display("s_decision", frm.doc.direction === "Outbound");
		school_dialer.words.add_story(frm);
		if (frm.doc.direction === "Outbound") school_dialer.words.show_explanation(frm);
	},
});
