frappe.listview_settings["Dialer Campaign"] = {
	hide_name_column: true,
	add_fields: ["status"],
	formatters: school_dialer.worded("channel"),

	get_indicator(doc) {
		const colours = {
			Draft: "gray",
			"Awaiting Approval": "orange",
			Scheduled: "purple",
			Preparing: "light-blue",
			Running: "blue",
			Paused: "yellow",
			Completed: "green",
			Cancelled: "gray",
			Failed: "red",
		};
		return [__(doc.status), colours[doc.status], `status,=,${doc.status}`];
	},

	// The audiences are those of the installed apps, so the filter learns them here.
	async onload(list) {
		if (frappe.model.can_create("Dialer Campaign"))
			school_dialer.first_action(list, __("Tell Families"), () => frappe.set_route("dialer-tell"));
		const { roles, teachers } = frappe.boot.school_dialer;
		if (teachers && frappe.user.has_role(roles.MANAGER))
			list.page.add_inner_button(__("Messages from Teachers"), () =>
				frappe.set_route("dialer-teacher"),
			);
		const { message } = await frappe.call({
			method: "school_dialer.desk.campaigns.audiences",
			type: "GET",
		});
		const field = frappe.meta.get_docfield("Dialer Campaign", "audience_source");
		field.options = ["", ...message.map((one) => one.label)].join("\n");
	},
};
