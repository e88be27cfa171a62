// Tell families: what, whom, one or two sentences, how; beside it what each language hears, and then the review before any campaign.
// It makes an ordinary Dialer Campaign, which is saved when it is reviewed.

frappe.pages["dialer-tell"].on_page_load = (wrapper) => {
	wrapper.tell = new TellFamilies(wrapper);
};
frappe.pages["dialer-tell"].on_page_show = (wrapper) => wrapper.tell.show();
frappe.pages["dialer-tell"].on_page_hide = () => window.speechSynthesis?.cancel();

const TELL_METHODS = "school_dialer.desk.tell_families.";
const TELL_AFTER = 500;
const TELL_TITLE_LONGEST = 140;
class TellFamilies {
	constructor(wrapper) {
		frappe.dom.set_style(school_dialer.tell.STYLE, "dialer-tell-style");
		// Of several answers on their way, only the latest is shown.
		Object.assign(this, { counts: 0, previews: 0 });
		this.page = frappe.ui.make_app_page({
			parent: wrapper,
			title: __("Tell Families"),
			single_column: true,
		});
		this.$body = $('<div class="dialer-tell"></div>').appendTo(this.page.main);
		this.$body
			.on("change", "[data-choice=topic]", () => this.show_topic())
			.on("change", "[data-choice=message]", () => this.show_message())
			.on("change", "[data-choice=way], [data-choice=emergency_type]", () => this.show_words_soon())
			.on("input", "[data-part=details] textarea", () => {
				this.show_drafts();
				this.show_words_soon();
			})
			.on("click", "[data-draft]", ({ currentTarget }) => this.draft_act(currentTarget.dataset))
			.on("click", "[data-listen]", ({ currentTarget }) => this.listen(currentTarget.dataset.listen))
			.on("click", "[data-go]", () => this.review());
	}

	part(name) {
		return this.$body.find(`[data-part=${name}]`);
	}

	chosen(name) {
		const $radio = this.$body.find(`[data-choice=${name}]:radio`);
		const $chosen = $radio.length ? $radio.filter(":checked") : this.$body.find(`[data-choice=${name}]`);
		return $chosen.val() || "";
	}

	call(method, args, type = "POST") {
		return frappe.call({ method: TELL_METHODS + method, type, args }).then(
			({ message }) => message,
			() => undefined,
		);
	}

	async show() {
		if (this.offer) return;
		this.offer = await this.call("offer", {}, "GET");
		if (this.offer) this.begin();
	}

	// A page for the next message. What was sent has its own form by now.
	begin() {
		Object.assign(this, { draft: null, people: {}, rows: [], kept: {}, drafted: {} });
		Object.assign(this, { counted_of: "", shown_audience: "" });
		this.$body.html(school_dialer.tell.page(this.offer));
		this.make_whom();
		this.make_when();
		this.show_topic();
	}

	make_whom() {
		const { own_schools, district } = frappe.boot.school_dialer;
		const changed = () => this.show_audience();
		this.whom = new frappe.ui.FieldGroup({
			body: this.$body.find("[data-fields=whom]")[0],
			no_submit_on_enter: true,
			fields: [
				{
					fieldname: "school",
					fieldtype: "Link",
					options: "Dialer School",
					label: __("School"),
					hidden: district ? 0 : 1,
					default: own_schools?.length === 1 ? own_schools[0] : "",
					get_query: () => (own_schools ? { filters: { name: ["in", own_schools] } } : {}),
					onchange: changed,
				},
				{
					fieldname: "audience_source",
					fieldtype: "Select",
					label: __("Audience"),
					options: [
						{ value: "", label: "" },
						...this.offer.audiences.map(({ label, title }) => ({ value: label, label: title })),
					],
					onchange: () => this.choose_audience(),
				},
				{
					fieldname: "audience_name",
					fieldtype: "Dynamic Link",
					label: __("Which one"),
					options: "audience_doctype",
					get_options: () => this.audience()?.doctype || "",
					depends_on: () => !!this.audience()?.doctype,
					onchange: changed,
				},
			],
		});
		this.whom.make();
		this.name_inputs(this.whom);
	}

