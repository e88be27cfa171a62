const CONSENT_COLOURS = { Granted: "green", "Opted Out": "red", Expired: "orange", "No Consent": "gray" };

const people = {};

frappe.listview_settings["Contact Consent"] = {
	hide_name_column: true,
	add_fields: ["status", "person_doctype", "person"],

	formatters: {
		channel: (value) => school_dialer.plain.html(school_dialer.word(value)),
		purpose: (value) => school_dialer.plain.html(school_dialer.word(value)),
		person: (value, _field, doc) => school_dialer.plain.html(people[doc.person_doctype]?.[value] || ""),
	},

	// The names of a page's people, asked for once.
	async refresh(list) {
		const unknown = list.data.filter(
			({ person_doctype, person }) => person && !(people[person_doctype] ||= {})[person],
		);
		if (
			!unknown.length ||
			!frappe.boot.school_dialer.roles.AGENTS.some((role) => frappe.user.has_role(role))
		)
			return;
		const asked = unknown.map(({ person_doctype, person }) => [person_doctype, person]);
		const { message } = await frappe.call({
			method: "school_dialer.desk.numbers.names_of",
			type: "POST",
			args: { people: asked },
		});
		for (const { doctype, name, title } of message || []) people[doctype][name] = title;
		if (message?.length) list.render_list();
	},

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
