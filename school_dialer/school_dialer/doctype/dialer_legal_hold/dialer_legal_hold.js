frappe.ui.form.on("Dialer Legal Hold", {
	refresh(frm) {
		if (frm.is_new()) {
			frm.set_intro(
				__(
					"While a hold is in force, nothing kept about the number or person is removed: not by retention, and not by an erasure.",
				),
				"blue",
			);
			return;
		}
		frm.disable_save();
		if (frm.doc.status === "Released") return;
		frm.add_custom_button(__("Release"), () =>
			school_dialer.prompt(
				{ fieldname: "reason", fieldtype: "Small Text", label: __("Why the hold ends"), reqd: 1 },
				async ({ reason }) => {
					await frappe.call({
						method: "school_dialer.desk.privacy.release_hold",
						type: "POST",
						args: { name: frm.doc.name, reason },
						freeze: true,
					});
					frm.reload_doc();
				},
				__("Release the hold"),
				__("Release"),
			),
		);
	},
});
