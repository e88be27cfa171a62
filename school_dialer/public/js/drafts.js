// Drafts by a machine: asked for, shown as not checked, accepted by a person or discarded. None is said before it is accepted.
frappe.provide("school_dialer.drafts");

(() => {
	const { drafts } = school_dialer;
	const html = (value) => school_dialer.plain.html(value);
	const name_of = (code) => html(school_dialer.language_name(code));
	const COPIED = ["language", "details", "made_from", "drafted_by", "accepted_by", "accepted_at"];

	// What the school chose to draft with, or "".
	drafts.translator = () => frappe.boot.school_dialer.translator || "";

	// The draft that waits in a row, or null.
	drafts.of = (row) => {
		if (!row?.draft || row.accept_draft) return null;
		try {
			return JSON.parse(row.draft);
		} catch {
			return null;
		}
	};

	// A row of details for another document, with who accepted it.
	drafts.copied = (row) => Object.fromEntries(COPIED.map((field) => [field, row[field]]));

	// Null where there is no draft; why, a dialog has said.
	drafts.ask = (words, source, language) =>
		frappe
			.call({
				method: "school_dialer.desk.templates.draft",
				type: "POST",
				args: { words: JSON.stringify(words), source, language },
				freeze: true,
				freeze_message: __("Drafting in {0} …", [name_of(language)]),
			})
			.then(
				({ message }) => message || null,
				() => null,
			);

	drafts.button = (language) =>
		`<button type="button" class="btn btn-xs btn-default mr-1 mb-1" data-draft="ask" data-language="${html(language)}">${__("Draft in {0}", [name_of(language)])}</button>`;

	// `labels` are what people call the fields, and `old` whether the source says something else by now.
	drafts.panel = (draft, language, { labels = {}, old = false, source = "" } = {}) => {
		const words = Object.entries(draft.words).map(
			([field, text]) =>
				`${labels[field] ? `<div class="small mt-2">${html(labels[field])}</div>` : ""}<div class="border rounded p-2 mt-1" data-drafted="${html(field)}" lang="${html(language)}" dir="auto" style="white-space: pre-wrap; overflow-wrap: anywhere; background: var(--card-bg, #fff); color: var(--text-color)">${html(text)}</div>`,
		);
		const left = draft.left?.length
			? `<p class="mt-2 mb-0">${__("Not translated, because it stands inside a field: {0}. Write it yourself once you have accepted the draft.", [html(draft.left.map((one) => `“${one}”`).join(", "))])}</p>`
			: "";
		const stale = old
			? `<p class="mt-2 mb-0">${__("{0} changed after this draft was made.", [name_of(source)])}</p>`
			: "";
		const button = (act, style, label) =>
			`<button type="button" class="btn btn-xs ${style} mr-1" data-draft="${act}" data-language="${html(language)}" aria-label="${label}: ${name_of(language)}">${label}</button>`;
		return `<section class="alert alert-warning" data-part="draft" data-language="${html(language)}" tabindex="-1" aria-label="${__("Draft in {0}", [name_of(language)])}">
			<div class="d-flex flex-wrap align-items-center" style="gap: 6px"><span class="indicator-pill orange">${__("Not checked")}</span> <b>${__("Draft in {0} by {1}", [name_of(language), html(draft.by)])}</b></div>
			<p class="mt-1 mb-0">${__("No family hears or reads it before a person who knows {0} accepts it.", [name_of(language)])}</p>
			${words.join("")}${left}${stale}
			<div class="mt-2">${button("accept", "btn-primary", __("Accept"))}${button("discard", "btn-default", __("Discard"))}</div></section>`;
	};

	drafts.confirm = (draft, language, then) =>
		frappe.confirm(
			__(
				"Have you read this draft in {0}, and does it say what it should? Families will hear and read it. Your name stands on it once you save.",
				[name_of(language)],
			),
			then,
		);

	// Who answers for words that a machine drafted.
	drafts.named = (row) => {
		if (!row?.accepted_by || !row.drafted_by) return "";
		const said = __("Drafted by {0}, accepted by {1} on {2}.", [
			html(row.drafted_by),
			html(frappe.user_info(row.accepted_by).fullname),
			html(frappe.datetime.str_to_user(row.accepted_at)),
		]);
		return `<p class="text-muted small" data-part="accepted">${said}</p>`;
	};

	const listed = (languages) => languages.map(name_of).join(", ");

	// What becomes of families whose language waits, in an emergency too. `details` are only a part of the message.
	drafts.meanwhile = (languages, source, details = false) => {
		if (!languages.length) return "";
		const who = [listed(languages), name_of(source)];
		const said = details
			? __(
					"An emergency does not wait: until then, families who speak {0} hear the message in their language and its details in {1}.",
					who,
				)
			: __(
					"An emergency does not wait: until then, families who speak {0} hear all of it in {1}.",
					who,
				);
		return `<p class="small mb-1" role="note" data-part="meanwhile">${said}</p>`;
	};

	const plain = (text) => (text || "").split(/\s+/).join(" ").trim();
	drafts.same = (one, other) => plain(one) === plain(other);
})();
