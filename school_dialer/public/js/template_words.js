// The words under the cursor: where a field is inserted, and what the preview shows before the form's model has it.
frappe.provide("school_dialer.words");

(() => {
	const words = school_dialer.words;
	words.VARIANTS = [
		{ value: "voice", label: __("Spoken words") },
		{ value: "voicemail", label: __("Voicemail words") },
		{ value: "text", label: __("Text message") },
	];

	const BOXES = ["voice", "voicemail", "text", "question", "answers"];

	words.rows = (frm) => (frm.doc.translations || []).filter((row) => row.language);

	words.watch = (frm) => {
		const grid = frm.fields_dict.translations.$wrapper;
		if (grid.data("watched")) return;
		grid.data("watched", true);
		grid.on("input", "textarea, input", () => school_dialer.preview.soon(frm));
		grid.on("focusin keyup click", "textarea", (event) => {
			const at = place(event.target);
			if (words.VARIANTS.some(({ value }) => value === at?.variant)) frm.words_place = at;
		});
	};

	// {row, variant, start, end} of a box in the table of translations, or null.
	function place(box) {
		const row = $(box).closest(".grid-row").data("name");
		const variant = $(box).closest("[data-fieldname]").data("fieldname");
		if (!row || !BOXES.includes(variant)) return null;
		return { row, variant, start: box.selectionStart, end: box.selectionEnd };
	}

	// The form's values, with what is being typed.
	words.typed = (frm) => {
		const doc = only(frm.doc, ["template_name", "purpose", "voice", "text", "asks"]);
		doc.translations = (frm.doc.translations || []).map((row) => ({ ...row }));
		const here = document.activeElement && place(document.activeElement);
		const row = here && doc.translations.find(({ name }) => name === here.row);
		if (row) row[here.variant] = document.activeElement.value;
		return doc;
	};

	const only = (doc, names) => Object.fromEntries(names.map((name) => [name, doc[name]]));

	// Puts words where the cursor was, or at the end.
	words.insert = (frm, row, variant, written) => {
		const at = frm.words_place;
		const before = row[variant] || "";
		const here = at && at.row === row.name && at.variant === variant && at.end <= before.length;
		const start = here ? at.start : before.length;
		const left = before.slice(0, start);
		const gap = !here && left && !/\s$/.test(left) ? " " : "";
		const value = left + gap + written + before.slice(here ? at.end : start);
		if (here) at.start = at.end = start + written.length;
		return frappe.model.set_value(row.doctype, row.name, variant, value);
	};
})();
