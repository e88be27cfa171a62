// What the page *Tell Families* shows: topics to choose, boxes to write in, and a telephone for each language that the families speak.
frappe.provide("school_dialer.tell");

(() => {
	const { tell } = school_dialer;
	const html = (value) => school_dialer.plain.html(value);
	const language = (code) => html(school_dialer.language_name(code));

	tell.STYLE = `
.dialer-tell { display: grid; gap: var(--margin-md, 15px); align-items: start; }
.dialer-tell > * { min-width: 0; }
@media (min-width: 992px) { .dialer-tell { grid-template-columns: minmax(0, 1fr) 360px; } .dialer-tell [data-part=heard] { position: sticky; top: 120px; max-height: calc(100vh - 140px); overflow-y: auto; } }
.dialer-tell fieldset { border: 0; padding: 0; margin: 0 0 20px; min-width: 0; }
.dialer-tell legend { font-size: var(--text-lg, 16px); font-weight: 600; margin-bottom: 8px; }
.dialer-tell .dialer-choices { display: grid; gap: 8px; grid-template-columns: repeat(auto-fill, minmax(110px, 1fr)); }
.dialer-tell .dialer-choices.wide { grid-template-columns: 1fr; }
.dialer-tell .dialer-choices label { position: relative; display: flex; align-items: center; margin: 0; min-height: 44px; cursor: pointer; }
.dialer-tell .dialer-choices input { position: absolute; opacity: 0; }
.dialer-tell .dialer-choices span { flex: 1; min-height: 44px; display: flex; align-items: center; padding: 8px 12px; border: 1px solid var(--gray-600, #687178); border-radius: var(--border-radius-md, 8px); overflow-wrap: anywhere; }
.dialer-tell .dialer-choices input:checked + span { border: 2px solid currentColor; padding: 7px 11px; font-weight: 600; }
.dialer-tell .dialer-choices input:focus-visible + span { outline: 3px solid var(--primary, #2490ef); outline-offset: 2px; }
.dialer-tell [data-fields] :is(.form-section, .section-body, .form-column) { padding-inline: 0; margin-inline: 0; }
.dialer-tell textarea.form-control { font-size: var(--text-md, 14px); height: auto; }
.dialer-tell [data-draft-of]:not(:empty) { margin-top: 8px; }
.dialer-tell .dialer-phone { border: 1px solid var(--gray-400, #b8c2cc); border-radius: 24px; padding: 16px; margin-bottom: 12px; }
.dialer-tell .dialer-phone h4 { font-size: var(--text-md, 14px); font-weight: 600; margin: 0; }
.dialer-tell .dialer-phone h4::first-letter { text-transform: uppercase; }
.dialer-tell .dialer-phone p { margin: 0 0 8px; line-height: 1.5; white-space: pre-line; overflow-wrap: anywhere; }
.dialer-tell .dialer-bubble { background: var(--control-bg); border-radius: 14px; padding: 10px 12px; }
.dialer-tell .dialer-row { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; justify-content: space-between; }
.dialer-tell .dialer-problem { color: #8f1c1c; }
[data-theme=dark] .dialer-tell .dialer-problem { color: #ff9e9e; }
.dialer-tell .dialer-go { position: sticky; bottom: 0; z-index: 2; padding: 10px 0; border-top: 1px solid var(--border-color); background: var(--card-bg, var(--fg-color)); }
.dialer-tell .dialer-go .btn { min-height: 44px; }
.dialer-tell :is(input, select, textarea, button, [tabindex]) { scroll-margin-bottom: 84px; }
@media (max-width: 575px) { .dialer-tell .dialer-go .btn { width: 100%; } }`;

	// Radio buttons that look like cards, so that arrow keys and screen readers know them.
	const radios = (name, rows, chosen, wide = false) =>
		`<div class="dialer-choices ${wide ? "wide" : ""}">${rows
			.map(
				(row) =>
					`<label><input type="radio" name="dialer-tell-${name}" data-choice="${name}" value="${html(row.value)}" ${row.value === chosen ? "checked" : ""}><span>${html(row.label)}</span></label>`,
			)
			.join("")}</div>`;

	// Not a form of its own: Frappe puts its fields into forms.
	tell.page = (offer) => `<div class="frappe-card p-3">
		<fieldset data-part="what"><legend>${__("What")}</legend>${radios(
			"topic",
			offer.topics.map(({ key, title }) => ({ value: key, label: title })),
		)}
			<div data-part="message" class="mt-3"></div><div data-part="emergency"></div></fieldset>
		<fieldset data-part="whom"><legend>${__("Whom")}</legend><div data-fields="whom"></div>
			<div data-part="count" role="status" aria-live="polite" style="min-height: 24px"></div></fieldset>
		<fieldset data-part="words"><legend>${__("What, when, where")}</legend><div data-part="details"></div></fieldset>
		<fieldset data-part="how"><legend>${__("How")}</legend><div data-part="ways"></div></fieldset>
		<fieldset data-part="when"><legend>${__("When")}</legend><div data-fields="when"></div></fieldset>
		<div class="dialer-go"><button type="button" class="btn btn-primary" data-go></button></div></div>
		<section data-part="heard" aria-labelledby="dialer-tell-heard"><h3 id="dialer-tell-heard" style="font-size: var(--text-lg, 16px)">${__("What they hear and read")}</h3>
			<div data-part="phones"></div></section>`;

	// The message of a topic is chosen only where there are several.
	tell.messages = (topic, chosen) =>
		topic.messages.length < 2
			? ""
			: `<label for="dialer-tell-message">${__("Message")}</label><select class="form-control" id="dialer-tell-message" data-choice="message">${topic.messages
					.map(
						({ name, title }) =>
							`<option value="${html(name)}" ${name === chosen ? "selected" : ""}>${html(title)}</option>`,
					)
					.join("")}</select>`;

	tell.emergency = (
		kinds,
		chosen,
	) => `<div class="mt-3"><label for="dialer-tell-kind">${__("Kind of emergency")}</label>
		<select class="form-control" id="dialer-tell-kind" data-choice="emergency_type"><option value=""></option>${kinds
			.map(
				(one) =>
					`<option value="${html(one)}" ${one === chosen ? "selected" : ""}>${html(__(one))}</option>`,
			)
			.join("")}</select></div>
		<div class="mt-3"><label for="dialer-tell-reason">${__("What happened")}</label>
		<input class="form-control" id="dialer-tell-reason" data-choice="emergency_reason" maxlength="500" aria-describedby="dialer-tell-reason-hint">
		<span class="text-muted small" id="dialer-tell-reason-hint">${__("For the person who approves it. Families hear what you write below.")}</span></div>`;

	// The school's language first. The others are those of the message that families here speak.
	// Under each other box stands its draft, or the button that asks for one.
	tell.details = (languages, own, written, emergency) =>
		languages
			.map((code) => {
				const id = `dialer-tell-details-${html(code)}`;
				const label =
					code === own ? __("One or two sentences") : __("The same in {0}", [language(code)]);
				const hint =
					code === own
						? __("Read aloud in the message: what, when, where")
						: emergency
							? __(
									"If left blank, these families hear the emergency in their language, and this in {0}.",
									[language(own)],
								)
							: __("If left blank, these families get it in {0}.", [language(own)]);
				return `<div class="mb-3"><label for="${id}">${label}</label>
					<textarea class="form-control" id="${id}" rows="${code === own ? 3 : 2}" lang="${html(code)}" dir="auto" data-language="${html(code)}" aria-describedby="${id}-hint">${html(written[code] || "")}</textarea>
					<span class="text-muted small" id="${id}-hint">${hint}</span>${code === own ? "" : `<div data-draft-of="${html(code)}"></div>`}</div>`;
			})
			.join("");

	// Nothing where a person has written, or no translator is chosen.
	tell.draft = (draft, code, { own, details, written, accepted }) => {
		const { drafts } = school_dialer;
		if (draft && !accepted)
			return drafts.panel(draft, code, { old: !drafts.same(draft.from.details, details), source: own });
		return drafts.translator() && details && !written ? drafts.button(code) : "";
	};

	tell.ways = (channels, chosen) => {
		const rows = [
			channels.includes("Voice") && { value: "Voice", label: __("Phone call") },
			channels.includes("Text") && { value: "Text", label: __("Text message") },
			channels.includes("Voice") && {
				value: "Both",
				label: __("Phone call, then a text to families we couldn't reach"),
			},
		].filter(Boolean);
		const kept = rows.some(({ value }) => value === chosen) ? chosen : rows[0]?.value;
		return radios("way", rows, kept, true);
	};

	tell.counted = ({ counted, words }) => {
		const narrowed = words.only?.length
			? `<div class="text-muted">${__("Only include {0}", [html(words.only.join("; "))])}</div>`
			: "";
		if (!counted) return narrowed;
		const people =
			counted.people === 1 ? __("1 person") : __("{0} people", [`<b>${cint(counted.people)}</b>`]);
		const numbers =
			counted.households === 1
				? __("at 1 phone number")
				: __("at {0} phone numbers", [cint(counted.households)]);
		return `<div>${people} ${numbers}</div>${narrowed}<div class="text-muted small">${__("Not yet checked for consent, calling hours or valid numbers.")}</div>`;
	};

	tell.problem = (words) => note("dialer-problem", words);

	const note = (kind, words) => `<p class="${kind}">${html(words)}</p>`;

	function fell_back(part, row) {
		if (part.withheld)
			return note(
				"dialer-problem",
				__(
					"There is no translation for this language. What is sensitive is not said in another one: the person is asked to call back.",
				),
			);
		return part.fell_back
			? note(
					"dialer-problem",
					__("There is no translation for this language; it is in {0}.", [
						school_dialer.language_name(part.language || row.language),
					]),
				)
			: "";
	}

	const bubble = (part, lines) =>
		`<div class="dialer-bubble" lang="${html(part.language || "")}">${lines.map((line) => `<p dir="auto">${html(line)}</p>`).join("")}</div>`;

	// Where the details are still to be written, the message is not wrong, only unfinished.
	const refused = (part, unfinished) =>
		unfinished && part.held_back
			? note("text-muted", __("Write the sentences to see this message."))
			: note("dialer-problem", part.error);

	function spoken(row, part, unfinished) {
		if (part.error) return refused(part, unfinished);
		const after = part.after_confirmation?.length
			? `<div class="text-muted small mt-2">${__("After the person has pressed 1:")}</div>${bubble(part, part.after_confirmation)}`
			: "";
		const length = part.seconds ? note("text-muted small", __("About {0} seconds", [part.seconds])) : "";
		return `${fell_back(part, row)}${bubble(part, part.sentences)}${after}${length}${(part.problems || []).map((one) => note("dialer-problem", one)).join("")}`;
	}

	function read(row, part, unfinished) {
		if (part.error) return refused(part, unfinished);
		const size =
			part.segments === 1 ? __("1 text message") : __("{0} text messages long", [part.segments]);
		return `${fell_back(part, row)}${bubble(part, part.body.split("\n"))}${note("text-muted small", size)}`;
	}

	const titled = (words, body) => `<div class="text-muted small mt-2">${words}</div>${body}`;

	tell.phones = (rows, people, { fallback, unfinished }) =>
		rows
			.map((row, place) => {
				const number = people[row.language];
				const who = number ? (number === 1 ? __("1 person") : __("{0} people", [number])) : "";
				const audible = window.speechSynthesis && row.voice?.sentences;
				const listen = audible
					? `<button type="button" class="btn btn-default btn-xs" data-listen="${place}" aria-label="${__("Listen")}: ${language(row.language)}">${__("Listen")}</button>`
					: "";
				const parts = [
					row.error && refused(row, unfinished),
					row.voice && titled(__("A person answers"), spoken(row, row.voice, unfinished)),
					row.voicemail && titled(__("On voicemail"), spoken(row, row.voicemail, unfinished)),
					row.text &&
						titled(
							fallback ? __("Text to families we couldn't reach") : __("Text message"),
							read(row, row.text, unfinished),
						),
				];
				return `<article class="dialer-phone" data-language="${html(row.language)}"><div class="dialer-row"><h4>${language(row.language)} <span class="text-muted" style="font-weight: 400">${who}</span></h4>${listen}</div>${parts.filter(Boolean).join("")}</article>`;
			})
			.join("") || note("text-muted", __("Choose what and whom. What families hear is shown here."));
})();
