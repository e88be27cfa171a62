// Audiences under a name: a campaign takes a copy of one, or becomes one.
(() => {
	const { audience } = school_dialer;

	audience.use_saved = (frm) => {
		school_dialer.prompt(
			{
				fieldname: "audience",
				fieldtype: "Link",
				options: "Dialer Audience",
				label: __("Audience"),
				reqd: 1,
			},
			async ({ audience: name }) => {
				const saved = await frappe.db.get_doc("Dialer Audience", name);
				await frm.set_value("school", saved.school || null);
				await frm.set_value("audience_filters", null);
				await frm.set_value("audience_source", saved.audience_source);
				await frm.set_value("audience_doctype", saved.audience_doctype);
				await frm.set_value("audience_name", saved.audience_name);
				await frm.set_value("audience_filters", saved.audience_filters);
				audience.show(frm);
			},
			__("Use a saved audience"),
			__("Use"),
		);
	};

	audience.save = (frm) => {
		school_dialer.prompt(
			{
				fieldname: "title",
				fieldtype: "Data",
				label: __("Name"),
				reqd: 1,
				description: __("Who it is, with its conditions. Other campaigns can use it."),
			},
			async ({ title }) => {
				const { audience_source, audience_doctype, audience_name, audience_filters, school } =
					frm.doc;
				const saved = await frappe.db.insert({
					doctype: "Dialer Audience",
					title,
					audience_source,
					audience_doctype,
					audience_name,
					audience_filters,
					school,
				});
				frappe.show_alert({
					message: __("Saved. {0}", [
						frappe.utils.get_form_link(
							"Dialer Audience",
							saved.name,
							true,
							frappe.utils.escape_html(saved.title),
						),
					]),
					indicator: "green",
				});
			},
			__("Save as audience"),
			__("Save"),
		);
	};

	// The audiences to choose from. A stored one stays choosable when its app is gone, so that the form shows what was called.
	audience.offer = (frm) => {
		if (!frm.audiences) return;
		const options = frm.audiences.map((one) => ({
			value: one.label,
			label: school_dialer.plain.line(one.title),
		}));
		const stored = frm.doc.audience_source;
		if (stored && !options.some((one) => one.value === stored))
			options.push({ value: stored, label: school_dialer.plain.line(__(stored)) });
		school_dialer.offer_choices(frm, "audience_source", [{ value: "", label: "" }, ...options]);
		audience.name_the_group(frm);
	};

	audience.name_the_group = (frm) => {
		frm.set_df_property(
			"audience_name",
			"label",
			frm.doc.audience_doctype ? school_dialer.plain.line(__(frm.doc.audience_doctype)) : __("Of"),
		);
	};

	audience.chosen = async (frm) => {
		const chosen = (frm.audiences || []).find((one) => one.label === frm.doc.audience_source);
		frm.set_value("audience_doctype", chosen ? chosen.doctype : null);
		frm.set_value("audience_name", null);
		audience.name_the_group(frm);
		await audience.keep_what_fits(frm);
		audience.show(frm);
	};
})();
