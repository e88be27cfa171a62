frappe.ui.form.on("Dialer Privacy Choice", {
	refresh(frm) {
		if (frm.is_new()) return;
		frm.disable_save();
		if (frm.doc.status === "Ended") return;
		frm.add_custom_button(__("End"), () =>
			school_dialer.prompt(
				{ fieldname: "reason", fieldtype: "Small Text", label: __("Why It Ends"), reqd: 1 },
				async ({ reason }) => {
					await frappe.call({
						method: "school_dialer.desk.privacy.end_choice",
						type: "POST",
						args: { name: frm.doc.name, reason },
						freeze: true,
					});
					frm.reload_doc();
				},
				__("End the Privacy Choice"),
				__("End"),
			),
		);
	},
});
