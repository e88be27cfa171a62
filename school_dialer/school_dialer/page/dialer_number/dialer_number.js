// What happened to a phone number, and whether it may be called now. The address names a record, never a number:
// /app/dialer-number/DOCTYPE/NAME. A number is typed, and posted; a name finds the people who have it.

frappe.pages["dialer-number"].on_page_load = (wrapper) => {
	wrapper.numbers = new NumberStory(wrapper);
};
frappe.pages["dialer-number"].on_page_show = (wrapper) => wrapper.numbers.show();

// People of each kind that have the name: at first, and when more are asked for.
const [FEW, MANY] = [10, 100];

class NumberStory {
	PAGE = 50;
	METHODS = "school_dialer.desk.numbers.";
	PEOPLE = ["Guardian", "Student", "Employee", "Contact", "Lead", "CRM Lead", "Customer"];

	constructor(wrapper) {
		this.page = frappe.ui.make_app_page({
			parent: wrapper,
			title: __("Call History"),
			single_column: true,
		});
		this.$body = $(`<div class="frappe-card p-4"></div>`).appendTo(this.page.main);
		this.form = new frappe.ui.FieldGroup({
			body: $(`<div style="margin: 0 -15px"></div>`).appendTo(this.$body)[0],
			fields: [
				{
					fieldname: "phone",
					fieldtype: "Data",
					label: __("Name or phone number"),
					description: __("Type a name or a number, then press Enter."),
				},
			],
		});
		this.form.make();
		this.form.get_input("phone").on("keydown", (event) => event.key === "Enter" && this.ask_typed());
		this.$family = $(`<div data-part="family"></div>`).appendTo(this.$body);
		this.$found = $(`<div aria-live="polite"></div>`).appendTo(this.$body);
		this.page.set_primary_action(__("Show"), () => this.ask_typed());
	}

	async show() {
		const [, doctype, ...rest] = frappe.get_route();
		const name = rest.join("/");
		const { look_for } = school_dialer;
		delete school_dialer.look_for;
		if (look_for) return this.look_for(look_for);
		if (doctype === this.doctype && name === this.name && this.which) return;
		Object.assign(this, { doctype, name, which: null });
		this.form.set_value("phone", "");
		this.$family.empty();
		if (!doctype)
			return this.show_text(
				__(
					"Type a name or a number, or come here from a recipient, a call log, a consent or a person's record.",
				),
			);
		const { message } = await this.post("on_this_record", { doctype, name });
		if (doctype !== this.doctype || name !== this.name) return;
		this.show_family(message);
		if (!message.numbers.length)
			return this.show_text(__("There is no telephone number on this record."));
		this.begin({ doctype, name, key: message.numbers[0].key });
	}

	// What the search at the head of the Desk was asked for.
	async look_for(text) {
		Object.assign(this, { doctype: undefined, name: "", which: null });
		await this.form.set_value("phone", text);
		this.ask_typed();
	}

	// Who it is, what may be done, and each number with what is on file for it.
	show_family({ title, students, numbers }) {
		const { html } = school_dialer.plain;
		const rows = numbers.map((one) => {
			const pills = one.consents
				.map(
					({ text, colour }) =>
						`<span class="indicator-pill ${colour} mr-1 mb-1">${html(text)}</span>`,
				)
				.join("");
			return `<li class="mb-2"><button type="button" class="btn btn-default btn-block text-left" data-key="${html(one.key)}" style="white-space: normal">
				<b>${html(one.number)}</b> <span class="text-muted">${html(one.who || __(one.doctype))}</span><br>${pills}</button></li>`;
		});
		const children = students.length
			? `<p class="text-muted mb-1">${html(__("Students: {0}", [students.join(", ")]))}</p>`
			: "";
		const record = `<a style="text-decoration: underline" href="${html(frappe.utils.get_form_link(this.doctype, this.name))}">${html(__(this.doctype))}</a>`;
		this.$family
			.html(
				`<h4 class="mt-3 mb-1">${html(title)} <small>${record}</small></h4>${children}
				<div class="d-flex flex-wrap mb-2" style="gap: 8px" data-part="actions"></div>
				<ul class="list-unstyled mb-0" data-part="numbers">${rows.join("")}</ul>`,
			)
			.find("[data-key]")
			.on("click", ({ currentTarget }) =>
				this.begin({ doctype: this.doctype, name: this.name, key: currentTarget.dataset.key }),
			);
		this.add_actions();
	}

