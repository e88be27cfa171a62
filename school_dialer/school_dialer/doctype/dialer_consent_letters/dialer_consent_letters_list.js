// Letters by class, and the letter of one family at enrollment.
frappe.listview_settings["Dialer Consent Letters"] = {
	hide_name_column: true,

	onload(listview) {
		listview.page.add_inner_button(__("Card at Enrollment"), () =>
			school_dialer.prompt(
				[
					{
						fieldname: "student",
						fieldtype: "Link",
						options: "Student",
						reqd: 1,
						label: __("Student"),
					},
					{
						fieldname: "language",
						fieldtype: "Link",
						options: "Language",
						label: __("Language"),
						description: __("Leave blank for the language on record."),
					},
				],
				async ({ student, language }) => {
					const { message } = await frappe.call({
						method: "school_dialer.desk.families.consent_drives.card",
						args: { student, language },
						freeze: true,
					});
					frappe.set_route("Form", "Dialer Consent Letters", message);
				},
				__("Card at Enrollment"),
				__("Make"),
			),
		);
	},
};
