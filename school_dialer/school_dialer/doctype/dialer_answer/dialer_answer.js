{% include "school_dialer/public/js/decision_words.js" %}

frappe.ui.form.on("Dialer Answer", {
	refresh(frm) {
		frm.disable_save();
		school_dialer.words.show_lists(frm, "students");
	},
});