	// The same dialogs as on the person's record.
	add_actions() {
		if (!this.PEOPLE.includes(this.doctype)) return;
		const again = () => {
			this.which = null;
			this.show();
		};
		const record = { doctype: this.doctype, docname: this.name, done: again };
		const run = (action) =>
			frappe.require("/assets/school_dialer/js/help_desk.js", () =>
				school_dialer.help_desk[action](record),
			);
		const manages = frappe.user.has_role(frappe.boot.school_dialer.roles.MANAGERS);
		for (const [label, action] of [
			[__("Log Opt-out"), "log_opt_out"],
			...(manages ? [[__("Record Consent"), "record_consent"]] : []),
			[__("Wrong Number"), "wrong_number"],
			[__("Send Preference Link"), "send_link"],
		])
			$(`<button type="button" class="btn btn-default btn-sm">${label}</button>`)
				.on("click", () => run(action))
				.appendTo(this.$family.find("[data-part=actions]"));
	}

	// All conversations with the number, for who may hand them out.
	offer_export(conversation) {
		if (!conversation || !school_dialer.transcripts.may_export()) return;
		this.page.clear_secondary_action();
		this.page.set_secondary_action(__("Export Conversations"), () =>
			school_dialer.transcripts.ask(conversation.doctype, conversation.name),
		);
	}

	post(method, args) {
		return frappe.call({ method: this.METHODS + method, type: "POST", args });
	}

	show_text(text) {
		this.$found.html(`<p class="text-muted py-4">${frappe.utils.escape_html(text)}</p>`);
	}

	ask_typed() {
		const typed = (this.form.get_value("phone") || "").trim();
		if (!typed) return this.form.get_input("phone").trigger("focus");
		Object.assign(this, { doctype: undefined, name: "" });
		this.$family.empty();
		return /\p{L}{2}/u.test(typed) ? this.find(typed) : this.begin({ phone: typed });
	}

	// People by name. The only one found is opened at once.
	async find(text, limit = FEW) {
		this.which = null;
		const {
			message: { people, more },
		} = await this.post("find", { text, limit });
		if (!people.length)
			return this.show_text(__("No one whose record you may read has this name: {0}", [text]));
		const open = ({ doctype, name }) => frappe.set_route("dialer-number", doctype, name);
		if (people.length === 1) return open(people[0]);
		const rows = people.map((one, place) => {
			const escape = frappe.utils.escape_html;
			const children = one.students.length
				? __("{0} of {1}", [__(one.doctype), one.students.join(", ")])
				: __(one.doctype);
			const apart = [children, ...one.classes, ...one.endings.map((digits) => `•••• ${digits}`)];
			return `<li class="mb-1"><button type="button" class="btn btn-default btn-block text-left" data-place="${place}">
				<b>${escape(one.title)}</b> <span class="text-muted">${escape(apart.join(" · "))}</span></button></li>`;
		});
		if (more)
			rows.push(
				limit === FEW
					? `<li><button type="button" class="btn btn-default btn-sm" data-part="more">${__("Show more")}</button></li>`
					: `<li class="text-muted">${__("There are more. Type more of the name.")}</li>`,
			);
		this.$found
			.html(
				`<h5 class="mt-3">${__("Who is it?")}</h5><ul class="list-unstyled" data-part="people">${rows.join("")}</ul>`,
			)
			.find("[data-place]")
			.on("click", (event) => open(people[event.currentTarget.dataset.place]))
			.first()
			.trigger("focus");
		this.$found.find("[data-part=more]").on("click", () => this.find(text, MANY));
	}