	// Frappe draws labels that are not tied to their inputs.
	name_inputs({ fields_list }) {
		for (const { $input, df } of fields_list) $input?.attr("aria-label", df.label);
	}

	make_when() {
		this.when = new frappe.ui.FieldGroup({
			body: this.$body.find("[data-fields=when]")[0],
			no_submit_on_enter: true,
			fields: [
				{
					fieldname: "scheduled_at",
					fieldtype: "Datetime",
					label: __("Schedule for"),
					description: __("Leave blank to start right away"),
					onchange: () => this.show_button(),
				},
			],
		});
		this.when.make();
		this.name_inputs(this.when);
	}

	// What is chosen

	topic() {
		return this.offer.topics.find(({ key }) => key === this.chosen("topic"));
	}

	message() {
		const messages = this.topic()?.messages || [];
		return messages.find(({ name }) => name === this.chosen("message")) || messages[0];
	}

	audience() {
		const label = this.whom?.get_value("audience_source");
		return this.offer.audiences.find((one) => one.label === label);
	}

	// Where the topic is about some students, and the audience knows of them.
	filters() {
		const narrowed = this.topic()?.narrowed;
		return narrowed && this.audience()?.narrows.includes(narrowed.kind)
			? JSON.stringify({ only: [narrowed] })
			: null;
	}

	asked_of() {
		return {
			audience_source: this.audience()?.label || "",
			audience_name: this.audience()?.doctype ? this.whom.get_value("audience_name") || "" : "",
			filters: this.filters(),
			school: this.school(),
		};
	}

	// What is about some students says the wrong thing to everyone else.
	too_wide() {
		if (!this.topic()?.narrowed || !this.audience() || this.filters()) return "";
		return __("This message is for some families only, and these people cannot be narrowed to them.");
	}

	has_audience() {
		const { audience_name } = this.asked_of();
		return !!this.audience() && (!this.audience().doctype || !!audience_name);
	}

	written() {
		const boxes = this.part("details").find("textarea").toArray();
		return Object.fromEntries(boxes.map((box) => [box.dataset.language, box.value.trim()]));
	}

	// `details` in the school's language, and those in others that are written.
	said() {
		const { [this.own()]: details = "", ...others } = this.written();
		return { details, others: Object.entries(others).filter(([, words]) => words) };
	}

	// In the language of the school in whose name it is.
	own() {
		return this.offer.schools[this.school()] || frappe.boot.school_dialer.language || "en";
	}

	school() {
		return this.whom.get_value("school") || "";
	}

	lacks_school() {
		return !!frappe.boot.school_dialer.own_schools && !this.school();
	}

	// What follows from a choice

	show_topic() {
		const topic = this.topic();
		this.part("message").html(topic ? school_dialer.tell.messages(topic, topic.messages[0].name) : "");
		const emergency = topic?.purpose === "Emergency";
		this.part("emergency").html(
			emergency ? school_dialer.tell.emergency(this.offer.emergencies, topic.emergency_type) : "",
		);
		this.part("when").toggleClass("hidden", emergency);
		this.show_message();
		this.show_audience();
	}

	show_message() {
		const { tell } = school_dialer;
		const message = this.message();
		this.part("how").toggleClass("hidden", !message);
		this.part("ways").html(message ? tell.ways(message.channels, this.chosen("way")) : "");
		this.show_boxes();
		this.show_button();
		this.show_words_soon();
	}

	// A box for each language of the message that families here speak. What is written stays.
	show_boxes() {
		const message = this.message();
		this.kept = { ...this.kept, ...this.written() };
		this.part("words").toggleClass("hidden", !message?.details);
		if (!message?.details) return this.part("details").empty();
		const own = this.own();
		const base = (code) => code.split(/[-_]/)[0];
		const spoken = Object.keys(this.people).map(base);
		const others = message.languages.filter(
			(one) => base(one) !== base(own) && (!spoken.length || spoken.includes(base(one))),
		);
		const shown = JSON.stringify([own, ...others, this.is_emergency()]);
		if (this.part("details").attr("data-of") === shown && this.part("details").children().length) return;
		const focused = document.activeElement?.dataset?.language;
		this.part("details")
			.attr("data-of", shown)
			.html(school_dialer.tell.details([own, ...others], own, this.kept, this.is_emergency()));
		this.show_drafts();
		if (focused) this.box(focused).trigger("focus");
	}

