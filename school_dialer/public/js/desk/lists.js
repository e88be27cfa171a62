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

	const LANGUAGES = ["language", "spoken_language", "default_language"];
	const in_words = ({ fieldname }) =>
		LANGUAGES.includes(fieldname) &&
		((value, df) => school_dialer.filterable(df, value, school_dialer.language_name(value)));

	around(
		"get_column_html",
		(original) =>
			function (column, doc, ...rest) {
				const { df = {}, type } = column;
				const { fieldname: name } = df;
				const { settings } = this;
				const shown = ours(this) && ["Field", "Subject"].includes(type);
				const formatter = shown && (settings.formatters?.[name] || in_words(df));
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
})();
