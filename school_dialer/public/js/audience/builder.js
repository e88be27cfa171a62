// Which people of an audience: conditions in words, and how many people they leave, counted again whenever something is chosen.
// For forms with the fields audience_source, audience_doctype, audience_name, audience_filters, filters_in_words and filters_html.
frappe.provide("school_dialer.audience");

(() => {
	const { audience } = school_dialer;
	const escape = frappe.utils.escape_html;
	const QUIET_MILLISECONDS = 400;
	const PARTS = [
		["only", __("Only"), "green"],
		["except", __("Not"), "red"],
	];

	// Without Frappe's own messages: what is wrong stands where the count would.
	audience.ask = async (method, args, type = "GET") => {
		const url = `/api/method/school_dialer.desk.audience.${method}`;
		const options = { headers: { Accept: "application/json", "X-Frappe-CSRF-Token": frappe.csrf_token } };
		let response;
		if (type === "POST") {
			options.headers["Content-Type"] = "application/json";
			response = await fetch(url, { ...options, method: "POST", body: JSON.stringify(args) });
		} else {
			response = await fetch(`${url}?${new URLSearchParams(args)}`, options);
		}
		const answer = await response.json().catch(() => ({}));
		if (!response.ok) throw new Error(problem_in(answer));
		return answer.message;
	};

	function problem_in(answer) {
		const messages = JSON.parse(answer._server_messages || "[]").map((one) =>
			strip_html(JSON.parse(one).message || ""),
		);
		return messages.join(" ") || __("The server could not answer. Try again.");
	}

	audience.filters_of = (frm) => {
		const stored = frm.doc.audience_filters ? JSON.parse(frm.doc.audience_filters) : {};
		return { only: stored.only || [], except: stored.except || [] };
	};

	audience.set_filters = async (frm, filters) => {
		const kept = Object.fromEntries(
			PARTS.map(([part]) => [part, filters[part]]).filter(([, conditions]) => conditions.length),
		);
		await frm.set_value("audience_filters", Object.keys(kept).length ? JSON.stringify(kept) : null);
		audience.show(frm);
	};

	const editable = (frm) =>
		(frm.doctype !== "Dialer Campaign" ||
			(frm.doc.status === "Draft" && !frm.doc.consent_drive && !frm.doc.resends)) &&
		!frm.doc.enabled &&
		!!(frm.perm[0] && frm.perm[0].write);
	const complete = ({ doc }) =>
		doc.audience_source &&
		(!doc.audience_doctype || doc.audience_name) &&
		(doc.audience_source !== "CSV file" || doc.audience_file);

	// Draws what is there, and asks how many that are.
	audience.show = (frm) => {
		const field = frm.get_field("filters_html");
		if (!field) return;
		if (!editable(frm)) {
			field.$wrapper.html(read_only_html(frm));
			if (frm.get_field("s_filters")) frm.toggle_display("s_filters", !!frm.doc.filters_in_words);
			return;
		}
		if (frm.get_field("s_filters")) frm.toggle_display("s_filters", true);
		if (!field.$wrapper.children("[data-part=audience]").length) build(frm, field.$wrapper);
		const wrapper = field.$wrapper.children("[data-part=audience]");
		const filters = audience.filters_of(frm);
		const of_campaign = frm.doctype === "Dialer Campaign";
		wrapper.find("[data-act=only], [data-act=except]").toggle(!!frm.doc.audience_source);
		wrapper.find("[data-act=use]").toggle(of_campaign && frappe.model.can_read("Dialer Audience"));
		wrapper
			.find("[data-act=save]")
			.toggle(
				of_campaign &&
					!!complete(frm) &&
					frm.doc.audience_source !== "CSV file" &&
					frappe.model.can_create("Dialer Audience"),
			);
		if (!filters.only.length && !filters.except.length) draw_conditions(frm, { only: [], except: [] });
		frm.count_turn = (frm.count_turn || 0) + 1;
		clearTimeout(frm.count_timer);
		if (!complete(frm))
			return show_count(frm, `<span class="text-muted">${escape(what_lacks(frm))}</span>`);
		const shown = wrapper.find("[data-part=count]").attr("aria-busy", "true");
		if (!shown.find("[data-part=counting]").length)
			shown.append(`<div class="text-muted small" data-part="counting">${__("Counting …")}</div>`);
		frm.count_timer = setTimeout(() => count(frm, frm.count_turn), QUIET_MILLISECONDS);
	};

	const read_only_html = (frm) =>
		`<div class="mb-2" data-part="conditions" style="white-space: pre-line">${escape(frm.doc.filters_in_words || "")}</div>`;

	function what_lacks({ doc }) {
		if (!doc.audience_source)
			return __("Choose the audience above. How many people it has is shown here.");
		if (doc.audience_source === "CSV file")
			return __("Attach the CSV file to see how many people it has.");
		return __("Choose the {0} to see how many people it has.", [__(doc.audience_doctype)]);
	}

	function build(frm, wrapper) {
		wrapper.html(`<div data-part="audience">
			<div data-part="count" role="status" aria-live="polite" class="mb-3" style="min-height: 48px"></div>
			<ul class="list-unstyled mb-2" data-part="conditions" tabindex="-1" aria-label="${__("Conditions")}"></ul>
			<div data-part="buttons" class="d-flex flex-wrap mb-2" style="gap: 8px">
				<button type="button" class="btn btn-xs btn-default" data-act="only">${__("Only include …")}</button>
				<button type="button" class="btn btn-xs btn-default" data-act="except">${__("Exclude …")}</button>
				<button type="button" class="btn btn-xs btn-default" data-act="save">${__("Save as audience")}</button>
				<button type="button" class="btn btn-xs btn-default" data-act="use">${__("Use a saved audience")}</button>
			</div></div>`);
		wrapper.on("click", "[data-act]", (event) => {
			const { act, place } = event.currentTarget.dataset;
			if (act === "save") return audience.save(frm);
			if (act === "use") return audience.use_saved(frm);
			if (act === "remove") return remove(frm, event.currentTarget.dataset.part_of, cint(place));
			audience.add_condition(frm, act);
		});
	}

	async function remove(frm, part, place) {
		const filters = audience.filters_of(frm);
		filters[part].splice(place, 1);
		await audience.set_filters(frm, filters);
		frm.get_field("filters_html").$wrapper.find("[data-part=conditions]").trigger("focus");
	}

	async function count(frm, turn) {
		const { doc } = frm;
		const args = {
			audience_source: doc.audience_source,
			audience_name: doc.audience_name,
			audience_file: doc.audience_file,
			reach: doc.reach,
			filters: doc.audience_filters,
			school: doc.school || undefined,
			schools: doc.schools || undefined,
		};
		let found, problem;
		try {
			found = await audience.ask("count", args, "POST");
		} catch (error) {
			problem = error.message;
		}
		if (turn !== frm.count_turn || frm.doc !== doc) return;
		if (problem) {
			draw_conditions(frm, null);
			return show_count(frm, `<span class="indicator red"></span> <span>${escape(problem)}</span>`);
		}
		draw_conditions(frm, found.words);
		show_count(frm, count_html(found.counted) + removed_html(frm.counted_before, found.counted));
		frm.counted = found.counted;
		frm.counted_before = null;
	}

	// What a filter that was just added takes away.
	function removed_html(before, now) {
		if (!before || !now) return "";
		const removed = before.people - now.people;
		const words = removed
			? __("This filter leaves out {0} of {1} people.", [removed, before.people])
			: __("This filter leaves out no one.");
		return `<div class="small" data-part="removed">${escape(words)}</div>`;
	}

	function show_count(frm, html) {
		frm.get_field("filters_html").$wrapper.find("[data-part=count]").removeAttr("aria-busy").html(html);
	}

	function count_html(counted) {
		if (!counted && frappe.boot.school_dialer.own_schools)
			return __("Preview audience and Rehearse count your school's people.");
		if (!counted)
			return __(
				"There are too many to count while you choose. Preview audience and Rehearse count them.",
			);
		if (!counted.people)
			return `<b>${__("No one is left.")}</b> ${__("Choose another audience, or remove a filter.")}`;
		const numbers = [
			[counted.households, counted.households === 1 ? __("phone number") : __("phone numbers")],
			[counted.people, __("people")],
			...(counted.students === null ? [] : [[counted.students, __("students")]]),
		].map(
			([number, words]) =>
				`<b style="font-size: var(--text-lg, 16px)">${format_number(number, null, 0)}</b> ${escape(words)}`,
		);
		return `${numbers.join(" · ")}<div class="text-muted small">${__("Not yet checked for consent, calling hours or valid numbers.")}</div>`;
	}

	// Words are the server's; null keeps those that stand, for conditions that it could not read.
	function draw_conditions(frm, words) {
		const list = frm.get_field("filters_html").$wrapper.find("[data-part=conditions]");
		const filters = audience.filters_of(frm);
		const html = PARTS.map(([part, title, colour]) =>
			filters[part]
				.map((condition, place) => {
					const said = String((words ? words[part][place] : __(condition.kind)) || "");
					return `<li class="d-flex align-items-center mb-1" style="gap: 8px"><span class="indicator-pill ${colour}">${title}</span><span>${escape(said)}</span>
					<button type="button" class="btn btn-link btn-xs p-0" style="text-decoration: underline" data-act="remove" data-part_of="${part}" data-place="${place}"
						aria-label="${escape(__("Remove: {0} {1}", [title, said]))}">${__("Remove")}</button></li>`;
				})
				.join(""),
		).join("");
		list.html(
			html ||
				`<li class="text-muted">${__("Everyone in this audience. Add a filter to narrow it.")}</li>`,
		);
	}

	// Another audience has other records: what does not fit it goes, and says so.
	audience.keep_what_fits = async (frm) => {
		const filters = audience.filters_of(frm);
		if (!frm.doc.audience_source || !(filters.only.length + filters.except.length)) return;
		const offered = await audience.ask("conditions", { audience_source: frm.doc.audience_source });
		const fits = (one) =>
			offered.kinds.some(({ kind }) => kind === one.kind) &&
			(!one.doctype || offered.records.some(({ doctype }) => doctype === one.doctype));
		const kept = { only: filters.only.filter(fits), except: filters.except.filter(fits) };
		if (kept.only.length + kept.except.length === filters.only.length + filters.except.length) return;
		frappe.show_alert({
			message: __("Conditions that do not fit this audience were taken away."),
			indicator: "orange",
		});
		await audience.set_filters(frm, kept);
	};
})();
