const CONSENT_COLOURS = { Granted: "green", "Opted Out": "red", Expired: "orange", "No Consent": "gray" };

frappe.listview_settings["Contact Consent"] = {
	hide_name_column: true,
	add_fields: ["status", "person_doctype", "person"],

	formatters: school_dialer.worded("channel", "purpose", "basis"),

	get_indicator(doc) {
		return [__(doc.status), CONSENT_COLOURS[doc.status] || "gray", `status,=,${doc.status}`];
	},

	onload(list) {
		const again = () => list.refresh();
		const add = (label, run, group) =>
			list.page.add_inner_button(
				label,
				() =>
					frappe.require("/assets/school_dialer/js/consent_actions.js", () =>
						run(school_dialer.consent),
					),
				group,
			);
		add(__("Record Opt-out"), (actions) => actions.opt_out(null, again));
		if (!frappe.user.has_role(frappe.boot.school_dialer.roles.MANAGERS)) return;
		const group = __("Consent");
		add(__("Record Consent"), (actions) => actions.grant(null, again), group);
		add(__("Consent at Enrollment"), (actions) => actions.enrolment(again), group);
		add(__("Import"), (actions) => actions.import_file(again), group);
	},
};
