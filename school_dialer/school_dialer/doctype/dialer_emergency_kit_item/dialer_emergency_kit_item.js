frappe.ui.form.on("Dialer Emergency Kit Item", {
	async setup(frm) {
		frm.audiences = await frappe.xcall("school_dialer.desk.campaigns.audiences", {}, "GET");
		show_audiences(frm);
	},

	refresh(frm) {
		school_dialer.name_choices(frm, "channel");
		frm.set_query("template", () => ({ filters: { purpose: "Emergency" } }));
		show_audiences(frm);
		if (frm.is_new()) return;
		const { approved, digest } = frm.doc.__onload || {};
		frm.page.set_indicator(approved ? __("Approved") : __("Not Approved"), approved ? "green" : "orange");
		if (approved || frm.is_dirty() || !frappe.user.has_role("Dialer Emergency Approver")) return;
		frm.add_custom_button(__("Approve"), () =>
			frappe.confirm(
				__(
					"Those who may start this can send these words to this audience. A second person is still asked at that time. Approve it?",
				),
				async () => {
					await frappe.xcall("school_dialer.desk.emergency_kit.items.approve", {
						item: frm.doc.name,
						seen: digest,
					});
					frm.reload_doc();
				},
			),
		).addClass("btn-primary");
	},

	after_save: (frm) => frm.reload_doc(),

	audience_source(frm) {
		const audience = (frm.audiences || []).find((one) => one.label === frm.doc.audience_source);
		frm.set_value("audience_doctype", audience ? audience.doctype : null);
		frm.set_value("audience_name", null);
	},
});

// Lists of names are not offered: whom an item calls is the same whenever it is started.
function show_audiences(frm) {
	const choices = (frm.audiences || [])
		.filter((one) => one.label !== "CSV file")
		.map((one) => ({ value: one.label, label: one.title }));
	frm.set_df_property("audience_source", "options", [{ value: "", label: "" }, ...choices]);
}
