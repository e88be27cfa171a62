// What is stored, as the options of a field, in the words of a school.
frappe.provide("school_dialer");

(() => {
	const WORDS = {
		Voice: __("Phone call"),
		Text: __("Text message"),
		Any: __("Calls and texts"),
		All: __("All kinds"),
		"all non-emergency": __("Everything except emergencies"),
		"this purpose": __("Only this purpose"),
		"this school": __("Only one school"),
		everything: __("Everything, even emergencies"),
		"number provided": __("They gave us their number"),
		"express oral": __("They said so"),
		"express written": __("They signed for it"),
		Enrolment: __("At enrollment"),
	};

	// "es" is Spanish, or español.
	school_dialer.language_name = (code) => {
		if (!code) return "";
		try {
			return new Intl.DisplayNames([frappe.boot.lang || "en"], { type: "language" }).of(
				code.replace("_", "-"),
			);
		} catch {
			return school_dialer.plain.line(code);
		}
	};

	// "US, CA" are United States and Canada.
	const country = (code) => {
		const known = new Intl.DisplayNames([frappe.boot.lang || "en"], { type: "region" });
		return /^[A-Z]{2}$/.test(code) ? known.of(code) : code;
	};
	const countries = (codes) => codes.split(", ").map(country).join(", ");

	// The app's own policies. A school's own policy has the name that the school gave it.
	const POLICIES = {
		"us-federal": __("United States: federal law"),
		"us-states": __("United States: state laws"),
		...Object.fromEntries(["ca", "eu", "gb", "in"].map((code) => [code, country(code.toUpperCase())])),
	};

	const begun = (words) => (words ? words.charAt(0).toUpperCase() + words.slice(1) : "");

	// An opt-out of one school of a district has the school in place of a purpose.
	const SCHOOL = "School/";
	school_dialer.word = (value) =>
		WORDS[value] || (String(value).startsWith(SCHOOL) ? value.slice(SCHOOL.length) : begun(__(value)));

	// What a field of our records stores, in words.
	const LANGUAGES = ["language", "spoken_language", "default_language"];
	school_dialer.in_words = ({ fieldname, fieldtype }, value) => {
		if (!value) return "";
		if (LANGUAGES.includes(fieldname)) return school_dialer.language_name(value);
		if (fieldname === "audience_source") return frappe.boot.school_dialer.audiences?.[value] || __(value);
		if (fieldname === "jurisdiction") return countries(value);
		if (fieldname === "policy_name") return POLICIES[value] || value;
		return fieldtype === "Select" ? school_dialer.word(value) : value;
	};

	// Words in a list that narrow it to what is stored, as Frappe's own columns do.
	school_dialer.filterable = ({ fieldname, label }, value, words) => {
		const { html } = school_dialer.plain;
		if (!value) return "";
		return `<a class="filterable ellipsis" data-filter="${html(fieldname)},=,${html(value)}" title="${html(`${__(label)}: ${words}`)}">${html(words)}</a>`;
	};

	// Formatters of a list for fields that hold stored words.
	school_dialer.worded = (...fieldnames) =>
		Object.fromEntries(
			fieldnames.map((name) => [
				name,
				(value, df) => school_dialer.filterable(df, value, school_dialer.word(value)),
			]),
		);

	// A formatter of a report for columns that hold stored words.
	school_dialer.worded_cells =
		(...fieldnames) =>
		(value, row, column, data, format) =>
			format(
				fieldnames.includes(column.fieldname) && value ? school_dialer.word(value) : value,
				row,
				column,
				data,
			);

	// A formatter of a report that leaves a blank share blank: Frappe shows 0% for it, also in its row of totals.
	school_dialer.blank_shares = (value, row, column, data, format) =>
		column.fieldtype === "Percent" && (value === null || value === undefined || value === "")
			? ""
			: format(value, row, column, data);

	// What an agent tells the caller, in words that are true of what was stopped.
	school_dialer.stopped = (number, scope) =>
		scope === "everything"
			? __("Stopped for {0}, emergency calls too.", [number])
			: __("Stopped for {0}. Emergency calls continue.", [number]);

	school_dialer.choices = (values) => values.map((value) => ({ value, label: school_dialer.word(value) }));

	// A field of a form whose options are stored words.
	school_dialer.name_choices = (frm, ...fieldnames) => {
		for (const fieldname of fieldnames) {
			const { options } = frappe.meta.get_docfield(frm.doctype, fieldname, frm.docname);
			if (typeof options === "string")
				school_dialer.offer_choices(frm, fieldname, school_dialer.choices(options.split("\n")));
		}
	};

	// Frappe shows the words of a choice only while it can be chosen. Who may only read sees them too.
	school_dialer.offer_choices = (frm, fieldname, options) => {
		frm.set_df_property(fieldname, "options", options);
		frm.get_docfield(fieldname).formatter = (value) =>
			school_dialer.plain.html(
				options.find((one) => one.value === value)?.label || school_dialer.word(value || ""),
			);
		frm.refresh_field(fieldname);
	};
})();
