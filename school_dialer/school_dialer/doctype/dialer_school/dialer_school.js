frappe.ui.form.on("Dialer School", {
	// Frappe gives a new record the present time and the user's own language. Blank means: as in Dialer Settings.
	onload(frm) {
		if (frm.is_new()) {
			const blank = ["calls_from", "calls_until", "office_opens", "office_closes", "default_language"];
			for (const field of blank) frm.doc[field] = null;
		}
	},

	refresh(frm) {
		if (frm.is_new()) return;
		frm.add_custom_button(__("Students without a School"), () =>
			frappe.set_route("query-report", "Students without a School"),
		);
	},
});
