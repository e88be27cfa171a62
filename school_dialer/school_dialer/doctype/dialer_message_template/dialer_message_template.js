// Beside this: public/js/template_*.js, the words under the cursor, the field picker and the preview.
frappe.ui.form.on("Dialer Message Template", {
	setup: (frm) => frm.set_query("language", "translations", school_dialer.spoken_languages),
	refresh(frm) {
		school_dialer.words.watch(frm);
		school_dialer.preview.show(frm);
		if (frm.perm[0]?.write)
			frm.add_custom_button(__("Insert field"), () => school_dialer.fields.pick(frm));
	},
	purpose: (frm) => school_dialer.preview.soon(frm),
	voice: (frm) => school_dialer.preview.soon(frm),
	text: (frm) => school_dialer.preview.soon(frm),
	asks: (frm) => school_dialer.preview.soon(frm),
	translations_remove: (frm) => school_dialer.preview.soon(frm),
});

frappe.ui.form.on("Dialer Message Translation", {
	language: (frm) => school_dialer.preview.soon(frm),
	voice: (frm) => school_dialer.preview.soon(frm),
	voicemail: (frm) => school_dialer.preview.soon(frm),
	text: (frm) => school_dialer.preview.soon(frm),
	question: (frm) => school_dialer.preview.soon(frm),
	answers: (frm) => school_dialer.preview.soon(frm),
});
