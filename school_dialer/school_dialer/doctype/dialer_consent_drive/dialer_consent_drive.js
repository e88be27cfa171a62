// A consent drive: what it would do, its start after a confirmation, and how far it is.
(() => {
	const POLL_SECONDS = 3;
	const API = "school_dialer.desk.families.consent_drives.";
	const COLOURS = { Draft: "gray", Running: "blue", Paused: "orange", Ended: "green" };
	const OUTCOMES = {
		consented: __("may already be called"),
		opted_out: __("opted out"),
		refused: __("opted out or said no before"),
		no_number: __("no valid number on record"),
		no_one: __("no adult on record may be called about the child"),
	};
	const STATES = ["Asked", "Answered", "Declined", "Opted Out", "Agreed Otherwise", "Waiting"];
	const escape = (text) => frappe.utils.escape_html(String(text ?? ""));

	frappe.ui.form.on("Dialer Consent Drive", {
		setup(frm) {
			frm.set_query("print_format", () => ({ filters: { doc_type: "Dialer Consent Letters" } }));
		},

		onload(frm) {
			if (!frm.is_new() || frm.doc.waves?.length) return;
			[
				[0, "Letter"],
				[14, "E-mail"],
				[28, "Letter"],
			].forEach(([days, way]) => frm.add_child("waves", { days, way, else_letter: 1 }));
			frm.refresh_field("waves");
		},

		audience_source(frm) {
			const of = {
				"Guardians of a Student Group": "Student Group",
				"Guardians of a Program": "Program",
			};
			frm.set_value("audience_doctype", of[frm.doc.audience_source] || "");
			frm.set_value("audience_name", "");
		},

		refresh(frm) {
			frm.set_df_property("state", "hidden", 1);
			if (!frm.is_new())
				frm.page.set_indicator(escape(__(frm.doc.state)), COLOURS[frm.doc.state] || "gray");
			frm.get_field("rule_html").$wrapper.html(
				`<p class="text-muted small">${__(
					"Not asked: families that may be called already, and adults who opted out of this purpose on this channel, whose number is a stranger's, or who said no to an earlier request. The other adult of such a family is asked.",
				)}</p>`,
			);
			if (frm.doc.state === "Draft" || frm.is_new()) draft(frm);
			else started(frm);
		},
	});

	function draft(frm) {
		const $preview = frm.get_field("preview_html").$wrapper;
		frm.get_field("phones_html").$wrapper.empty();
		if (frm.is_new()) {
			$preview.html(
				`<p class="text-muted">${__("Save to see how many families this is. Nothing is sent before you start.")}</p>`,
			);
			return;
		}
		$preview.html(`<p class="text-muted">${__("Counting…")}</p>`);
		const name = frm.doc.name;
		frappe
			.call({ method: API + "count", type: "GET", args: { drive: name } })
			.then(({ message }) => {
				if (frm.doc.name !== name) return;
				$preview.html(preview_html(message));
				frm.get_field("phones_html").$wrapper.html(phones_html(message.phones));
				if (frm.perm[0]?.write && message.families && !frm.is_dirty())
					frm.add_custom_button(__("Start"), () => confirm_start(frm, message)).addClass(
						"btn-primary",
					);
			})
			.catch(() => $preview.html(`<p class="text-muted">${__("This could not be counted.")}</p>`));
	}

	function sentence(found) {
		return __("{0} families, {1} letters, {2} e-mails, {3} without an e-mail address", [
			`<b>${cint(found.families)}</b>`,
			cint(found.letters),
			cint(found.emails),
			cint(found.without_address),
		]);
	}

	function preview_html(found) {
		const parts = [`<p class="consent-drive-count">${sentence(found)}</p>`];
		if (found.by_phone)
			parts.push(
				`<p>${__("Families for draft campaigns of texts or calls, which you start: {0}", [cint(found.by_phone)])}</p>`,
			);
		if (!found.families)
			parts.push(
				`<p class="text-muted">${__("There is no family to ask. Choose others, or a later date before which consents lapse.")}</p>`,
			);
		const [covered, students] = found.coverage;
		if (students)
			parts.push(
				`<p>${__("Today an adult of {0} of {1} students may be called ({2}).", [covered, students, percent(found.coverage)])}</p>`,
			);
		const out = Object.entries(found.left_out).map(
			([why, number]) => `<li>${escape(OUTCOMES[why] || why)}: ${cint(number)}</li>`,
		);
		if (out.length)
			parts.push(`<p>${__("Students whose family is not asked:")}</p><ul>${out.join("")}</ul>`);
		const languages = Object.entries(found.languages)
			.map(([language, number]) => `${escape(language_name(language))} ${cint(number)}`)
			.join(", ");
		if (languages) parts.push(`<p>${__("Languages of the families: {0}", [languages])}</p>`);
		if (found.in_english)
			parts.push(
				`<p>${__("{0} families get English, because the letter is not in their language.", [cint(found.in_english)])}</p>`,
			);
		if (!found.engine)
			parts.push(
				`<p style="color: var(--text-on-orange)">${__("This server cannot make PDF files. Letters are pages that you print from the browser.")}</p>`,
			);
		else if (found.no_font.length)
			parts.push(
				`<p>${__("This server has no font for {0}. These letters are pages that you print from the browser.", [escape(found.no_font.map(language_name).join(", "))])}</p>`,
			);
		return parts.join("");
	}

	function phones_html(phones) {
		const names = { Text: __("Texts"), Voice: __("Calls") };
		const lines = Object.entries(phones || {}).map(([channel, found]) => {
			const why = Object.entries(found.reasons)
				.map(([code, number]) => `${escape(school_dialer.words.reason(code))}: ${cint(number)}`)
				.join("; ");
			return `<li>${names[channel]}: ${__("{0} of {1} families", [cint(found.may), cint(found.families)])}${why ? ` (${why})` : ""}</li>`;
		});
		return `<p class="text-muted small">${__(
			"An automatic text or call that asks for consent needs consent itself. A wave by text or call asks only those who agreed to texts or calls about something else, and makes draft campaigns that you start. Of these families:",
		)}</p><ul class="text-muted small">${lines.join("")}</ul>`;
	}

	function confirm_start(frm, found) {
		frappe.confirm(
			`${sentence(found)}.<br><br>${__("Start? Letters are made at once, and you can cancel them until they are handed out. E-mails cannot be taken back.")}`,
			() => act(frm, "start", { families: found.families }),
		);
	}

	async function act(frm, method, args = {}) {
		await frappe.call({ method: API + method, args: { drive: frm.doc.name, ...args }, freeze: true });
		await frm.reload_doc();
	}

	function started(frm) {
		frm.disable_save();
		frm.fields.forEach(
			(field) => field.df.fieldname && frm.set_df_property(field.df.fieldname, "read_only", 1),
		);
		frm.get_field("phones_html").$wrapper.empty();
		if (frm.perm[0]?.write) buttons(frm);
		frm.get_field("progress_html").$wrapper.html(`<p class="text-muted">${__("Counting…")}</p>`);
		follow(frm);
	}

	function buttons(frm) {
		const change = (action) => act(frm, "change", { action });
		if (frm.doc.state === "Running") {
			frm.add_custom_button(__("Pause"), () => change("pause"));
			frm.add_custom_button(
				__("Ask Those Left Out"),
				() =>
					frappe.confirm(
						__(
							"Make the last wave again for families that it left out, such as those whose letters were canceled?",
						),
						() => change("again"),
					),
				__("More"),
			);
		} else frm.add_custom_button(__("Resume"), () => change("resume")).addClass("btn-primary");
		if (frm.doc.state !== "Ended")
			frm.add_custom_button(
				__("End"),
				() =>
					frappe.confirm(
						__(
							"End the drive? No one is reminded any more. Families can still answer until the day in their letter.",
						),
						() => change("end"),
					),
				__("More"),
			);
		frm.add_custom_button(__("Count Again"), async () => {
			await frappe.call({ method: API + "refresh", args: { drive: frm.doc.name } });
			frappe.show_alert(__("The answers are counted in the background."));
			follow(frm);
		});
	}

	async function follow(frm) {
		const turn = (frm.consent_turn = (frm.consent_turn || 0) + 1);
		const name = frm.doc.name;
		const shown = () => cur_frm === frm && frm.doc.name === name && frm.consent_turn === turn;
		let idle = 0;
		while (shown() && idle < 3) {
			const { message: found } = await frappe.call({
				method: API + "state",
				type: "GET",
				args: { drive: name },
			});
			if (!shown()) return;
			show(frm, found);
			const working = found.running || found.waves.some((wave) => wave.state === "Making");
			idle = working ? 0 : idle + 1;
			await frappe.timeout(POLL_SECONDS);
		}
	}

	function language_name(code) {
		try {
			return new Intl.DisplayNames([frappe.boot.lang || "en"], { type: "language" }).of(code);
		} catch {
			return code;
		}
	}

	function rounded(number) {
		return Number(number.toFixed(1)).toLocaleString(frappe.boot.lang || "en");
	}

	function percent([covered, students]) {
		return students ? `${rounded((100 * covered) / students)} %` : "–";
	}

	function show(frm, found) {
		const { total } = found;
		const done = total.families ? total.families - cint(total.Waiting) : 0;
		const asked = __(
			"{0} of {1} families were asked. {2} answered, {3} said no, {4} opted out, {5} agreed in another way.",
			[
				done,
				cint(total.families),
				cint(total.Answered),
				cint(total.Declined),
				cint(total["Opted Out"]),
				cint(total["Agreed Otherwise"]),
			],
		);
		frm.get_field("progress_html").$wrapper.html(
			total.families
				? `<p>${asked}</p>` +
						coverage_html(found.coverage) +
						waves_html(found.waves) +
						tables_html(found) +
						campaigns_html(found.campaigns) +
						letters_html(found.letters)
				: `<p class="text-muted">${__("The families are being listed.")}</p>`,
		);
		frm.get_field("progress_html")
			.$wrapper.find("[data-letters]")
			.on("click", (event) => change_letters(frm, event.currentTarget.dataset));
	}

	// `first_number`: the first column of numbers, which stand on the right up to the column `last_number`.
	function table(heads, rows, first_number, last_number = heads.length) {
		const head = heads
			.map((one, place) =>
				place >= first_number && place < last_number
					? `<th scope="col" class="text-right">${one}</th>`
					: `<th scope="col">${one}</th>`,
			)
			.join("");
		return `<div class="table-responsive" tabindex="0"><table class="table table-bordered table-sm">
			<thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
	}

	function coverage_html({ start, now, counted_at }) {
		if (!start.total || !now.total) return "";
		const lift =
			(100 * now.total[0]) / (now.total[1] || 1) - (100 * start.total[0]) / (start.total[1] || 1);
		const lifted = __(
			"Students with an adult who may be called: {0} at the start, {1} now ({2} points).",
			[
				percent(start.total),
				`<b>${percent(now.total)}</b>`,
				`${lift >= 0 ? "+" : "−"}${rounded(Math.abs(lift))}`,
			],
		);
		const counted = frappe.datetime.prettyDate(counted_at) || frappe.datetime.str_to_user(counted_at);
		return `<p class="consent-drive-lift">${lifted} <span class="text-muted">${__("Counted {0}.", [escape(counted)])}</span></p>`;
	}

	function waves_html(waves) {
		const rows = waves.map(
			(wave) =>
				`<tr><td>${cint(wave.idx)}</td><td>${cint(wave.days)}</td><td>${escape(__(wave.way))}</td><td>${escape(__(wave.state))}</td>
				<td class="text-right">${cint(wave.families)}</td><td class="text-right">${cint(wave.not_reached)}</td></tr>`,
		);
		return (
			`<p class="h5 mt-4">${__("Waves")}</p>` +
			table(
				[__("Wave"), __("Day"), __("Way"), __("State"), __("Last Asked in It"), __("Not Reached")],
				rows,
				4,
			)
		);
	}

	function tables_html({ by, coverage }) {
		const titles = { school: __("School"), group: __("Class"), language: __("Language") };
		return Object.entries(by)
			.filter(
				([kind, rows]) => rows.length > 1 || (rows.length === 1 && rows[0].key && kind !== "school"),
			)
			.map(([kind, rows]) => {
				const lines = rows.map((row) => {
					const cells = STATES.map(
						(state) => `<td class="text-right">${cint(row[state]) || "–"}</td>`,
					);
					const before = percent(coverage.start[kind]?.[row.key] || [0, 0]);
					const now = percent(coverage.now[kind]?.[row.key] || [0, 0]);
					return `<tr><th scope="row">${escape(kind === "language" ? language_name(row.key) : row.key) || `<i>${__("None")}</i>`}</th><td class="text-right">${cint(row.families)}</td>
						${cells.join("")}<td class="text-right">${before}</td><td class="text-right">${now}</td></tr>`;
				});
				const heads = [
					titles[kind],
					__("Families"),
					...STATES.map((state) => escape(__(state))),
					__("Coverage at the Start"),
					__("Now"),
				];
				return `<p class="h5 mt-4">${__("By {0}", [titles[kind]])}</p>${table(heads, lines, 1)}`;
			})
			.join("");
	}

	function campaigns_html(campaigns) {
		if (!campaigns.length) return "";
		const rows = campaigns.map((one) => {
			const link = frappe.utils.get_form_link("Dialer Campaign", one.name);
			const way = one.channel === "Text" ? __("Text") : __("Call");
			return `<tr><td>${cint(one.consent_wave)}</td><th scope="row"><a href="${escape(link)}">${escape(one.title)}</a></th><td>${escape(way)}</td>
				<td>${escape(__(one.purpose))}</td><td>${escape(__(one.status))}</td><td>${one.started_at ? escape(frappe.datetime.str_to_user(one.started_at)) : "–"}</td>
				<td class="text-right">${cint(one.families)}</td><td class="text-right">${cint(one.reached)}</td></tr>`;
		});
		const drafts = campaigns.filter((one) => one.status === "Draft").length;
		const said = drafts ? `<p>${__("Campaigns that wait for you to start them: {0}", [drafts])}</p>` : "";
		return (
			`<p class="h5 mt-4">${__("Texts and Calls")}</p>${said}` +
			table(
				[
					__("Wave"),
					__("Campaign"),
					__("Way"),
					__("Purpose"),
					__("State"),
					__("Started"),
					__("Families"),
					__("Reached"),
				],
				rows,
			)
		);
	}

	function letters_html(letters) {
		if (!letters.length) return "";
		const button = (one, action, label) =>
			`<button class="btn btn-xs btn-default" data-letters="${escape(one.name)}" data-action="${action}" data-families="${cint(one.families)}">${label}</button>`;
		const rows = letters.map((one) => {
			const file = one.file
				? `<a href="${escape(one.file)}" target="_blank" rel="noopener">${escape(one.format)}</a>`
				: "–";
			const may = {
				Made: button(one, "hand_out", __("Handed Out")) + " " + button(one, "cancel", __("Cancel")),
				"Handed Out": button(one, "take_back", __("Not Yet")),
			};
			return `<tr><td>${cint(one.wave)}</td><th scope="row">${escape([one.school, one.student_group].filter(Boolean).join(" · ")) || `<i>${__("No class")}</i>`}</th>
				<td class="text-right">${cint(one.families)}</td><td>${file}</td><td>${escape(__(one.state))}</td><td>${may[one.state] || ""}</td></tr>`;
		});
		return (
			`<p class="h5 mt-4">${__("Letters")}</p>` +
			table(
				[__("Wave"), __("Class"), __("Families"), __("File"), __("State"), __("Action")],
				rows,
				2,
				3,
			)
		);
	}

	function change_letters(frm, { letters, action, families }) {
		const go = async () => {
			await frappe.call({ method: API + "change_letters", args: { letters_name: letters, action } });
			follow(frm);
		};
		if (action !== "cancel") return go();
		frappe.confirm(
			__("Cancel these {0} letters? Their codes and addresses stop working, and the file is deleted.", [
				cint(families),
			]),
			go,
		);
	}
})();
