// What the page of families to phone shows: how many wait, the family that the user has, and what was noted.
frappe.provide("school_dialer.manual_calls");

(() => {
	const { manual_calls } = school_dialer;
	const html = (value) => school_dialer.plain.html(value);
	const CALL_STAGES = {
		idle: "",
		"ringing you": __("Your phone rings. Pick up."),
		press: __("Press 1 on your phone to be connected."),
		dialing: __("Calling the family…"),
		ringing: __("The family's phone rings."),
		talking: __("You are connected."),
		over: __("The call is over. Note what came of it."),
	};
	const CALL_ENDS = {
		busy: __("Their line is busy."),
		"no-answer": __("No one picked up."),
		failed: __("The call could not be placed."),
		canceled: __("The call was canceled."),
	};
	const CALL_OUTCOMES = ["Reached", "Left a message", "No answer", "Call again later"];
	const GRAVE_OUTCOMES = ["Wrong number", "Asked to stop"];
	manual_calls.STYLE = `
.dialer-calls { display: grid; gap: var(--margin-md); }
.dialer-calls h4:focus, .dialer-calls h5:focus { outline: none; }
.dialer-calls .dialer-row { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
.dialer-calls .dialer-row > .btn { min-height: 36px; }
.dialer-calls blockquote { margin: 4px 0 0; padding: 10px 12px; border: 1px solid var(--border-color); border-radius: var(--border-radius-md, 8px); background: var(--control-bg); font-size: var(--text-lg); line-height: 1.5; white-space: pre-wrap; overflow-wrap: anywhere; }
.dialer-calls [role=status]:not(:empty) { padding: 8px 12px; border-radius: var(--border-radius-md, 8px); background: var(--bg-blue, #e8f1fb); color: var(--text-color); font-weight: 600; }
.dialer-calls fieldset { border: 0; padding: 0; margin: 0; min-width: 0; }
.dialer-calls legend { font-size: var(--text-md); font-weight: 600; margin-bottom: 6px; border: 0; }
.dialer-calls .dialer-lang { display: inline-flex; gap: 6px; align-items: center; margin: 0; padding: 6px 10px; border: 1px solid var(--border-color); border-radius: 999px; cursor: pointer; }
.dialer-calls .dialer-lang input { margin: 0; }
.dialer-calls .dialer-grave { color: #8f1c1c; }
[data-theme=dark] .dialer-calls .dialer-grave { color: #ff9e9e; }
.dialer-calls textarea { min-height: 68px; }
@media (max-width: 575px) { [data-page-route="dialer-calls"] .page-head .page-title { min-width: 0; } }
@media (max-width: 575px) { .dialer-calls .dialer-outcomes > .btn { flex: 1 1 45%; } .dialer-calls .dialer-main { width: 100%; } }`;

	// Times are of today or nearly so: the hour is enough.
	const hour = (at) => html(moment(at).format("LT"));
	const total = (rows, field = "waiting") => rows.reduce((sum, one) => sum + cint(one[field]), 0);
	const colour = (purpose) => (purpose === "Emergency" ? "red" : "blue");

	// How many wait, by urgency and by language. `speaks` says whether the user speaks a language.
	manual_calls.board = ({ counts, language }, speaks) => {
		const mine = counts.filter((one) => speaks(one.language));
		const waits = total(mine);
		const elsewhere = total(counts) - waits;
		const purposes = [...new Set(mine.map((one) => one.purpose))];
		const hint = counts.length
			? ""
			: `<p class="text-muted mb-0">${__("Families that no automatic call reached appear here by themselves. Dialer Settings say for which purposes.")}</p>`;
		const pills = purposes.map((purpose) =>
			purpose_pill(
				purpose,
				mine.filter((one) => one.purpose === purpose),
			),
		);
		return `<h5 id="dialer-calls-waiting" class="mb-2">${how_many(waits, elsewhere)}</h5>${hint}
			<div class="dialer-row mb-2">${pills.join("")}</div>${counts.length ? languages(counts, language, speaks) : ""}`;
	};

	function how_many(waits, elsewhere) {
		if (!waits && !elsewhere) return __("No family waits for a call.");
		const spoken = {
			0: __("No family waits in a language you speak."),
			1: __("One family waits for a call in a language you speak."),
		};
		const others = elsewhere ? __("In other languages: {0}.", [elsewhere]) : "";
		const words = spoken[waits] || __("{0} families wait for a call in a language you speak.", [waits]);
		return `${words} ${others}`;
	}

	function purpose_pill(purpose, rows) {
		const [later, taken] = ["later", "claimed"].map((field) => total(rows, field));
		const beside = [
			later ? ` · ${__("later: {0}", [later])}` : "",
			taken ? ` · ${__("being phoned: {0}", [taken])}` : "",
		].join("");
		return `<span class="indicator-pill ${colour(purpose)} no-indicator-dot" data-purpose="${html(purpose)}">${html(school_dialer.word(purpose))}: ${total(rows)}${beside}</span>`;
	}

	function languages(counts, own, speaks) {
		const known = new Map(counts.map((one) => [one.language, one.language_name]));
		if (!known.has(own)) known.set(own, school_dialer.language_name(own));
		const boxes = [...known].map(([code, name]) => {
			const count = total(counts.filter((one) => one.language === code));
			return `<label class="dialer-lang"><input type="checkbox" value="${html(code)}"${speaks(code) ? " checked" : ""}> ${html(name)} (${count})</label>`;
		});
		return `<fieldset><legend>${__("Languages I speak")}</legend><div class="dialer-row">${boxes.join("")}</div></fieldset>`;
	}

	// How the call is going, in words for the eye and for a screen reader.
	manual_calls.said = ({ stage, status, duration, refused }) => {
		if (refused) return __("The call was refused: {0}.", [refused]);
		if (stage !== "over") return CALL_STAGES[stage];
		const talked = duration ? __("{0} seconds.", [duration]) : "";
		return [CALL_ENDS[status] || CALL_STAGES.over, talked].filter(Boolean).join(" ");
	};

	manual_calls.done = (
		one,
		may_undo,
	) => `<li class="dialer-row py-1"><span><b>${html(one.title)}</b>: ${html(__(one.outcome))}
		<span class="text-muted small">${hour(one.at)}</span></span>
		${one.may_undo && may_undo ? `<button type="button" class="btn btn-default btn-xs" data-undo="${html(one.name)}" aria-label="${__("Undo")}: ${html(one.title)}">${__("Undo")}</button>` : ""}</li>`;

	manual_calls.working = (
		one,
	) => `<li class="dialer-row py-1"><span><b>${html(one.by)}</b>: ${html(one.title)} (${html(school_dialer.word(one.purpose))})
		<span class="text-muted small">${one.in_call ? __("on the phone") : __("until {0}", [hour(one.until)])}</span></span>
		${one.in_call ? "" : `<button type="button" class="btn btn-default btn-xs" data-release="${html(one.name)}" aria-label="${__("Give back")}: ${html(one.title)}">${__("Give back")}</button>`}</li>`;

	const base = (language) => language.split(/[-_]/)[0].toLowerCase();

	// Over the words: their language, and whether the family's own is missing.
	function say_in(one, place, family) {
		if (place) return __("The same in {0}", [one.language_name]);
		if (!family.language || base(one.language) === base(family.language))
			return __("Say in {0}", [one.language_name]);
		return __("Say in {0}. There are no words in {1}.", [one.language_name, family.language_name]);
	}

	manual_calls.card = (family) => {
		const script = family.script.map(
			(
				one,
				place,
			) => `<div class="mb-2"><span class="text-muted small">${html(say_in(one, place, family))}</span>
				<blockquote lang="${html(one.language)}" dir="${html(one.direction)}">${html(one.text)}</blockquote></div>`,
		);
		const lines =
			family.lines.length > 1
				? `<label class="mb-0 small text-muted">${__("Whom to call")}<select class="form-control input-sm" data-line>${family.lines
						.map(
							(one, place) =>
								`<option value="${place}"${one.current ? " selected" : ""}>${html(one.person)} ${html(one.number)}</option>`,
						)
						.join("")}</select></label>`
				: `<span class="text-muted">${html(family.number)}</span>`;
		const outcome = (name, look) =>
			`<button type="button" class="btn btn-sm ${look}" data-outcome="${html(name)}">${html(__(name))}</button>`;
		const facts = [
			family.school && frappe.boot.school_dialer.district ? __("Call for: {0}", [family.school]) : "",
			family.students.length ? __("Students: {0}", [family.students.join(", ")]) : "",
			__("Language: {0}", [family.language_name]),
			family.attempts ? __("Phoned before: {0}", [family.attempts]) : "",
		].filter(Boolean);
		return `<div class="dialer-row mb-1"><h4 id="dialer-calls-family" class="mb-0" tabindex="-1">${html(family.title)}</h4>
				<span class="indicator-pill ${family.purpose === "Emergency" ? "red" : "blue"} no-indicator-dot">${html(school_dialer.word(family.purpose))}</span>
				<span class="text-muted small">${html(__(family.why))}</span></div>
			<p class="mb-2">${facts.map(html).join("<br>")}<br><a style="text-decoration: underline" href="${html(frappe.utils.get_form_link("Dialer Campaign", family.campaign))}">${html(family.campaign_title)}</a></p>
			${script.join("") || `<p class="text-muted">${__("This campaign has no words to read. Open it to see what it is about.")}</p>`}
			${family.about_records ? `<p class="text-muted mb-2">${__("Ask who is on the phone before you say anything about the student. On a voicemail, only ask to be called back.")}</p>` : ""}
			${family.refusal ? `<p class="dialer-grave mb-2">${html(family.refusal)}</p>` : ""}
			<div class="dialer-row mb-2" style="align-items: flex-end">${lines}
				<button type="button" class="btn btn-primary dialer-main" data-call>${__("Call")}</button></div>
			<div role="status" aria-live="polite" class="mb-3"></div>
			<label class="d-block mb-2">${__("Note")}<textarea class="form-control" maxlength="1000">${html(family.note)}</textarea></label>
			<fieldset class="mb-3"><legend>${__("What came of it")}</legend>
				<div class="dialer-row dialer-outcomes mb-2">${CALL_OUTCOMES.map((one) => outcome(one, "btn-default")).join("")}${GRAVE_OUTCOMES.map((one) => outcome(one, "btn-default dialer-grave")).join("")}</div>
				<label class="mb-0 font-weight-normal"><input type="checkbox" data-own-phone> ${__("I called with another phone")}</label></fieldset>
			<div class="dialer-row"><span class="text-muted small">${__("With you until {0}", [hour(family.until)])}</span>
				<button type="button" class="btn btn-default btn-xs" data-keep>${__("Keep Longer")}</button>
				<button type="button" class="btn btn-default btn-xs" data-give-back>${__("Give back")}</button></div>`;
	};
})();
