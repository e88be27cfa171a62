// Lists of our records. A first column that has a formatter of its own keeps its box to choose the row and its link to the record: some
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

	around(
		"get_column_html",
		(original) =>
			function (column, doc, ...rest) {
				const { settings } = this;
				const name = column.df?.fieldname;
				const formatter = ours(this) && column.type === "Subject" && settings.formatters?.[name];
				if (!formatter) return original.call(this, column, doc, ...rest);
				const words = text_of(formatter(doc[name], column.df, doc) || "");
				this.settings = { ...settings, formatters: { ...settings.formatters, [name]: null } };
				try {
					const shown = { ...doc, [name]: as_frappe_takes_it(words) };
					return original.call(this, column, shown, ...rest);
				} finally {
					this.settings = settings;
				}
			},
	);
})();
