// Text that outsiders wrote, as text: what a CSV cell, a file name, a ticket, a text message or a student's name brought must not run in
// the browser of who reads it. Loaded with the Desk. Two helpers for our own screens, and the places where Frappe's Desk would take
// such text for HTML: fields of our records and columns of our reports, rows of our lists, titles and suggestions of links, file names.
frappe.provide("school_dialer.plain");

(() => {
	const { plain } = school_dialer;
	if (plain.ready) return;
	plain.ready = true;
	const MODULE = "School Dialer";
	const escape = (value) => (value === 0 ? "0" : frappe.utils.escape_html(value));

	// For HTML and for quoted attributes.
	plain.html = escape;

	// A time without its seconds.
	plain.minute = (time) => frappe.datetime.str_to_user(time).replace(/([0-9]:[0-9]{2}):[0-9]{2}/, "$1");

	// For what Frappe takes as HTML in one release and as text in another: labels of buttons and options, titles of dialogs. What could
	// open a tag is shown as a character that looks like it; "<3" and "Müller & Söhne" stay as they are.
	plain.line = (value) => String(value ?? "").replace(/<(?=[a-z/!?])/gi, "‹");

	const text = (value) => (typeof value === "string" ? plain.line(value) : value);

	// The same for text that Frappe puts into attributes without escaping it.
	const quoted = (value) => plain.line(value).replace(/"/g, "”");

	// By their names too: a filter or a suggestion may name one before its DocType was loaded.
	const OURS = /^(Dialer |Consent (Anchor|Event|Head)$|Contact Consent$)/;
	const of_module = (doctype) =>
		!!doctype && (OURS.test(doctype) || frappe.get_doc("DocType", doctype)?.module === MODULE);

	// People and what they belong to, whose texts come from families, beside our own records.
	const BY_OUTSIDERS = [
		"Student",
		"Guardian",
		"Student Applicant",
		"Student Group",
		"Program",
		"Contact",
		"Employee",
		"Instructor",
		"Customer",
		"Lead",
		"CRM Lead",
		"Issue",
		"HD Ticket",
		"File",
		"User",
	];
	const plainly = (doctype) => of_module(doctype) || BY_OUTSIDERS.includes(doctype);

	const is_row = (doctype) => !!frappe.get_doc("DocType", doctype)?.istable;

	function ours(df) {
		if (df.as_text) return true;
		if (df.parent)
			return plainly(df.parent) || (is_row(df.parent) && !!window.cur_frm && plainly(cur_frm.doctype));
		const [view, name] = frappe.get_route() || [];
		if (view === "query-report") return frappe.get_doc("Report", name)?.module === MODULE;
		return view === "List" && plainly(name);
	}

	// These formatters of Frappe's never show a string as it is, or show what is HTML on purpose and was cleaned when it was saved.
	const HARMLESS = [
		"Date",
		"Datetime",
		"Time",
		"Int",
		"Long Int",
		"Float",
		"Currency",
		"Percent",
		"Check",
		"Duration",
		"Code",
		"HTML",
	];
	const RICH = ["Text Editor", "HTML Editor", "Markdown Editor"];
	const format = frappe.format;
	frappe.format = function (value, df, options, doc) {
		const as_stored =
			!df ||
			df.formatter ||
			typeof value !== "string" ||
			HARMLESS.includes(df.fieldtype) ||
			RICH.includes(df.fieldtype) ||
			!ours(df);
		return as_stored
			? format.call(this, value, df, options, doc)
			: shown(stored(value, df, doc), df, options, doc);
	};

	// A form's field comes here escaped already in some releases, for some types of fields.
	function stored(value, df, doc) {
		const kept = doc && doc[df.fieldname];
		return typeof kept === "string" && value === frappe.utils.escape_html(kept) ? kept : value;
	}

	function shown(value, df, options, doc) {
		if (!value) return "";
		switch (df.fieldtype) {
			case "Link":
				if (df.options === "Language" && of_module(df.parent))
					return link(df.options, value, { ...options, label: school_dialer.language_name(value) });
				return link(df._options || df.options, value, options);
			case "Dynamic Link":
				return link(doc && doc[df.options], value, options);
			case "Attach":
			case "Attach Image":
				return address(value);
			case "Select":
				return escape(of_module(df.parent) ? school_dialer.in_words(df, value) : __(value));
			case "Autocomplete":
				return escape(__(value));
			case "Data":
				return df.options === "URL" ? address(value) : escape(in_words(df, value));
			default:
				return escape(value).replace(/\n/g, "<br>");
		}
	}

	// The language of a record that outlives it is plain text.
	const in_words = (df, value) => (of_module(df.parent) ? school_dialer.in_words(df, value) : value);

	function link(doctype, name, options) {
		const title = escape(
			__((options && options.label) || (doctype && frappe.utils.get_link_title(doctype, name)) || name),
		);
		const bare =
			!doctype ||
			(options && (options.for_print || options.only_value)) ||
			!frappe.model.can_read(doctype);
		if (bare) return title;
		const href = frappe.utils.get_form_link(doctype, name);
		return `<a href="${escape(href)}" data-doctype="${escape(doctype)}" data-name="${escape(name)}" data-value="${escape(name)}">${title}</a>`;
	}

	const is_address = (value) => /^(https?:\/)?\//i.test(value);
	const address = (value) =>
		is_address(value)
			? `<a href="${escape(value)}" target="_blank" rel="noopener">${escape(value)}</a>`
			: escape(value);

	// Runs `after(original)` in place of a method, where this release has it.
	function around(owner, method, after) {
		const original = owner && owner[method];
		if (typeof original === "function") owner[method] = after(original);
	}

	// A list's row is drawn from a copy; its address from the record. A state stands in single quotes too.
	const JSON_FIELDS = ["_assign", "_liked_by", "_seen", "_comments"];
	const is_state = (doctype, field) =>
		field === "status" || (frappe.meta.get_docfield(doctype, field) || {}).fieldtype === "Select";
	const rows = frappe.views.ListView && frappe.views.ListView.prototype;
	around(
		rows,
		"get_list_row_html",
		(original) =>
			function (doc, ...rest) {
				if (!plainly(this.doctype)) return original.call(this, doc, ...rest);
				const copy = { __stored: doc };
				for (const [field, value] of Object.entries(doc)) {
					const as_it_is = typeof value !== "string" || JSON_FIELDS.includes(field);
					copy[field] = as_it_is
						? value
						: is_state(this.doctype, field)
							? quoted(value).replace(/'/g, "’")
							: quoted(value);
				}
				return original.call(this, copy, ...rest);
			},
	);
	around(
		rows,
		"get_form_link",
		(original) =>
			function (doc, ...rest) {
				return original.call(this, doc.__stored || doc, ...rest);
			},
	);

	// The state of a record, in its list and beside its title.
	around(
		frappe,
		"get_indicator",
		(original) =>
			function (doc, doctype, ...rest) {
				const found = original.call(this, doc, doctype, ...rest);
				if (!found || !plainly(doctype || doc.doctype)) return found;
				return found.map((part) =>
					typeof part === "string" ? quoted(part).replace(/'/g, "’") : part,
				);
			},
	);

	around(
		frappe.utils,
		"get_link_title",
		(original) =>
			function (...args) {
				return text(original.apply(this, args));
			},
	);

	// The same from the server, where a report draws titles that it did not know yet.
	around(
		frappe.utils,
		"fetch_link_title",
		(original) =>
			function (...args) {
				return Promise.resolve(original.apply(this, args)).then(text);
			},
	);

	// What a list may be narrowed to, beside it: the values of a field. What is chosen stays the value itself.
	const values = frappe.views.ListGroupBy && frappe.views.ListGroupBy.prototype;
	around(
		values,
		"get_dropdown_html",
		(original) =>
			function (field, ...rest) {
				if (typeof field.name !== "string" || !plainly(this.doctype))
					return original.call(this, field, ...rest);
				const name = quoted(field.name);
				const [shown, chosen] = [name, field.name].map(
					(value) => `data-value="${encodeURIComponent(value)}"`,
				);
				return original.call(this, { ...field, name }, ...rest).replace(shown, () => chosen);
			},
	);

	// Titles of cards on a board and of events in a calendar, of which Frappe makes text and puts it into the page as HTML.
	// A board may still be drawn when its reader is on the next page.
	let had_cards = false;
	const on_cards = ([view, doctype, kind] = []) =>
		view === "List" && ["Kanban", "Calendar", "Gantt"].includes(kind) && plainly(doctype);
	frappe.router.on("change", () => (had_cards ||= on_cards(frappe.get_route())));
	around(
		frappe.utils,
		"html2text",
		(original) =>
			function (...args) {
				const words = original.apply(this, args);
				return had_cards || on_cards(frappe.get_route()) ? quoted(words) : words;
			},
	);

	// Labels of charts, which come back as HTML at a touch.
	const labeled = (data) => {
		if (!data || !Array.isArray(data.labels)) return data;
		const datasets = (data.datasets || []).map((one) =>
			one && one.name ? { ...one, name: text(one.name) } : one,
		);
		return { ...data, labels: data.labels.map(text), datasets };
	};
	const Chart = frappe.Chart;
	if (Chart)
		frappe.Chart = class extends Chart {
			constructor(wrapper, options = {}) {
				super(wrapper, { ...options, data: labeled(options.data) });
				around(
					this,
					"update",
					(original) =>
						function (data, ...rest) {
							return original.call(this, labeled(data), ...rest);
						},
				);
			}
		};

	// Titles of pages, which Frappe puts into the page as HTML once the tags in it that are closed are gone.
	around(
		frappe.ui.Page && frappe.ui.Page.prototype,
		"set_title",
		(original) =>
			function (title, icon = null, strip = true, ...rest) {
				return original.call(this, strip ? text(title) : title, icon, strip, ...rest);
			},
	);

	// The same above a form of Frappe 16. Other parts of the way there are Frappe's own, some of them icons.
	around(
		frappe.breadcrumbs,
		"append_breadcrumb_element",
		(original) =>
			function (route, label, css_classes, ...rest) {
				const is_title = css_classes === "title-text-form";
				return original.call(this, route, is_title ? text(label) : label, css_classes, ...rest);
			},
	);

	const suggests = (control) => plainly(control.get_options && control.get_options());
	around(
		frappe.ui.form.ControlLink && frappe.ui.form.ControlLink.prototype,
		"setup_awesomeplete",
		(original) =>
			function (...args) {
				const result = original.apply(this, args);
				around(this.awesomplete, "item", (draw) => (item, ...rest) => {
					// Frappe draws the item of its list, or what it was called with where that is not in its list any more.
					const drawn = suggests(this) ? [item, this.awesomplete.get_item(item.value)] : [];
					for (const one of drawn) {
						if (!one || one.html) continue;
						for (const part of ["label", "description"])
							if (one[part]) one[part] = quoted(one[part]);
					}
					return draw.call(this.awesomplete, item, ...rest);
				});
				return result;
			},
	);

	around(
		frappe.ui.form.Attachments && frappe.ui.form.Attachments.prototype,
		"add_attachment",
		(original) =>
			function (attachment, ...rest) {
				const file_name = quoted(attachment.file_name || attachment.file_url);
				return original.call(
					this,
					{
						...attachment,
						file_name,
						file_url: attachment.file_url || `/files/${attachment.file_name}`,
					},
					...rest,
				);
			},
	);

	around(
		frappe.ui.form.ControlAttach && frappe.ui.form.ControlAttach.prototype,
		"set_input",
		(original) =>
			function (value, dataurl) {
				if (!/[<>"&]/.test(value || "")) return original.call(this, value, dataurl);
				original.call(this, plain.line(quoted(value)), dataurl);
				this.value = value;
				const $link = this.$value.find(".attached-file-link").text(value);
				if (dataurl || is_address(value)) $link.attr("href", dataurl || value);
				else $link.removeAttr("href");
			},
	);
})();
