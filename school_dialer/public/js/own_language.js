// What the reader's own language calls things that Frappe leaves as they are stored.
frappe.provide("school_dialer");

// For Link fields: every language that a family may speak, also where the Desk is not offered in it.
school_dialer.spoken_languages = () => ({ query: "school_dialer.desk.templates.languages" });

// Words of ours in plain fields; and the descriptions of times, to which Frappe adds the zone before it looks for a translation.
school_dialer.translate_form = (frm, ...fieldnames) => {
	for (const fieldname of fieldnames) {
		frm.get_docfield(fieldname).formatter = (value) =>
			school_dialer.plain.html(school_dialer.word(value || ""));
		frm.refresh_field(fieldname);
	}
	for (const field of frm.fields.filter(({ df }) => df.fieldtype === "Datetime" && df.description)) {
		const [words, ...zone] = field.df.description.split("<br>");
		field.df.description = [__(words), ...zone].join("<br>");
		field.set_description();
	}
};

// Sentences of ours that are stored in English, as the server translated them for this reader.
school_dialer.show_translated = (frm, fieldname) => {
	const said = (frm.doc.__onload || {})[fieldname];
	if (!said) return;
	frm.get_docfield(fieldname).formatter = () => school_dialer.plain.html(said).replace(/\n/g, "<br>");
	frm.refresh_field(fieldname);
};

// The full name of a user, as the server looked it up for this form. The address, by which people of one name differ, is its tooltip.
school_dialer.staff_html = (frm, fieldname) => {
	const { html } = school_dialer.plain;
	const address = frm.doc[fieldname] || "";
	return `<span title="${html(address)}">${html(frm.doc.__onload?.[fieldname] || address)}</span>`;
};

school_dialer.show_staff = (frm, ...fieldnames) => {
	for (const fieldname of fieldnames.filter((one) => frm.doc[one])) {
		frm.get_docfield(fieldname).formatter = () => school_dialer.staff_html(frm, fieldname);
		frm.refresh_field(fieldname);
	}
};

// Numbers for which 0 is stored where nothing was entered: they look empty, as their descriptions say, also to those who only read them.
school_dialer.blank_zero = (frm, ...fieldnames) => {
	for (const field of fieldnames.map((name) => frm.get_field(name))) {
		const shown = field.format_for_input.bind(field);
		const read = field.set_disp_area.bind(field);
		field.format_for_input = (value) => (flt(value) ? shown(value) : "");
		field.set_disp_area = (value) =>
			flt(field.value || value) ? read(value) : $(field.disp_area).empty();
		field.refresh_input?.();
	}
};
