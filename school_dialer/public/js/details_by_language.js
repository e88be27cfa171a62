// The details of a campaign or rule in each language of its message, and who would get the message in another language than their own.
frappe.provide("school_dialer.details");

(() => {
	const { details, drafts } = school_dialer;
	const escape = frappe.utils.escape_html;

	// One row for each language in which the message has details, so that it is clear what is still to be written.
	details.offer = async (frm) => {
		const { template } = frm.doc;
		if (!template || !(frm.doc.details || "").trim()) return;
		const { message: languages } = await frappe.call({
			method: "school_dialer.desk.templates.languages_of_details",
			type: "GET",
			args: { template },
		});
		if (frm.doc.template !== template) return;
		const written = new Set((frm.doc.details_translations || []).map((row) => row.language));
		for (const language of languages.filter((one) => !written.has(one)))
			frm.add_child("details_translations", { language });
		frm.refresh_field("details_translations");
		details.show_drafts(frm);
	};

	// The row's first input is left at once, and Frappe clears a link whose title has not arrived by then.
	details.open = async (frm, language) => {
		if (!frappe.utils.get_link_title("Language", language))
			await frappe.utils.fetch_link_title("Language", language);
		await details.offer(frm);
		const { grid } = frm.get_field("details_translations");
		const row = (frm.doc.details_translations || []).find((one) => one.language === language);
		frm.scroll_to_field("details_translations", false);
		if (row) grid.grid_rows_by_docname[row.name].toggle_editable_row(true);
		grid.wrapper
			.find(`[data-name="${row && row.name}"] textarea`)
			.first()
			.trigger("focus");
	};

	// One line for each language that falls back, or whose words are older than the school's own. The button opens the place where it
	// is mended.
	details.gaps_html = ({ language_gaps, outdated }) => {
		const lines = [...(language_gaps || []).map(line), ...(outdated || []).map(old_line)];
		return lines.length
			? `<div role="alert" data-part="language-gaps"><ul class="list-unstyled">${lines.join("")}</ul></div>`
			: "";
	};

	details.watch_gaps = (frm, dialog) =>
		dialog.$wrapper.on("click", "[data-gap]", (event) => {
			const { gap, lacks } = event.currentTarget.dataset;
			dialog.hide();
			if (lacks === "details" && frm.write_details) frm.write_details(gap);
			else if (lacks === "details") details.open(frm, gap);
			else frappe.set_route("Form", "Dialer Message Template", frm.doc.template);
		});

	function line({ language, people, lacks, heard_in, only_details }) {
		const [own, other] = [language, heard_in].map((one) => escape(school_dialer.language_name(one)));
		const one = only_details
			? __("1 person who speaks {0} gets the message in {0} and its details in {1}.", [own, other])
			: __("1 person who speaks {0} gets this message in {1}.", [own, other]);
		const many = only_details
			? __("{0} people who speak {1} get the message in {1} and its details in {2}.", [
					people,
					own,
					other,
				])
			: __("{0} people who speak {1} get this message in {2}.", [people, own, other]);
		const who = people === 1 ? one : many;
		const why =
			lacks === "details"
				? __("The details are not written in {0}.", [own])
				: __("The message is not written in {0}.", [own]);
		const label = lacks === "details" ? __("Write them") : __("Open the message");
		return `<li class="mb-2"><span class="indicator-pill red">${own}</span>
			<b>${who}</b> ${why}
			<button type="button" class="btn btn-default btn-xs ml-1" data-gap="${escape(language)}" data-lacks="${lacks}"
				aria-label="${escape(`${label}: ${school_dialer.language_name(language)}`)}">${label}</button></li>`;
	}

	function old_line({ language, people, of, source }) {
		const [own, other] = [language, source].map((one) => escape(school_dialer.language_name(one)));
		const who =
			people === 1
				? __("1 person gets the older words.")
				: __("{0} people get the older words.", [people]);
		const why =
			of === "details"
				? __("{0} changed after {1} in the details.", [other, own])
				: __("{0} changed after {1}.", [other, own]);
		const label = of === "details" ? __("Write them") : __("Open the message");
		return `<li class="mb-2" data-part="outdated"><span class="indicator-pill orange">${own}</span>
			<b>${why}</b> ${who}
			<button type="button" class="btn btn-default btn-xs ml-1" data-gap="${escape(language)}" data-lacks="${of}"
				aria-label="${escape(`${label}: ${school_dialer.language_name(language)}`)}">${label}</button></li>`;
	}

	const rows_of = (frm) => (frm.doc.details_translations || []).filter((row) => row.language);

	const is_outdated = (frm, row) =>
		!row.still_right && (frm.doc.__onload?.outdated || []).includes(row.language);

	// In a district it is the language of the school in whose name it is.
	const source_language = (frm) => frm.doc.__onload?.source || frappe.boot.school_dialer.language;

	// Under the table: a button for each language without details or with outdated ones, and the drafts that wait.
	details.show_drafts = (frm) => {
		const field = frm.get_field("details_translations");
		if (!field?.$wrapper) return;
		let at = field.$wrapper.find("[data-part=drafts]");
		if (!at.length) at = $('<div class="mt-2" data-part="drafts"></div>').appendTo(field.$wrapper);
		const editable = frm.perm[0]?.write && field.disp_status === "Write";
		if (!drafts.translator() || !editable || !(frm.doc.details || "").trim()) return at.empty();
		const rows = rows_of(frm);
		const open = rows.filter(
			(row) =>
				!drafts.of(row) &&
				!row.accept_draft &&
				(!(row.details || "").trim() || is_outdated(frm, row)),
		);
		const unsaid = rows.filter((row) => !(row.details || "").trim()).map((row) => row.language);
		const panels = rows.filter(drafts.of).map((row) => {
			const draft = drafts.of(row);
			const old = !drafts.same(draft.from.details, frm.doc.details);
			return drafts.panel(draft, row.language, { old, source: source_language(frm) });
		});
		const emergency = frm.doc.purpose === "Emergency";
		const meanwhile = emergency ? drafts.meanwhile(unsaid, source_language(frm), true) : "";
		const buttons = open.map((row) => drafts.button(row.language));
		at.html([...buttons, meanwhile, ...panels, ...rows.map(named_html)].join(""));
		at.off("click").on("click", "[data-draft]", ({ currentTarget }) => act(frm, currentTarget.dataset));
	};

	const named_html = (row) => {
		const said = drafts.named(row);
		const language = escape(school_dialer.language_name(row.language));
		return said && `<div><b class="small">${language}</b> ${said}</div>`;
	};

	async function act(frm, { draft: verb, language }) {
		const row = rows_of(frm).find((one) => one.language === language);
		const set = (field, value) => frappe.model.set_value(row.doctype, row.name, field, value);
		if (verb === "ask") {
			const made = await drafts.ask({ details: frm.doc.details }, source_language(frm), language);
			if (!made) return;
			await set("draft", JSON.stringify(made));
			details.show_drafts(frm);
			return frm
				.get_field("details_translations")
				.$wrapper.find(`[data-part=draft][data-language="${language}"]`)
				.trigger("focus");
		}
		if (verb === "discard") {
			await set("draft", null);
			return details.show_drafts(frm);
		}
		drafts.confirm(drafts.of(row), language, async () => {
			await set("details", drafts.of(row).words.details || "");
			await set("accept_draft", 1);
			frm.refresh_field("details_translations");
			details.show_drafts(frm);
		});
	}

	// Loaded with each of these forms, and with pages that show a review.
	if (details.registered) return;
	details.registered = true;
	for (const doctype of ["Dialer Campaign", "Dialer Rule"])
		frappe.ui.form.on(doctype, {
			setup: (frm) => frm.set_query("language", "details_translations", school_dialer.spoken_languages),
			refresh: details.show_drafts,
			template: details.offer,
			details: details.offer,
		});
	frappe.ui.form.on("Dialer Details Translation", {
		language: details.show_drafts,
		details: details.show_drafts,
		still_right: details.show_drafts,
		details_translations_remove: details.show_drafts,
	});
})();
