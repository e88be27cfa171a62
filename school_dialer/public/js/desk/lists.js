// Lists of our records, in words. A first column that has a formatter keeps its box to choose the row and its link to the record: some
// releases of Frappe 15 put the formatted words in place of both, and Frappe 16 shows their HTML as text.
frappe.provide("school_dialer");

(() => {
	const { html } = school_dialer.plain;
	const rows = frappe.views.ListView.prototype;
	const ours = (list) => list.meta?.module === "School Dialer";
	const around = (method, after) => {
		rows[method] = after(rows[method]);
	};
	const text_of = (markup) => new DOMParser().parseFromString(markup, "text/html").body.textContent;

	// Older releases put the first column into the page as HTML, newer ones as text.
	const as_frappe_takes_it = (words) => (rows.get_subject_html ? html(words) : words);

	function formatter_of(df, doc) {
		const { filterable, in_words, name_of, whom } = school_dialer;
		const [person] = df.fieldtype === "Small Text" ? [] : whom(df, doc);
		if (person) return (value) => filterable(df, value, name_of(...person) || value);
		const stored = doc[df.fieldname];
		if (!stored || typeof stored !== "string") return null;
		const words = in_words(df, stored);
		if (df.fieldtype === "Select") return () => pill(df, stored, words);
		return words === stored ? null : () => filterable(df, stored, words);
	}

	// A choice, in the color that Frappe gives it.
	const pill = ({ fieldname, label }, value, words) =>
		`<span class="ellipsis" title="${html(`${__(label)}: ${words}`)}"><span class="filterable indicator-pill ${frappe.utils.guess_colour(value)} ellipsis" data-filter="${html(fieldname)},=,${html(value)}"><span class="ellipsis">${html(words)}</span></span></span>`;

	around(
		"get_column_html",
		(original) =>
			function (column, doc, ...rest) {
				const { df = {}, type } = column;
				const { fieldname: name } = df;
				const { settings } = this;
				const shown = ours(this) && ["Field", "Subject"].includes(type);
				const formatter = shown && (settings.formatters?.[name] || formatter_of(df, doc));
				if (!formatter) return original.call(this, column, doc, ...rest);
				const is_first = type === "Subject";
				const words = is_first && text_of(formatter(doc[name], df, doc) || "");
				const row = is_first ? { ...doc, [name]: as_frappe_takes_it(words) } : doc;
				const formatters = { ...settings.formatters, [name]: !is_first && formatter };
				this.settings = { ...settings, formatters };
				try {
					return original.call(this, column, row, ...rest);
				} finally {
					this.settings = settings;
				}
			},
	);

	// An id that is made at random says nothing. Others, such as DC-2026-00001, stay.
	around(
		"setup_columns",
		(original) =>
			function (...given) {
				if (ours(this) && this.meta.autoname === "hash") this.settings.hide_name_column ??= true;
				return original.apply(this, given);
			},
	);

	// The kind of a record comes with its id, from which alone no one learns whom it names.
	around(
		"_add_field",
		(original) =>
			function (field, ...rest) {
				original.call(this, field, ...rest);
				if (!ours(this) || this.view_name !== "List") return;
				const df = typeof field === "string" ? frappe.meta.get_docfield(this.doctype, field) : field;
				if (df) original.call(this, school_dialer.kind_field(df));
			},
	);

	// Rows come before the names of the people in them.
	around(
		"render_list",
		(original) =>
			async function (...given) {
				original.apply(this, given);
				if (!ours(this) || this.view_name !== "List") return;
				const shown = this.columns.map(({ df }) => df).filter(Boolean);
				const people = this.data.flatMap((doc) =>
					shown.flatMap((df) => school_dialer.whom(df, doc).slice(0, 1)),
				);
				if (await school_dialer.ask_names(people)) original.apply(this, given);
			},
	);
})();