	is_emergency() {
		return this.topic()?.purpose === "Emergency";
	}

	// A draft is kept with the page, and its words with the box only once they are accepted.
	show_drafts() {
		const { details, others } = this.said();
		const written = Object.fromEntries(others);
		for (const place of this.part("details").find("[data-draft-of]").toArray()) {
			const code = place.dataset.draftOf;
			const { draft, accepted } = this.drafted[code] || {};
			const about = { own: this.own(), details, written: written[code], accepted };
			const shown = school_dialer.tell.draft(draft, code, about);
			if ($(place).data("shown") !== shown) $(place).data("shown", shown).html(shown);
		}
	}

	async draft_act({ draft: verb, language }) {
		const { drafts } = school_dialer;
		if (verb === "ask") {
			const draft = await drafts.ask({ details: this.said().details }, this.own(), language);
			if (!draft) return;
			this.drafted[language] = { draft };
			this.show_drafts();
			return this.part("details")
				.find(`[data-part=draft][data-language="${language}"]`)
				.trigger("focus");
		}
		const { draft } = this.drafted[language];
		if (verb === "discard") {
			delete this.drafted[language];
			this.show_drafts();
			return this.box(language).trigger("focus");
		}
		drafts.confirm(draft, language, () => {
			this.drafted[language] = { draft, accepted: true };
			this.box(language)
				.val(draft.words.details || "")
				.trigger("input")
				.trigger("focus");
		});
	}

	// What names the person who accepted it, once the campaign is saved.
	accepted(language) {
		const { draft, accepted } = this.drafted[language] || {};
		return accepted ? { draft: JSON.stringify(draft), accept_draft: 1 } : {};
	}

	box(language) {
		return this.part("details")
			.find("textarea")
			.filter((_place, one) => one.dataset.language === language);
	}

	show_button() {
		const doc = { purpose: this.topic()?.purpose, scheduled_at: this.when.get_value("scheduled_at") };
		const start = doc.scheduled_at ? __("Review and schedule") : __("Review and start");
		this.$body
			.find("[data-go]")
			.text(doc.purpose === "Emergency" ? __("Review and ask for approval") : start);
	}

	// The control tells of one change more than once.
	choose_audience() {
		const label = this.audience()?.label || "";
		if (label === (this.shown_audience || "")) return;
		this.shown_audience = label;
		this.whom.set_value("audience_name", "");
		this.whom.refresh_dependency();
		this.show_audience();
	}

	async show_audience() {
		if (!this.whom) return;
		const asked = this.asked_of();
		const key = JSON.stringify([asked, this.too_wide()]);
		if (key === this.counted_of) return;
		this.counted_of = key;
		const turn = ++this.counts;
		this.people = {};
		const complete = this.has_audience() && !this.lacks_school() && !this.too_wide();
		this.part("count").text(complete ? __("Counting …") : this.too_wide());
		this.show_boxes();
		if (!complete) return this.show_words_soon();
		const counting = school_dialer.audience.ask("count", asked, "POST").then(
			(found) => school_dialer.tell.counted(found),
			({ message }) => school_dialer.tell.problem(message),
		);
		const [shown, people] = await Promise.all([counting, this.call("languages", asked)]);
		if (turn !== this.counts) return;
		this.part("count").html(shown);
		this.people = people || {};
		this.show_boxes();
		this.show_words_soon();
	}

	show_words_soon() {
		clearTimeout(this.next_words);
		this.next_words = setTimeout(() => this.show_words(), TELL_AFTER);
	}

	async show_words() {
		const message = this.message();
		const turn = ++this.previews;
		if (!message || this.lacks_school())
			return this.part("phones").html(school_dialer.tell.phones([], {}, {}));
		const { details, others } = this.said();
		const rows = await this.call("heard", {
			template: message.name,
			...this.way(),
			school: this.school(),
			details,
			details_in: Object.fromEntries(others),
			spoken: Object.keys(this.people),
			emergency_type: this.chosen("emergency_type"),
		});
		if (!rows || turn !== this.previews) return;
		const number = ({ language }) => this.people[language] || 0;
		this.rows = rows.sort((one, other) => number(other) - number(one));
		this.part("phones").html(
			school_dialer.tell.phones(rows, this.people, {
				fallback: this.way().text_fallback,
				unfinished: message.details && !details,
			}),
		);
	}

