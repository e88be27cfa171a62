// What people will hear and read, while it is being written: nothing is saved for it.
frappe.provide("school_dialer.preview");

(() => {
	const WAIT = 500;
	const escape = frappe.utils.escape_html;
	const note = (kind, words) => `<p class="mb-2 text-${kind}">${escape(words)}</p>`;

	// In the composer, which holds a place for it.
	school_dialer.preview.show = async (frm) => {
		if (!frm.preview) {
			frm.preview = { asked: 0 };
			const { at } = frm.composer;
			at.on("click", ".dialer-finding", (event) =>
				open_box(frm, event.currentTarget.dataset.language, event.currentTarget.dataset.variant),
			);
			await choices(frm, at.find(".dialer-preview-for"));
		}
		school_dialer.preview.soon(frm);
	};

	school_dialer.preview.soon = (frm) => {
		if (!frm.preview?.group) return;
		clearTimeout(frm.preview.timer);
		frm.preview.timer = setTimeout(() => update(frm), WAIT);
	};

	async function choices(frm, body) {
		const { message: people } = await frappe.call({
			method: "school_dialer.desk.templates.people",
			type: "GET",
		});
		const again = () => school_dialer.preview.soon(frm);
		const group = new frappe.ui.FieldGroup({
			body: body[0],
			no_submit_on_enter: true,
			fields: [
				{
					fieldname: "person_doctype",
					fieldtype: "Select",
					label: __("Preview for"),
					options: [
						{ value: "", label: __("Sample family") },
						...people.map((value) => ({ value, label: __("a {0}", [__(value)]) })),
					],
					onchange: () => choose_kind(group),
				},
				{
					fieldname: "person",
					fieldtype: "Dynamic Link",
					label: __("Person"),
					options: "person_doctype",
					get_options: () => group.get_value("person_doctype"),
					depends_on: "person_doctype",
					onchange: again,
				},
				{
					fieldname: "random",
					fieldtype: "Button",
					label: __("Someone else"),
					depends_on: "person_doctype",
					click: () => choose_random(group),
				},
				{ fieldtype: "Column Break" },
				{
					fieldname: "language",
					fieldtype: "Link",
					options: "Language",
					get_query: school_dialer.spoken_languages,
					label: __("Language to preview"),
					description: __("Leave blank for the language of the open tab."),
					onchange: again,
				},
			],
		});
		group.make();
		frm.preview.group = group;
	}

	// The control tells of one change more than once.
	function choose_kind(group) {
		const kind = group.get_value("person_doctype") || "";
		if (kind === (group.kind || "")) return;
		group.kind = kind;
		group.refresh_dependency();
		if (kind) choose_random(group);
		else group.set_value("person", "");
	}

	async function choose_random(group) {
		const { message } = await frappe.call({
			method: "school_dialer.desk.templates.anybody",
			type: "GET",
			args: { person_doctype: group.get_value("person_doctype") },
		});
		if (message) group.set_value("person", message.person);
		else
			frappe.show_alert({
				message: __("There is no one whose record you may read."),
				indicator: "orange",
			});
	}

	async function update(frm) {
		const { preview } = frm;
		const asked = ++preview.asked;
		const { name } = frm.doc;
		const { person_doctype, person, language } = preview.group.get_values(true, false) || {};
		const body = frm.composer.at.find(".dialer-preview");
		const open = school_dialer.composer.open_row(frm);
		if (frm.is_new() && is_blank(frm)) {
			body.html(note("muted", __("Write the message to see how it sounds and reads.")));
			school_dialer.composer.show_findings(frm, []);
			return;
		}
		try {
			const { message } = await frappe.call({
				method: "school_dialer.desk.templates.preview",
				args: {
					doc: written(frm.doc),
					language: language || open?.language || null,
					person_doctype: person ? person_doctype : null,
					person: person || null,
				},
			});
			// An earlier question may be answered later.
			if (asked !== preview.asked || frm.doc.name !== name) return;
			body.html(html(frm, message));
			school_dialer.composer.show_findings(frm, message.findings);
		} catch {
			if (asked === preview.asked) body.html(note("muted", __("No preview could be made now.")));
		}
	}

	// A message that no one has begun to write is not yet wrong.
	const SAID = ["voice", "voicemail", "text", "voice_recording", "voicemail_recording"];
	const is_blank = (frm) =>
		!school_dialer.composer.rows(frm).some((row) => SAID.some((field) => (row[field] || "").trim()));

	// Nothing but the words and switches is sent, and nothing is saved.
	function written(doc) {
		const names = ["template_name", "purpose", "voice", "text", "asks", "translations"];
		return Object.fromEntries(names.map((name) => [name, doc[name]]));
	}

	function open_box(frm, language, variant) {
		const row = school_dialer.composer.rows(frm).find((one) => one.language === language);
		if (row) school_dialer.composer.select(frm, row.name);
		school_dialer.composer.focus(frm, variant);
	}

	function html(frm, answer) {
		const parts = [
			answer.voice && part(__("A person answers"), spoken(answer.voice)),
			answer.voicemail && part(__("On voicemail"), spoken(answer.voicemail)),
			answer.text && part(__("Text message"), text(answer.text)),
		].filter(Boolean);
		const findings = school_dialer.composer.elsewhere(frm, answer.findings).map(finding).join("");
		const language = answer.language
			? note(
					"muted",
					__("For a person who speaks {0}.", [school_dialer.language_name(answer.language)]),
				)
			: "";
		const veiled = answer.veiled?.length
			? `<p class="mb-2" data-part="veiled"><span class="indicator orange" aria-hidden="true"></span>
				${escape(__("Shown with sample values, because your roles can't read these records: {0}.", [answer.veiled.join(", ")]))}</p>`
			: "";
		return `${findings ? `<ul class="list-unstyled">${findings}</ul>` : ""}${language}${veiled}
			${parts.join("")}`;
	}

	function finding({ level, language, variant, line, message, fix }) {
		const box = {
			voice: __("phone script"),
			voicemail: __("voicemail script"),
			text: __("text message"),
		}[variant];
		const place = box ? __("{0} {1}, line {2}", [school_dialer.language_name(language), box, line]) : "";
		const colour = level === "error" ? "red" : "orange";
		const label = level === "error" ? __("Error") : __("Suggestion");
		const words = `${escape(message)} <b>${escape(fix)}</b>`;
		const link = place
			? `<button type="button" class="btn btn-link btn-xs p-0 dialer-finding" data-language="${escape(language)}" data-variant="${escape(variant)}">${escape(place)}</button>: `
			: "";
		return `<li class="mb-2"><span class="indicator-pill ${colour}">${label}</span> ${link}${words}</li>`;
	}

	const part = (title, body) => `<section class="mb-4"><h5>${escape(title)}</h5>${body}</section>`;
	const sentences = (items) =>
		`<ol class="pl-4">${items.map((item) => `<li dir="auto">${escape(item)}</li>`).join("")}</ol>`;

	function refused({ error, held_back }) {
		return held_back
			? note("warning", __("This person would be held back, not called: {0}", [error]))
			: note("danger", error);
	}

	function spoken(made) {
		if (made.error) return refused(made);
		const after = made.after_confirmation?.length
			? `<p class="mb-1"><b>${__("After the person has pressed 1:")}</b></p>${sentences(made.after_confirmation)}`
			: "";
		return (
			fallen(made) +
			sentences(made.sentences) +
			after +
			note(
				"muted",
				[__("About {0} seconds", [made.seconds]), price(made), made.voice].filter(Boolean).join(", "),
			) +
			(made.problems || []).map((problem) => note("danger", problem)).join("")
		);
	}

	function text(made) {
		if (made.error) return refused(made);
		const size =
			made.segments === 1 ? __("1 text message") : __("{0} text messages long", [made.segments]);
		// One letter outside the plain alphabet takes room from all the others.
		const wide =
			made.encoding === "UCS-2" && made.segments > 1
				? note("muted", __("Emoji and some letters make a text take more room."))
				: "";
		return (
			fallen(made) +
			`<pre dir="auto" style="white-space: pre-wrap; color: var(--text-color)">${escape(made.body)}</pre>` +
			note("muted", [size, price(made)].join(", ")) +
			wide
		);
	}

	function fallen({ fell_back, withheld, language }) {
		if (withheld)
			return note(
				"warning",
				__(
					"There is no translation for this language. What is sensitive is not said in another one: the person is asked to call back.",
				),
			);
		return fell_back
			? note(
					"warning",
					__("There is no translation for this language; it is in {0}.", [
						school_dialer.language_name(language),
					]),
				)
			: "";
	}

	const price = ({ cost, currency }) =>
		__("about {0}", null, "Cost").replace("{0}", () => format_currency(cost, currency, 4));
})();