	async begin(which) {
		if (JSON.stringify(which) === JSON.stringify(this.which)) return;
		this.which = which;
		this.$family.find("[data-key]").each((_place, button) => {
			button.setAttribute("aria-pressed", button.dataset.key === which.key);
			$(button).css("border-color", button.dataset.key === which.key ? "var(--text-color)" : "");
		});
		this.seen = new Set();
		this.start = 0;
		this.$found.html(`
			<h5 class="dialer-number mt-2"></h5>
			<div class="dialer-now d-flex flex-wrap align-items-end mb-2" style="gap: var(--margin-sm)"></div>
			<div class="dialer-answer"></div>
			<h6 class="mt-4">${__("What happened")}</h6>
			<p class="dialer-elsewhere text-muted small hidden">${__("This number also has records of other schools or of the district.")}</p>
			<ol class="dialer-story new-timeline list-unstyled pl-0"></ol>
			<button class="btn btn-default btn-sm dialer-more hidden">${__("Earlier")}</button>`);
		this.add_question();
		this.$found.find(".dialer-more").on("click", () => this.next());
		await this.next();
	}

	// May it be called now: asked for a purpose and channel, answered in sentences.
	add_question() {
		const { channels, purposes } = frappe.boot.school_dialer;
		const select = (label, values) =>
			`<label class="mb-0 small text-muted">${label}<select class="form-control input-sm">${values.map((one) => `<option value="${one}"${one === "General" ? " selected" : ""}>${school_dialer.word(one)}</option>`).join("")}</select></label>`;
		const $now = this.$found.find(".dialer-now");
		$now.html(`${select(__("Channel"), channels)}${select(__("Purpose"), purposes)}
			<button class="btn btn-default btn-sm">${__("Can we call now?")}</button>`);
		$now.find("button").on("click", async () => {
			const [channel, purpose] = $now
				.find("select")
				.toArray()
				.map((one) => one.value);
			const { message } = await this.post("may_call", { ...this.which, channel, purpose });
			this.$found.find(".dialer-answer").html(school_dialer.words.explanation_html(message));
		});
	}

	async next() {
		const which = this.which;
		const { message } = await this.post("story", { ...which, start: this.start, limit: this.PAGE }).catch(
			() => ({}),
		);
		if (!message) {
			this.which = null;
			return this.show_text(__("Nothing was found."));
		}
		if (which !== this.which) return;
		this.$found.find(".dialer-number").text(message.number);
		const fresh = message.story.filter((one) => !this.seen.has(one.doctype + one.name + one.text));
		fresh.forEach((one) => this.seen.add(one.doctype + one.name + one.text));
		const $list = this.$found.find(".dialer-story");
		$list.append(fresh.map(line_html).join(""));
		if (!this.seen.size)
			$list.html(`<li class="text-muted">${__("Nothing has happened to this number so far.")}</li>`);
		else if (this.start && fresh.length) $list.children().eq(-fresh.length).find("a").trigger("focus");
		this.offer_export(fresh.find((one) => one.doctype === "Dialer Conversation"));
		this.start += this.PAGE;
		this.$found.find(".dialer-more").toggleClass("hidden", !message.more);
		this.$found.find(".dialer-elsewhere").toggleClass("hidden", !message.elsewhere);
	}
}

const LINE_KIND = {
	"Consent Event": [__("Consent"), "blue"],
	"Dialer Call Log": [__("Call or text"), "green"],
	"Dialer Recipient": [__("Campaign"), "orange"],
	"Dialer Notice": [__("Notice"), "gray"],
	"Dialer Review": [__("Review"), "purple"],
	"Dialer Conversation": [__("Conversation"), "blue"],
	"Dialer Number Lookup": [__("Look-up"), "gray"],
};

function line_html(one) {
	const escape = frappe.utils.escape_html;
	const [kind, colour] = LINE_KIND[one.doctype] || [escape(__(one.doctype)), "gray"];
	const link = escape(frappe.utils.get_form_link(one.doctype, one.name));
	const said = one.said
		? `<blockquote class="mb-0 mt-1 pl-2 text-muted small" style="border-left: 2px solid var(--border-color)">${escape(one.said)}</blockquote>`
		: "";
	return `<li class="timeline-item"><div class="timeline-dot"></div><div class="timeline-content">
		<div><span class="indicator-pill ${colour} mr-2">${kind}</span><a href="${link}">${escape(one.text)}</a></div>
		<time class="text-muted small" datetime="${escape(one.at)}">${escape(school_dialer.plain.minute(one.at))}</time>${said}</div></li>`;
}
