// The field picker: every field with its source, who may hear it, and an example.
frappe.provide("school_dialer.fields");

(() => {
	const COLOURS = { public: "green", personal: "blue", educational: "orange" };
	const escape = frappe.utils.escape_html;

	// Passes the chosen field, as it is written in a script, to `insert`.
	school_dialer.fields.pick = async (frm, box, insert) => {
		const { fields } = frm.composer;
		if (!fields) return;
		const dialog = school_dialer.dialog({
			title: __("Insert a field into the {0}", [box.toLowerCase()]),
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
					fieldname: "fallback",
					fieldtype: "Data",
					label: __("If blank, say"),
					description: __("If left blank, people missing this won't be called."),
				},
			],
			primary_action_label: __("Insert"),
			primary_action({ fallback }) {
				const name = dialog.$wrapper.find("input[name=dialer-field]:checked").val();
				if (!name) {
					frappe.show_alert({ message: __("Choose a field first."), indicator: "orange" });
					return;
				}
				dialog.$wrapper.one("hidden.bs.modal", () => insert(written(name, fallback)));
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
