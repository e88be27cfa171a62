// The words of a message: a tab for each language, a large box for each script, fields at hand above it, and the preview beside.
frappe.provide("school_dialer.composer");

(() => {
	const { composer, chips, drafts } = school_dialer;
	const escape = frappe.utils.escape_html;
	const BOXES = {
		voice: [
			__("Phone script"),
			__(
				"Read to a person who answers. Who is calling, how to stop calls and your call-back number are added for you.",
			),
		],
		voicemail: [
			__("Voicemail script"),
			__("Left where anyone may hear it. Leave blank for a sentence that asks to call back."),
		],
		text: [__("Text message"), __("Who is texting and how to stop texts are added for you.")],
		question: [__("Question"), __("Asked after the script. Plain words, without fields.")],
		answers: [__("Answers"), __("Two to five, one on each line. The first is key 1.")],
	};
	const SCRIPTS = ["voice", "voicemail", "text"];
	const HANDY = {
		Attendance: ["absent_names", "attendance_date"],
		Fees: ["student_names", "fee_due", "fee_due_date"],
		Academic: ["student_names", "campaign_details"],
	};
	const MOST_CHIPS = 5;
	const AS_TEXT = "dialer-edit-as-text";

	composer.rows = (frm) => (frm.doc.translations || []).filter((row) => row.language);

	composer.open_row = (frm) => {
		const rows = composer.rows(frm);
		return rows.find((row) => row.name === frm.composer.open) || rows[0];
	};

	composer.show = (frm) => {
		if (!frm.composer) begin(frm);
		if (frm.is_new() && may_write(frm) && !(frm.doc.translations || []).length)
			frm.add_child("translations", { language: frappe.boot.school_dialer.language });
		draw(frm);
		school_dialer.preview.show(frm);
	};

	composer.select = (frm, name) => {
		frm.composer.open = name;
		draw(frm);
		school_dialer.preview.soon(frm);
	};

	function begin(frm) {
		const at = frm.get_field("composer_html").$wrapper;
		frappe.dom.set_style(chips.STYLE, "dialer-chips-style");
		at.html(`<div class="dialer-composer row">
			<div class="col-lg-7"><div class="d-flex flex-wrap align-items-center mb-3" data-part="tabs"></div><div class="mb-2" data-part="drafts"></div>
				<div class="mb-2" data-part="mode"></div><div data-part="boxes"></div></div>
			<div class="col-lg-5"><div class="border rounded p-3" data-part="preview" style="position: sticky; top: 120px">
				<div class="dialer-preview-for"></div>
				<div class="dialer-preview" role="region" aria-live="polite" aria-label="${__("Preview")}"></div>
			</div></div></div>`);
		frm.composer = { at, open: null, fields: null };
		at.on("input", "textarea", (event) => typed(frm, event.target));
		at.on("input", "[data-editor]", (event) => typed_in_script(frm, event.currentTarget));
		at.on("blur keyup mouseup", "[data-editor]", (event) => note_place(event.currentTarget));
		at.on("click", "[data-act=as-text]", () => change_mode(frm));
		at.on("click", "[role=tab]", (event) => composer.select(frm, event.currentTarget.dataset.row));
		at.on("keydown", "[role=tab]", (event) => move(frm, event));
		at.on("click", "[data-act=add]", () => add_language(frm));
		at.on("click", "[data-act=remove]", () => remove_language(frm));
		at.on("click", "[data-chip]", (event) => insert_chip(frm, event.currentTarget));
		at.on("click", "[data-act=field]", (event) => pick(frm, event.currentTarget));
		at.on("click", "[data-act=still-right]", () => still_right(frm));
		at.on("click", "[data-draft=ask]", (event) => ask_draft(frm, event.currentTarget.dataset.language));
		at.on("click", "[data-draft=accept]", () => accept_draft(frm));
		at.on("click", "[data-draft=discard]", () => discard_draft(frm));
		at.on("click", "[data-act=fix]", (event) => fix(frm, event.currentTarget));
		draw_mode(frm);
		load_fields(frm);
	}

	// With chips and sentences, or as the text that is stored. Each person's own choice, in this browser.
	const as_text = () => localStorage.getItem(AS_TEXT) === "yes";

	function draw_mode(frm) {
		frm.composer.at.find(".dialer-composer").attr("data-mode", as_text() ? "text" : "chips");
		frm.composer.at
			.find("[data-part=mode]")
			.html(
				may_write(frm)
					? `<button type="button" class="btn btn-xs btn-default" data-act="as-text" aria-pressed="${as_text()}">${__("Edit as text")}</button>`
					: "",
			);
	}

	function change_mode(frm) {
		localStorage.setItem(AS_TEXT, as_text() ? "no" : "yes");
		draw_mode(frm);
		frm.composer.drawn = null;
		draw(frm);
		frm.composer.at.find("[data-act=as-text]").trigger("focus");
	}

	async function load_fields(frm) {
		const { message } = await frappe.call({ method: "school_dialer.desk.templates.fields", type: "GET" });
		frm.composer.fields = message;
		draw_chips(frm);
		draw_scripts(frm, composer.open_row(frm), true);
		const label = (name) => message.find((one) => one.name === name)?.label || name;
		frm.get_docfield("fields_used").formatter = (value) =>
			school_dialer.plain.html((value || "").split(", ").map(label).join(", "));
		frm.refresh_field("fields_used");
	}

	const may_write = (frm) => Boolean(frm.perm[0]?.write);

	const boxes_of = (frm) => [
		...(frm.doc.voice ? ["voice", "voicemail"] : []),
		...(frm.doc.text ? ["text"] : []),
		...(frm.doc.asks === "Poll" ? ["question", "answers"] : []),
	];

	// What a box stands for is drawn again only when it changes: nothing that is being typed is lost.
	function draw(frm) {
		const { at } = frm.composer;
		const row = composer.open_row(frm);
		draw_tabs(frm, row);
		draw_drafts(frm);
		const boxes = row ? boxes_of(frm) : [];
		const shown = [row?.draft, row?.accept_draft, row?.accepted_at];
		const drawn = JSON.stringify([row?.name, boxes, may_write(frm), is_outdated(frm, row), shown]);
		if (drawn !== frm.composer.drawn) {
			frm.composer.drawn = drawn;
			at.find("[data-part=boxes]").html(row ? boxes_html(frm, row, boxes) : empty_html(frm));
			draw_chips(frm);
			at.find("[data-editor]").each((_place, script) => chips.guard(script));
		}
		for (const box of at.find("[data-part=boxes] textarea").toArray())
			if (box !== document.activeElement && box.value !== (row[box.name] || ""))
				box.value = row[box.name] || "";
		draw_scripts(frm, row);
		show_original(frm, row);
	}

	// What is typed just now is left alone. `named`: the names of fields have arrived.
	function draw_scripts(frm, row, named = false) {
		if (!row) return;
		for (const script of frm.composer.at.find("[data-editor]").toArray()) {
			const source = row[script.dataset.editor] || "";
			if (script === document.activeElement || (!named && chips.read(script) === source)) continue;
			chips.draw(script, source, frm.composer.fields);
		}
	}

	function draw_tabs(frm, open) {
		const tabs = composer.rows(frm).map((row) => {
			const chosen = row === open;
			return `<button type="button" role="tab" id="tab-${escape(row.name)}" class="btn btn-sm mr-1 mb-1 ${chosen ? "btn-primary" : "btn-default"}"
				aria-selected="${chosen}" tabindex="${chosen ? 0 : -1}" aria-controls="dialer-scripts" data-row="${escape(row.name)}">${escape(school_dialer.language_name(row.language))}${mark(frm, row)}</button>`;
		});
		const add = may_write(frm)
			? `<button type="button" class="btn btn-sm btn-default mb-1" data-act="add">+ ${__("Language")}</button>`
			: "";
		frm.composer.at
			.find("[data-part=tabs]")
			.html(
				`<div role="tablist" aria-label="${__("Languages")}" class="d-flex flex-wrap">${tabs.join("")}</div>${add}`,
			);
	}

	function mark(frm, row) {
		const wrong = (frm.composer.findings || []).some(
			(one) => one.language === row.language && one.level === "error",
		);
		const old = is_outdated(frm, row);
		const empty = is_empty(frm, row);
		if (!wrong && !empty && !old) return "";
		const [colour, words] = wrong
			? ["red", __("has an error")]
			: drafts.of(row)
				? ["orange", __("has a draft that is not checked")]
				: empty
					? ["gray", __("not written yet")]
					: ["orange", outdated_words(frm, row)];
		return ` <span class="indicator ${colour} ml-1" title="${words}"></span><span class="sr-only">${words}</span>`;
	}

	// The saved words of the school's own language are newer than these. Writing these again settles it, or the button.
	const is_outdated = (frm, row) =>
		Boolean(row && !row.still_right && (frm.doc.__onload?.outdated || []).includes(row.language));

	// In a district it is the language of the message's school.
	const source_language = (frm) => frm.doc.__onload?.source || frappe.boot.school_dialer.language;

	const outdated_words = (frm, row) =>
		__("{0} changed after {1}.", [
			escape(school_dialer.language_name(source_language(frm))),
			escape(school_dialer.language_name(row.language)),
		]);

	function still_right(frm) {
		const row = composer.open_row(frm);
		frappe.model.set_value(row.doctype, row.name, "still_right", 1);
		composer.show(frm);
	}

	function outdated_html(frm, row) {
		if (!is_outdated(frm, row)) return "";
		const button = may_write(frm)
			? ` <button type="button" class="btn btn-xs btn-default" data-act="still-right">${__("These words are still right")}</button>`
			: "";
		return `<div class="alert alert-warning" role="status" data-part="outdated">${outdated_words(frm, row)}${button}</div>`;
	}

	const is_empty = (frm, row) =>
		!boxes_of(frm).some((box) => (row[box] || "").trim()) && !row.voice_recording;

	const row_of = (frm, language) => composer.rows(frm).find((row) => row.language === language);

	const source_row = (frm) => row_of(frm, source_language(frm));

	// Languages of families without words or with outdated ones, and those that were added here.
	function lacking(frm) {
		const rows = composer.rows(frm);
		const base = (code) => code.split(/[-_]/)[0];
		const spoken = (frm.doc.__onload?.spoken || []).filter(
			(one) => !rows.some((row) => base(row.language) === base(one)),
		);
		const own = rows.filter((row) => is_empty(frm, row) || is_outdated(frm, row));
		const source = base(source_language(frm));
		return [...own.map((row) => row.language), ...spoken].filter((one) => base(one) !== source);
	}

	function draw_drafts(frm) {
		const at = frm.composer.at.find("[data-part=drafts]");
		const source = source_row(frm);
		if (!drafts.translator() || !may_write(frm) || frm.doc.drill || !source || is_empty(frm, source))
			return at.empty().data("drawn", "");
		const wanted = lacking(frm).map((language) => [language, row_of(frm, language)]);
		const open = wanted.filter(([, row]) => !drafts.of(row) && !row?.accept_draft);
		const unsaid = wanted.filter(([, row]) => !row || is_empty(frm, row));
		const buttons = open.map(([language]) => drafts.button(language)).join("");
		const names = unsaid.map(([language]) => language);
		const meanwhile = frm.doc.purpose === "Emergency" ? drafts.meanwhile(names, source.language) : "";
		const drawn = buttons + meanwhile;
		if (at.data("drawn") !== drawn) at.data("drawn", drawn).html(drawn);
	}

	function draft_html(frm, row) {
		const draft = drafts.of(row);
		if (!draft || !may_write(frm)) return "";
		const source = source_row(frm);
		return drafts.panel(draft, row.language, {
			labels: Object.fromEntries(Object.entries(BOXES).map(([box, [label]]) => [box, label])),
			old: Object.entries(draft.from).some(([box, text]) => !drafts.same(text, source?.[box])),
			source: source_language(frm),
		});
	}

	async function ask_draft(frm, language) {
		const source = source_row(frm);
		const words = Object.fromEntries(Object.keys(BOXES).map((box) => [box, source[box] || ""]));
		const draft = await drafts.ask(words, source.language, language);
		if (!draft) return;
		const row = row_of(frm, language) || frm.add_child("translations", { language });
		await frappe.model.set_value(row.doctype, row.name, "draft", JSON.stringify(draft));
		frm.refresh_field("translations");
		composer.select(frm, row.name);
		frm.composer.at.find("[data-part=draft]").trigger("focus");
	}

	function accept_draft(frm) {
		const row = composer.open_row(frm);
		const draft = drafts.of(row);
		drafts.confirm(draft, row.language, async () => {
			for (const [box, text] of Object.entries(draft.words))
				if (box in BOXES) await frappe.model.set_value(row.doctype, row.name, box, text);
			await frappe.model.set_value(row.doctype, row.name, "accept_draft", 1);
			composer.show(frm);
			composer.focus(frm, boxes_of(frm)[0]);
		});
	}

	async function discard_draft(frm) {
		const row = composer.open_row(frm);
		const alone = is_empty(frm, row);
		if (alone) drop(frm, row);
		else await frappe.model.set_value(row.doctype, row.name, "draft", null);
		composer.select(frm, alone ? null : row.name);
		frm.composer.at.find("[role=tab][aria-selected=true]").trigger("focus");
	}

	// At once: the grid would drop it only after the tabs are drawn.
	function drop(frm, row) {
		frappe.model.clear_doc(row.doctype, row.name);
		frm.dirty();
		frm.refresh_field("translations");
	}

	function move(frm, event) {
		const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
		if (!step) return;
		event.preventDefault();
		const rows = composer.rows(frm);
		const place = rows.indexOf(composer.open_row(frm));
		const next = rows[(place + step + rows.length) % rows.length];
		composer.select(frm, next.name);
		frm.composer.at.find("[role=tab][aria-selected=true]").trigger("focus");
	}

	function boxes_html(frm, row, boxes) {
		const remove =
			may_write(frm) && composer.rows(frm).length > 1
				? `<button type="button" class="btn btn-xs btn-default" data-act="remove">${__("Remove this language")}</button>`
				: "";
		return `<div role="tabpanel" id="dialer-scripts" aria-labelledby="tab-${escape(row.name)}">${outdated_html(frm, row)}${draft_html(frm, row)}${drafts.named(row)}${boxes
			.map((box) => box_html(frm, row, box))
			.join("")}${remove}</div>`;
	}

	function box_html(frm, row, box) {
		const [label, about] = BOXES[box];
		const id = `dialer-script-${box}`;
		const tall = { voice: 7, voicemail: 3, text: 4, question: 2, answers: 4 }[box];
		const tools =
			may_write(frm) && SCRIPTS.includes(box)
				? `<div class="d-flex flex-wrap mb-1" data-chips="${box}"></div>`
				: "";
		const in_chips = SCRIPTS.includes(box);
		const script = in_chips
			? `<div class="form-control dialer-script" data-editor="${box}" role="textbox" aria-multiline="true" contenteditable="${may_write(frm)}" tabindex="0"
				aria-readonly="${!may_write(frm)}" aria-labelledby="${id}-label" aria-describedby="${id}-about ${id}-findings" dir="auto" lang="${escape(row.language)}" style="min-height: ${tall * 2}em"></div>`
			: "";
		return `<section class="mb-4 ${in_chips ? "has-chips" : ""}" data-box="${box}">
			<label class="h6 mb-1 d-block" id="${id}-label" for="${id}">${label}</label>
			<p class="text-muted small mb-1" id="${id}-about">${about}</p>${tools}${script}
			<textarea class="form-control" id="${id}" name="${box}" rows="${tall}" dir="auto" lang="${escape(row.language)}" style="height: auto"
				aria-describedby="${id}-about ${id}-findings" ${may_write(frm) ? "" : "readonly"}></textarea>
			<div class="text-muted small mt-1" data-part="original" dir="auto"></div>
			<ul class="list-unstyled mb-0 mt-2" id="${id}-findings" data-part="findings" aria-live="polite"></ul></section>`;
	}

	const empty_html = (frm) =>
		`<p class="text-muted">${may_write(frm) ? __("Add a language to write the message in.") : __("This message has no words yet.")}</p>`;

	// A translator sees what the school's own language says.
	function show_original(frm, row) {
		const school = composer.rows(frm).find((one) => one.language === source_language(frm));
		frm.composer.at.find("[data-box]").each((_place, section) => {
			const words = school && school !== row ? school[section.dataset.box] : "";
			$(section)
				.find("[data-part=original]")
				.text(words ? __("In {0}: {1}", [school_dialer.language_name(school.language), words]) : "");
		});
	}

	function draw_chips(frm) {
		const { at, fields } = frm.composer;
		if (!fields) return;
		at.find("[data-chips]").each((_place, element) => {
			const chips = handy(frm, fields, element.dataset.chips).map(
				({ name, label, example }) =>
					`<button type="button" class="btn btn-xs btn-default mr-1 mb-1" data-chip="${escape(name)}" title="${escape(__("For example: {0}", [example]))}">${escape(label)}</button>`,
			);
			element.innerHTML = `${chips.join("")}<button type="button" class="btn btn-xs btn-default mb-1" data-act="field"><b>+ ${__("Field")}</b></button>`;
		});
	}

	// First what the message uses in any language, then what its purpose usually needs.
	function handy(frm, fields, box) {
		const written = composer
			.rows(frm)
			.map((row) => SCRIPTS.map((one) => row[one] || "").join(" "))
			.join(" ");
		const used = [...written.matchAll(/\{\{\s*(\w+)/g)].map(([, name]) => name);
		const names = [
			...new Set([
				...used,
				...(HANDY[frm.doc.purpose] || ["campaign_details", "student_names"]),
				"recipient_name",
			]),
		];
		return names
			.map((name) => fields.find((one) => one.name === name))
			.filter((one) => one && may_stand(frm, one, box))
			.slice(0, MOST_CHIPS);
	}

	// Anyone may hear a voicemail or read a text.
	const may_stand = (frm, field, box) =>
		box === "voice" ||
		(field.sensitivity !== "educational" &&
			!(field.about_student && ["Attendance", "Academic", "Fees"].includes(frm.doc.purpose)));

	function typed(frm, box) {
		const row = composer.open_row(frm);
		if (row) frappe.model.set_value(row.doctype, row.name, box.name, box.value);
	}

	// A button that inserts something takes the focus from the script.
	function note_place(script) {
		const place = chips.place_of(script);
		if (place !== undefined) script.dataset.place = place;
	}

	// A field that was typed with its braces becomes a chip.
	function typed_in_script(frm, script) {
		const source = chips.read(script);
		if (chips.has_raw(script)) {
			const place = chips.place_of(script) ?? source.length;
			chips.draw(script, source, frm.composer.fields);
			chips.go_to(script, place);
		}
		note_place(script);
		const [box] = $(script).closest("[data-box]").find("textarea");
		box.value = source;
		typed(frm, box);
	}

	const box_of = (frm, element) =>
		frm.composer.at.find(`textarea[name=${$(element).closest("[data-box]").data("box")}]`)[0];

	const script_of = (box) =>
		as_text() ? null : $(box).closest("[data-box]").find("[data-editor]")[0] || null;

	// The box of a script in the open language that is in sight: that of its text, or that with chips.
	composer.focus = (frm, variant) => {
		const [box] = frm.composer.at.find(`textarea[name=${variant || "voice"}]`);
		if (box) (script_of(box) || box).focus();
	};

	function insert(frm, box, written) {
		const script = script_of(box);
		if (script) {
			const place = cint(script.dataset.place ?? box.value.length);
			box.setSelectionRange(place, place);
		}
		const before = box.value.slice(0, box.selectionStart);
		const gap = before && !/\s$/.test(before) ? " " : "";
		box.setRangeText(gap + written, box.selectionStart, box.selectionEnd, "end");
		settle(frm, box, before.length + gap.length + written.length);
	}

	// Keep what was put into a box by a button, show it, and go on after it.
	function settle(frm, box, place) {
		const script = script_of(box);
		if (script) chips.draw(script, box.value, frm.composer.fields);
		typed(frm, box);
		if (!script) return box.focus();
		chips.go_to(script, place);
		script.dataset.place = place;
	}

	const insert_chip = (frm, chip) => insert(frm, box_of(frm, chip), `{{ ${chip.dataset.chip} }}`);

	function pick(frm, button) {
		const box = box_of(frm, button);
		school_dialer.fields.pick(frm, BOXES[box.name][0], (written) => insert(frm, box, written));
	}

	function add_language(frm) {
		school_dialer.prompt(
			{
				fieldname: "language",
				fieldtype: "Link",
				options: "Language",
				label: __("Language"),
				reqd: 1,
				get_query: school_dialer.spoken_languages,
			},
			({ language }) => {
				const there = composer.rows(frm).find((row) => row.language === language);
				const row = there || frm.add_child("translations", { language });
				frm.refresh_field("translations");
				composer.select(frm, row.name);
				const [first] = frm.composer.at.find("[data-part=boxes] textarea");
				if (first) composer.focus(frm, first.name);
			},
			__("Write this message in another language"),
			__("Add"),
		);
	}

	function remove_language(frm) {
		const row = composer.open_row(frm);
		frappe.confirm(
			__("Remove the words in {0} from this message?", [
				escape(school_dialer.language_name(row.language)),
			]),
			() => {
				drop(frm, row);
				composer.select(frm, null);
			},
		);
	}

	composer.show_findings = (frm, findings) => {
		frm.composer.findings = findings;
		const row = composer.open_row(frm);
		draw_tabs(frm, row);
		frm.composer.at.find("[data-box]").each((_place, section) => {
			const own = findings.filter(
				(one) => one.language === row?.language && one.variant === section.dataset.box,
			);
			$(section)
				.find("[data-part=findings]")
				.html(own.map((one) => finding_html(frm, one)).join(""));
		});
	};

	composer.elsewhere = (frm, findings) => {
		const row = composer.open_row(frm);
		return findings.filter(
			(one) => !(one.language === row?.language && boxes_of(frm).includes(one.variant)),
		);
	};

	function finding_html(frm, { level, line, message, fix: how, instead }) {
		const [colour, label] = level === "error" ? ["red", __("Error")] : ["orange", __("Suggestion")];
		const words = instead && instead[1] ? __("Write {0}", [instead[1]]) : __("Remove it");
		const button =
			instead && may_write(frm)
				? ` <button type="button" class="btn btn-xs btn-default" data-act="fix" data-line="${line}" data-wrong="${escape(instead[0])}" data-right="${escape(instead[1])}">${escape(words)}</button>`
				: "";
		return `<li class="mb-1"><span class="indicator-pill ${colour}">${label}</span>
			${escape(__("Line {0}: {1}", [line, message]))} <b>${escape(how)}</b>${button}</li>`;
	}

	function fix(frm, button) {
		const box = box_of(frm, button);
		const { line, wrong, right } = button.dataset;
		const lines = box.value.split("\n");
		lines[line - 1] = (lines[line - 1] || "").replace(wrong, () => right);
		box.value = lines.join("\n");
		settle(frm, box, box.value.length);
	}
})();
