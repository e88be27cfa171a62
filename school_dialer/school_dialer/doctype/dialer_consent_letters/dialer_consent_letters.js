// One file of letters: hand out, or cancel before that.
frappe.ui.form.on("Dialer Consent Letters", {
	refresh(frm) {
		const colours = { Made: "blue", "Handed Out": "green", Canceled: "gray" };
		frm.page.set_indicator(
			frappe.utils.escape_html(__(frm.doc.state || "")),
			colours[frm.doc.state] || "gray",
		);
		const act = async (action) => {
			await frappe.call({
				method: "school_dialer.desk.families.consent_drives.change_letters",
				args: { letters_name: frm.doc.name, action },
				freeze: true,
			});
			frm.reload_doc();
		};
		if (frm.doc.state === "Made") {
			frm.add_custom_button(__("Handed Out"), () => act("hand_out"));
			frm.add_custom_button(__("Cancel Letters"), () =>
				frappe.confirm(
					__(
						"Cancel these {0} letters? Their codes and addresses stop working, and the file is deleted.",
						[cint(frm.doc.families)],
					),
					() => act("cancel"),
				),
			);
		} else if (frm.doc.state === "Handed Out")
			frm.add_custom_button(__("Not Yet Handed Out"), () => act("take_back"));
	},
});
