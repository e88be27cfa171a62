// Forms of our records: the name of a person beside the id of their record, and lists of records as lists of names.
frappe.provide("school_dialer");

(() => {
	const { html, line } = school_dialer.plain;
	const LISTS = ["students", "people"];

	// Frappe announces a form before it draws the fields.
	$(document).on("form-refresh", async (_event, frm) => {
		if (frm.meta.module !== "School Dialer" || frm.is_new()) return;
		const { docname } = frm;
		const named = frm.fields.map(({ df }) => df).filter((df) => school_dialer.whom(df, frm.doc).length);
		for (const df of named) df.formatter = () => shown(df, frm.doc);
		const came = await school_dialer.ask_names(named.flatMap((df) => school_dialer.whom(df, frm.doc)));
		if (frm.docname !== docname) return;
		if (came) for (const { fieldname } of named) frm.refresh_field(fieldname);
		const title = named.find(({ fieldname }) => fieldname === frm.meta.title_field);
		const name = title && school_dialer.name_of(...school_dialer.whom(title, frm.doc)[0]);
		if (name) frm.page.set_title(line(name));
	});

	function shown(df, doc) {
		const is_list = LISTS.includes(df.fieldname);
		const people = school_dialer.whom(df, doc);
		if (!people.length) return is_list ? "" : html(doc[df.fieldname] || "");
		return people.map((one) => said(one, is_list)).join(", ");
	}

	function said([doctype, id], is_list) {
		const name = school_dialer.name_of(doctype, id);
		const words = html(!name ? id : is_list ? name : `${name} (${id})`);
		return doctype && id && frappe.model.can_read(doctype)
			? `<a href="${html(frappe.utils.get_form_link(doctype, id))}">${words}</a>`
			: words;
	}
})();
