frappe.ui.form.on("Dialer Review", {
	refresh(frm) {
		school_dialer.show_translated(frm, "words");
		if (frm.doc.status !== "Open") return;
		frm.add_custom_button(__("Mark as looked at"), () =>
			school_dialer.prompt(
				{ fieldname: "note", fieldtype: "Small Text", label: __("What was done"), reqd: 1 },
				({ note }) =>
					frappe
						.call({
							method: "school_dialer.help_desk.actions.close_review",
							type: "POST",
							args: { name: frm.doc.name, note },
							freeze: true,
						})
						.then(() => frm.reload_doc()),
				__("Looked at"),
			),
		);
	},
});
