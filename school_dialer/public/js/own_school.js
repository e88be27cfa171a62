// The field School for a user of one school or of some: one of them is required, and the only one is filled in.
(() => {
	for (const doctype of [
		"Dialer Audience",
		"Dialer Campaign",
		"Dialer Consent Drive",
		"Dialer Emergency Kit Item",
		"Dialer Message Template",
		"Dialer Rule",
	])
		frappe.ui.form.on(doctype, { onload: fill, refresh: ask });

	function fill(frm) {
		const own = frappe.boot.school_dialer.own_schools;
		if (own?.length === 1 && frm.is_new() && !frm.doc.school) frm.set_value("school", own[0]);
	}

	function ask(frm) {
		const own = frappe.boot.school_dialer.own_schools;
		if (!own) return;
		frm.set_query("school", () => ({ filters: { name: ["in", own] } }));
		if (frm.doc.school || frm.is_new()) {
			frm.set_df_property("school", "reqd", 1);
			frm.set_df_property(
				"school",
				"description",
				own.length === 1 ? __("The school you work for.") : __("One of the schools you work for."),
			);
		}
	}
})();