	way() {
		const way = this.chosen("way");
		return { channel: way === "Text" ? "Text" : "Voice", text_fallback: way === "Both" ? 1 : 0 };
	}

	listen(place) {
		const { voice, language } = this.rows[place];
		const words = [...voice.sentences, ...(voice.after_confirmation || [])].join("\n");
		school_dialer.campaign.listen({ message: words, language: voice.language || language });
	}

	// The review, which is that of every campaign

	values() {
		const topic = this.topic();
		const { audience_source, audience_name, filters, school } = this.asked_of();
		const { details, others } = this.said();
		const emergency = topic.purpose === "Emergency";
		const named = audience_name || this.audience().title;
		return {
			doctype: "Dialer Campaign",
			title: `${this.message().title}: ${named}`.slice(0, TELL_TITLE_LONGEST),
			purpose: topic.purpose,
			template: this.message().name,
			...this.way(),
			school,
			audience_source,
			audience_name,
			audience_filters: filters,
			details,
			details_translations: others.map(([language, words]) => ({
				doctype: "Dialer Details Translation",
				language,
				details: words,
				...this.accepted(language),
			})),
			scheduled_at: emergency ? null : this.when.get_value("scheduled_at") || null,
			emergency_type: emergency ? this.chosen("emergency_type") : null,
			emergency_reason: emergency ? this.chosen("emergency_reason") : null,
		};
	}

	// The first thing that is missing: its words, and where it is entered.
	missing() {
		const field = (name) => this.whom.get_field(name).$input;
		const emergency = this.topic()?.purpose === "Emergency";
		const at = (name) => this.$body.find(`[data-choice=${name}]`).first();
		const no_kind = emergency && !this.chosen("emergency_type");
		const no_reason = emergency && !this.chosen("emergency_reason");
		return [
			[!this.topic(), __("Choose what it is about."), () => at("topic")],
			[no_kind, __("Choose the kind of emergency."), () => at("emergency_type")],
			[no_reason, __("Say what happened."), () => at("emergency_reason")],
			[this.lacks_school(), __("Choose the school."), () => field("school")],
			[!this.audience(), __("Choose whom to tell."), () => field("audience_source")],
			[!!this.too_wide(), this.too_wide(), () => field("audience_source")],
			[!this.has_audience(), __("Choose which one."), () => field("audience_name")],
			[this.is_unsaid(), __("Write what families need to know."), () => this.box(this.own())],
		].find(([lacks]) => lacks);
	}

	// Some messages have words of their own for what is not written; without them, everybody would be held back.
	is_unsaid() {
		const held_back = ({ voice, text, ...row }) => [row, voice, text].some((one) => one?.held_back);
		return !!this.message()?.details && !this.said().details && this.rows.some(held_back);
	}

	async review() {
		const missing = this.missing();
		if (missing) {
			const [, words, at] = missing;
			frappe.show_alert({ message: words, indicator: "orange" });
			return at().trigger("focus");
		}
		if (this.saving) return;
		this.saving = true;
		const saved = await frappe
			.call({
				method: this.draft ? "frappe.client.save" : "frappe.client.insert",
				type: "POST",
				args: { doc: { ...this.draft, ...this.values() } },
				freeze: true,
			})
			.then(
				({ message }) => message,
				() => null,
			);
		this.saving = false;
		if (!saved) return;
		this.draft = saved;
		school_dialer.campaign.send(this.as_form());
	}

	// What the review asks of a campaign's form.
	as_form() {
		const { name } = this.draft;
		return {
			doctype: "Dialer Campaign",
			docname: name,
			doc: this.draft,
			perm: [{ write: 1 }],
			is_dirty: () => false,
			write_details: (language) => this.box(language).trigger("focus"),
			reload_doc: () => frappe.set_route("Form", "Dialer Campaign", name).then(() => this.begin()),
		};
	}
}
