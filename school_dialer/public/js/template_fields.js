// The field picker: every field with its source, who may hear it, and an example.
frappe.provide("school_dialer.fields");

(() => {
	const COLOURS = { public: "green", personal: "blue", educational: "orange" };
	const escape = frappe.utils.escape_html;

	school_dialer.fields.pick = async (frm) => {
		const rows = school_dialer.words.rows(frm);
		if (!rows.length) {
			frappe.msgprint(__("Add a translation with its language first."));
			return;
		}
		const at = frm.words_place || {};
		const here = rows.find(({ name }) => name === at.row) || rows[0];
		const { message: fields } = await frappe.call({
			method: "school_dialer.desk.templates.fields",
			type: "GET",
		});
		const dialog = new frappe.ui.Dialog({
			title: __("Insert field"),
			size: "large",
			fields: [
				{
					fieldname: "search",
					fieldtype: "Data",
					label: __("Search"),
					description: __("In names, sources and examples."),
				},
				{ fieldname: "list", fieldtype: "HTML" },
				{ fieldtype: "Section Break" },
				{
					fieldname: "language",
					fieldtype: "Select",
					label: __("Language"),
					reqd: 1,
					default: here.language,
					options: rows.map(({ language }) => ({
						value: language,
						label: school_dialer.language_name(language),
					})),
				},
				{ fieldtype: "Column Break" },
				{
					fieldname: "variant",
					fieldtype: "Select",
					label: __("Where"),
					reqd: 1,
					default: at.variant || "voice",
					options: school_dialer.words.VARIANTS,
				},
				{ fieldtype: "Section Break" },
				{
					fieldname: "fallback",
					fieldtype: "Data",
					label: __("Say this when the record has no value"),
					description: __("Empty: people without a value are held back, not called."),
				},
			],
			primary_action_label: __("Insert"),
			primary_action({ language, variant, fallback }) {
				const name = dialog.$wrapper.find("input[name=dialer-field]:checked").val();
				if (!name) {
					frappe.show_alert({ message: __("Choose a field first."), indicator: "orange" });
					return;
				}
				const row = rows.find((candidate) => candidate.language === language);
				school_dialer.words.insert(frm, row, variant, written(name, fallback));
				dialog.hide();
			},
		});
		const list = dialog.fields_dict.list.$wrapper.html(table(fields));
		const search = dialog.fields_dict.search.$input;
		search.attr("autocomplete", "off").on("input", () => filter(list, fields, search.val()));
		list.on("dblclick", "tr", () => dialog.get_primary_btn().trigger("click"));
		dialog.show();
	};

	function written(name, fallback) {
		const words = (fallback || "").replace(/["\\{}%]/g, "");
		return words ? `{{ ${name} | default("${words}") }}` : `{{ ${name} }}`;
	}

	function filter(list, fields, wanted) {
		const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
		let found = 0;
		for (const field of fields) {
			const text = [field.name, field.label, field.source, field.sensitivity, field.example]
				.join(" ")
				.toLowerCase();
			const shown = words.every((word) => text.includes(word));
			list.find("tr[data-name]")
				.filter((_place, row) => row.dataset.name === field.name)
				.toggle(shown);
			found += shown;
		}
		list.find(".dialer-no-field").toggle(!found);
	}

	function table(fields) {
		const head = [__("Field"), __("Source"), __("Who may hear it"), __("Example")];
		return `<div class="dialer-fields" style="max-height: 40vh; overflow: auto">
			<table class="table table-sm mb-0">
				<thead><tr>${head.map((title) => `<th scope="col">${escape(title)}</th>`).join("")}</tr></thead>
				<tbody>${fields.map(line).join("")}</tbody>
			</table>
			<p class="text-muted dialer-no-field" style="display: none">${__("No field is like this.")}</p>
		</div>`;
	}

	function line({ name, label, source, sensitivity, per_student, example }) {
		const each = per_student ? `<div class="text-muted small">${__("each student's own")}</div>` : "";
		return `<tr data-name="${escape(name)}">
			<td><label class="mb-0"><input type="radio" name="dialer-field" value="${escape(name)}">
				${escape(label)}</label><div class="text-muted small"><code>${escape(name)}</code></div></td>
			<td class="small">${escape(source)}</td>
			<td><span class="indicator-pill ${COLOURS[sensitivity]}">${escape(__(sensitivity))}</span>${each}</td>
			<td class="small" dir="auto">${escape(example)}</td>
		</tr>`;
	}
})();
