frappe.ui.form.on("Dialer Message Template", {
	refresh(frm) {
		if (!frm.is_new() || frm.doc.translations?.length) {
			frm.add_custom_button(__("Preview"), () => preview(frm));
		}
		if (frm.perm[0]?.write) {
			frm.add_custom_button(__("Insert field"), () => insert_field(frm));
		}
	},
});

const VARIANTS = [
	{ value: "voice", label: __("Spoken words") },
	{ value: "voicemail", label: __("Voicemail words") },
	{ value: "text", label: __("Text message") },
];

async function insert_field(frm) {
	const rows = (frm.doc.translations || []).filter((row) => row.language);
	if (!rows.length) {
		frappe.msgprint(__("Add a translation with its language first."));
		return;
	}
	const { message: fields } = await frappe.call("school_dialer.desk.templates.fields");
	const dialog = new frappe.ui.Dialog({
		title: __("Insert field"),
		fields: [
			{
				fieldname: "field",
				fieldtype: "Autocomplete",
				label: __("Field"),
				reqd: 1,
				options: fields.map((field) => ({
					value: field.name,
					label: field.label,
					description: `${field.example} (${__(field.sensitivity)})`,
				})),
			},
			{
				fieldname: "language",
				fieldtype: "Select",
				label: __("Language"),
				reqd: 1,
				default: rows[0].language,
				options: rows.map((row) => row.language),
			},
			{
				fieldname: "variant",
				fieldtype: "Select",
				label: __("Where"),
				reqd: 1,
				default: "voice",
				options: VARIANTS,
			},
			{
				fieldname: "fallback",
				fieldtype: "Data",
				label: __("Say this when the record has no value"),
				description: __("Empty: people without a value are held back, not called."),
			},
		],
		primary_action_label: __("Insert"),
		primary_action(chosen) {
			const row = rows.find((candidate) => candidate.language === chosen.language);
			const fallback = (chosen.fallback || "").replace(/["\\{}%]/g, "");
			const written = fallback
				? `{{ ${chosen.field} | default("${fallback}") }}`
				: `{{ ${chosen.field} }}`;
			const before = row[chosen.variant] || "";
			const words = before && !/\s$/.test(before) ? `${before} ${written}` : before + written;
			frappe.model.set_value(row.doctype, row.name, chosen.variant, words);
			dialog.hide();
		},
	});
	dialog.show();
}

function preview(frm) {
	const languages = [...new Set((frm.doc.translations || []).map((row) => row.language).filter(Boolean))];
	const dialog = new frappe.ui.Dialog({
		title: __("Preview"),
		size: "large",
		fields: [
			{
				fieldname: "language",
				fieldtype: "Link",
				options: "Language",
				label: __("For a person who speaks"),
				default: languages[0],
				onchange: () => show(frm, dialog),
			},
			{ fieldtype: "Column Break" },
			{
				fieldname: "person_doctype",
				fieldtype: "Select",
				label: __("With the record of a"),
				options: ["", "Guardian", "Student", "Employee", "Instructor", "Contact"],
				onchange: () => dialog.set_value("person", ""),
			},
			{
				fieldname: "person",
				fieldtype: "Dynamic Link",
				label: __("Person"),
				options: "person_doctype",
				depends_on: "person_doctype",
				onchange: () => show(frm, dialog),
			},
			{ fieldtype: "Section Break" },
			{ fieldname: "result", fieldtype: "HTML" },
		],
	});
	dialog.show();
	show(frm, dialog);
}

async function show(frm, dialog) {
	const { language, person_doctype, person } = dialog.get_values(true) || {};
	const { message } = await frappe.call({
		method: "school_dialer.desk.templates.preview",
		args: {
			doc: frm.doc,
			language,
			person_doctype: person ? person_doctype : null,
			person,
		},
	});
	dialog.fields_dict.result.$wrapper.html(preview_html(message));
}

function preview_html(answer) {
	const escape = frappe.utils.escape_html;
	const list = (items) => `<ol>${items.map((item) => `<li dir="auto">${escape(item)}</li>`).join("")}</ol>`;
	const note = (kind, words) => `<p class="text-${kind}">${escape(words)}</p>`;
	const part = (title, body) => `<h5>${escape(title)}</h5>${body}`;
	const blocks = answer.findings.map((finding) =>
		note(finding.level === "error" ? "danger" : "warning", finding.text)
	);
	const fallen = (made) =>
		made.fell_back
			? note("warning", __("There is no translation for this language; it is in {0}.", [made.language]))
			: "";
	const spoken = (made) =>
		(made.error ? note("danger", made.error) : "") +
		fallen(made) +
		list(made.sentences || []) +
		(made.after_confirmation?.length
			? `<p><b>${__("After the person has pressed 1:")}</b></p>${list(made.after_confirmation)}`
			: "") +
		(made.seconds ? note("muted", __("About {0} seconds", [made.seconds])) : "") +
		(made.problems || []).map((problem) => note("danger", problem)).join("");
	if (answer.voice) blocks.push(part(__("A person answers"), spoken(answer.voice)));
	if (answer.voicemail) blocks.push(part(__("On voicemail"), spoken(answer.voicemail)));
	if (answer.text) {
		const made = answer.text;
		blocks.push(
			part(
				__("Text message"),
				made.error
					? note("danger", made.error)
					: `${fallen(made)}<pre dir="auto" style="white-space: pre-wrap">${escape(made.body)}</pre>` +
							note("muted", size_of(made))
			)
		);
	}
	return `<div class="dialer-preview">${blocks.join("")}</div>`;
}

function size_of(made) {
	return made.segments === 1
		? __("1 segment, {0}", [made.encoding])
		: __("{0} segments, {1}", [made.segments, made.encoding]);
}
