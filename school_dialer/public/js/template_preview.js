// What people will hear and read, while it is being written: nothing is saved for it.
frappe.provide("school_dialer.preview");

(() => {
	const WAIT = 500;
	const escape = frappe.utils.escape_html;
	const note = (kind, words) => `<p class="mb-2 text-${kind}">${escape(words)}</p>`;

	school_dialer.preview.show = async (frm) => {
		const wrapper = frm.fields_dict.preview_html.$wrapper;
		if (!frm.preview) {
			frm.preview = { asked: 0 };
			wrapper.html(`<div class="dialer-preview-for"></div>
				<div class="dialer-preview" role="region" aria-live="polite" aria-label="${__("Preview")}"></div>`);
			wrapper.on("click", ".dialer-finding", (event) =>
				open_row(frm, event.currentTarget.dataset.language),
			);
			await choices(frm, wrapper.find(".dialer-preview-for"));
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
					label: __("For"),
					options: [
						{ value: "", label: __("example values") },
						...people.map((value) => ({ value, label: __("a {0}", [__(value)]) })),
					],
					onchange: () => choose_kind(group),
				},
				{ fieldtype: "Column Break" },
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
					label: __("Somebody else"),
					depends_on: "person_doctype",
					click: () => choose_random(group),
				},
				{ fieldtype: "Column Break" },
				{
					fieldname: "language",
					fieldtype: "Link",
					options: "Language",
					get_query: school_dialer.spoken_languages,
					label: __("Who speaks"),
					description: __("Empty: the person's own language."),
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
		else frappe.show_alert({ message: __("There is nobody whom you may read."), indicator: "orange" });
	}

	async function update(frm) {
		const { preview } = frm;
		const asked = ++preview.asked;
		const { person_doctype, person, language } = preview.group.get_values(true, false) || {};
		const body = frm.fields_dict.preview_html.$wrapper.find(".dialer-preview");
		try {
			const { message } = await frappe.call({
				method: "school_dialer.desk.templates.preview",
				args: {
					doc: school_dialer.words.typed(frm),
					language: language || null,
					person_doctype: person ? person_doctype : null,
					person: person || null,
				},
			});
			// An earlier question may be answered later.
			if (asked === preview.asked) body.html(html(message));
		} catch {
			if (asked === preview.asked) body.html(note("muted", __("No preview could be made now.")));
		}
	}

	function open_row(frm, language) {
		const row = (frm.doc.translations || []).find((one) => one.language === language);
		if (row) frm.fields_dict.translations.grid.grid_rows_by_docname[row.name].show_form();
	}

	function html(answer) {
		const parts = [
			answer.voice && part(__("A person answers"), spoken(answer.voice)),
			answer.voicemail && part(__("On voicemail"), spoken(answer.voicemail)),
			answer.text && part(__("Text message"), text(answer.text)),
		].filter(Boolean);
		const findings = answer.findings.map(finding).join("");
		const language = answer.language
			? note(
					"muted",
					__("For a person who speaks {0}.", [school_dialer.language_name(answer.language)]),
				)
			: "";
		const veiled = answer.veiled?.length
			? `<p class="mb-2" data-part="veiled"><span class="indicator orange" aria-hidden="true"></span>
				${escape(__("Shown with example values, because your roles may not read these records: {0}.", [answer.veiled.join(", ")]))}</p>`
			: "";
		return `${findings ? `<ul class="list-unstyled">${findings}</ul>` : ""}${language}${veiled}
			<div class="row">${parts.map((one) => `<div class="col-md-${12 / parts.length}">${one}</div>`).join("")}</div>`;
	}

	function finding({ level, where, line, message, fix }) {
		const [language, ...variant] = where.split(" ");
		const place = where
			? __("{0}, line {1}", [[school_dialer.language_name(language), ...variant].join(" "), line])
			: "";
		const colour = level === "error" ? "red" : "orange";
		const label = level === "error" ? __("Error") : __("Please look at this");
		const words = `${escape(message)} <b>${escape(fix)}</b>`;
		const link = place
			? `<button type="button" class="btn btn-link btn-xs p-0 dialer-finding" data-language="${escape(language)}">${escape(place)}</button>: `
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
			made.segments === 1
				? __("1 segment, {0}", [made.encoding])
				: __("{0} segments, {1}", [made.segments, made.encoding]);
		return (
			fallen(made) +
			`<pre dir="auto" style="white-space: pre-wrap; color: var(--text-color)">${escape(made.body)}</pre>` +
			note("muted", [size, price(made)].join(", "))
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

	const price = ({ cost, currency }) => __("about {0}", [format_currency(cost, currency, 4)]);
})();
