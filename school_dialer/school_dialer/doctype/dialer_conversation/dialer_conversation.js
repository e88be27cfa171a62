// The thread of a conversation as bubbles, and the box in which staff answer.
const METHODS = "school_dialer.desk.inbox.conversations";
const LOOK_AGAIN = 10000;

frappe.ui.form.on("Dialer Conversation", {
	refresh(frm) {
		frm.disable_save();
		school_dialer.translate_form(frm, "status", "belongs_to");
		school_dialer.transcripts.add_button(frm);
		if (frm.doc.ticket)
			frm.add_custom_button(__("Ticket"), () =>
				frappe.set_route("Form", frm.doc.ticket_doctype, frm.doc.ticket),
			);
		if (!frappe.user.has_role(frappe.boot.school_dialer.roles.AGENTS)) return;
		const closed = frm.doc.status === "Closed";
		frm.add_custom_button(closed ? __("Reopen") : __("Close Conversation"), () =>
			call(frm, closed ? "reopen" : "close").then(() => frm.reload_doc()),
		);
		thread_of(frm).load();
	},
});

const call = (frm, method, args = {}, more = {}) =>
	frappe
		.call({
			method: `${METHODS}.${method}`,
			type: method === "thread" ? "GET" : "POST",
			args: { name: frm.doc.name, ...args },
			...more,
		})
		.then(({ message }) => message);

// One for each conversation that is shown: what is being written stays when the form is drawn again.
function thread_of(frm) {
	if (frm.dialer_thread?.name !== frm.doc.name) frm.dialer_thread = new Thread(frm);
	return frm.dialer_thread;
}

class Thread {
	constructor(frm) {
		this.frm = frm;
		this.name = frm.doc.name;
		this.known = "";
		frappe.dom.set_style(STYLE, "dialer-conversation-style");
		this.$wrapper = frm.get_field("thread_html").$wrapper.html(skeleton());
		this.$about = this.$wrapper.find(".dialer-thread-about");
		this.$list = this.$wrapper.find("ol");
		this.$said = this.$wrapper.find("[role=status]");
		this.$reply = this.$wrapper.find(".dialer-thread-reply");
		this.$words = this.$wrapper.find("textarea");
		this.$send = this.$wrapper.find(".dialer-thread-reply button");
		this.$send.on("click", () => this.send());
		this.$words.on("keydown", (event) => {
			if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
			event.preventDefault();
			event.stopPropagation();
			this.send();
		});
		school_dialer.answers.tools(frm, this.$wrapper.find(".dialer-thread-tools"), (words) =>
			this.insert(words),
		);
		school_dialer.answers.add_shared(frm);
		this.$list.on("click", "[data-listen]", ({ currentTarget }) =>
			school_dialer.answers.listen(currentTarget.dataset.listen, $(currentTarget).parent()),
		);
		this.$list.on("click", "[data-undo]", (event) => this.undo($(event.currentTarget).attr("data-undo")));
		this.watch();
	}

	get is_shown() {
		return cur_frm === this.frm && this.frm.doc.name === this.name && this.$wrapper.is(":visible");
	}

	watch() {
		const timer = setInterval(() => {
			if (this.frm.dialer_thread !== this) return clearInterval(timer);
			if (this.is_shown && !document.hidden) this.load();
		}, LOOK_AGAIN);
		const clock = setInterval(() => {
			if (this.frm.dialer_thread !== this) return clearInterval(clock);
			if (this.is_shown) this.count_down();
		}, 500);
	}

	async load() {
		const found = await call(this.frm, "thread", { again: this.about ? 1 : 0 });
		if (!found || this.frm.doc.name !== this.name) return;
		if (!this.about) {
			const { people, students, earlier, more } = found;
			this.about = { people, students, earlier, more };
			name_students(this.frm, students);
		}
		Object.assign(found, this.about);
		const at = Date.now();
		for (const one of found.messages) if (one.undo !== null) one.sent_at = at + one.undo * 1000;
		const now = JSON.stringify([found, this.frm.doc.status], (key, value) =>
			["undo", "sent_at"].includes(key) ? undefined : value,
		);
		if (now !== this.known) this.draw(found);
		this.known = now;
		if (cint(this.frm.doc.unread) && this.is_shown) {
			this.frm.doc.unread = 0;
			call(this.frm, "mark_read");
		}
	}

	draw(found) {
		const fresh = found.messages.length !== this.$list.children("[data-name]").length;
		this.$about.html(about(this.frm.doc, found));
		this.$list.html(found.messages.map(bubble).join(""));
		this.waiting = found.messages.filter((one) => one.undo !== null);
		this.count_down();
		if (fresh) this.$list.scrollTop(this.$list[0].scrollHeight);
		const closed = found.status === "Closed";
		const why = closed ? __("This conversation is closed. Reopen it to answer.") : found.refusal;
		this.$reply.toggle(!why);
		this.$wrapper
			.find(".dialer-thread-refusal")
			.toggle(Boolean(why))
			.text(why || "");
		const waits = found.waits_until
			? __("Outside calling hours where they live: sent from {0}.", [
					school_dialer.plain.minute(found.waits_until),
				])
			: __("Sent as a text after ten seconds. Ctrl+Enter sends.");
		this.$wrapper.find(".dialer-thread-hint").text(waits);
	}

	count_down() {
		for (const one of this.waiting || []) {
			const seconds = Math.ceil((one.sent_at - Date.now()) / 1000);
			const words =
				seconds > 60
					? __("Waits until {0}", [school_dialer.plain.minute(one.due)])
					: seconds > 0
						? __("Sent in {0} seconds", [seconds])
						: __("Being sent");
			const $bubble = this.$list.find(`[data-name="${one.name}"]`);
			$bubble.find(".dialer-state").text(words);
			if (seconds <= 0) $bubble.find("[data-undo]").remove();
		}
	}

	async send() {
		const words = this.$words.val().trim();
		if (!words || this.$send.prop("disabled")) return;
		this.$send.prop("disabled", true);
		try {
			const done = await call(this.frm, "reply", { words });
			this.$words.val("");
			this.say(
				done.undo > 60
					? __("Your answer waits until {0}.", [school_dialer.plain.minute(done.due)])
					: __("Your answer is sent in ten seconds. You can take it back."),
			);
			await this.load();
		} finally {
			this.$send.prop("disabled", false);
			this.$words.trigger("focus");
		}
	}

	async undo(message) {
		const { words } = await call(this.frm, "undo", { message });
		this.say(__("Taken back. It was not sent."));
		if (!this.$words.val().trim()) this.$words.val(words);
		await this.load();
		this.$words.trigger("focus");
	}

	insert(words) {
		const before = this.$words.val().trimEnd();
		this.$words.val(before ? `${before}\n${words}` : words).trigger("focus");
	}

	say(words) {
		this.$said.text(words);
	}
}

const skeleton = () => `<section class="dialer-thread" aria-label="${__("Conversation")}">
	<div class="dialer-thread-about text-muted small"></div>
	<ol class="list-unstyled" tabindex="0" aria-label="${__("Messages, the latest last")}"></ol>
	<ul class="dialer-thread-files list-unstyled small" aria-label="${__("Files sent as links")}"></ul>
	<p class="dialer-thread-refusal alert alert-warning" style="display: none"></p>
	<div class="dialer-thread-reply" style="display: none">
		<div class="dialer-thread-send mb-2"><label for="dialer-reply" class="mb-0">${__("Your answer")}</label>
			<div class="dialer-thread-tools d-flex flex-wrap" style="gap: 0.5rem"></div></div>
		<textarea id="dialer-reply" class="form-control" rows="3" maxlength="1500" dir="auto" aria-describedby="dialer-reply-hint"></textarea>
		<div class="dialer-thread-send">
			<span id="dialer-reply-hint" class="dialer-thread-hint text-muted small"></span>
			<button type="button" class="btn btn-primary btn-sm">${__("Send Text")}</button>
		</div>
	</div>
	<p class="sr-only" role="status"></p>
</section>`;

const link = (doctype, name, words) =>
	`<a href="${school_dialer.plain.html(frappe.utils.get_form_link(doctype, name))}">${school_dialer.plain.html(words)}</a>`;

// Students that the user may not read keep their ids.
function name_students(frm, students) {
	const titles = Object.fromEntries(students.map((one) => [one.name, one.title]));
	frm.get_docfield("students").formatter = () =>
		school_dialer.plain.html(
			JSON.parse(frm.doc.students || "[]")
				.map((name) => titles[name] || name)
				.join(", "),
		);
	frm.refresh_field("students");
}

// Whose number it is, as far as the records say, what the person answers, and what was said before.
function about(doc, found) {
	const names = found.people.map((one) => link(one.doctype, one.name, one.title || one.name)).join(", ");
	const lines = [
		{
			"One person": names || __("One person on record has this number."),
			Shared: `${__("Several people on record share this number.")} ${names}`,
			Unknown: __("No one on record has this number."),
		}[doc.belongs_to],
	];
	if (found.students.length)
		lines.push(
			`${__("Students")}: ${found.students.map((one) => link("Student", one.name, one.title)).join(", ")}`,
		);
	if (doc.school && frappe.boot.school_dialer.district)
		lines.push(`${__("School")}: ${link("Dialer School", doc.school, doc.school)}`);
	if (doc.campaign) {
		const title = frappe.utils.get_link_title("Dialer Campaign", doc.campaign) || doc.campaign;
		lines.push(`${__("Last called or texted by")} ${link("Dialer Campaign", doc.campaign, title)}`);
	}
	if (found.more) lines.push(__("This number also has records of other schools or of the district."));
	if (found.earlier.length)
		lines.push(
			`${__("Other conversations with this number")}: ${found.earlier
				.map((one) => link(doc.doctype, one.name, school_dialer.plain.minute(one.last_at)))
				.join(", ")}`,
		);
	return lines.filter(Boolean).join("<br>");
}

const STATES = {
	Waiting: __("Waiting"),
	"Being sent": __("Being sent"),
	Sent: __("Sent"),
	Delivered: __("Delivered"),
	"Not delivered": __("Not delivered"),
	"Not sent": __("Not sent"),
};

function bubble(one) {
	const escape = school_dialer.plain.html;
	const theirs = one.direction === "Received";
	const who = theirs ? __("Family") : one.automatic ? __("Sent by itself") : escape(one.by);
	const failed = ["Not delivered", "Not sent"].includes(one.state);
	const state = one.state
		? ` · <span class="dialer-state${failed ? " text-danger" : ""}">${STATES[one.state]}</span>`
		: "";
	const why = one.why ? `<div class="text-danger small">${escape(one.why)}</div>` : "";
	const undo =
		one.undo === null
			? ""
			: ` <button type="button" class="btn btn-xs btn-default" data-undo="${escape(one.name)}">${__("Take Back")}</button>`;
	const unsure = one.unsure
		? `<div class="text-muted small">${__("Maybe our own words, coming back.")}</div>`
		: "";
	const spoken = one.spoken
		? `<div><button type="button" class="btn btn-xs btn-default" data-listen="${escape(one.name)}">${__("Listen")}</button></div>`
		: "";
	const words = one.words || __("The words were removed when their time was over.");
	return `<li class="${theirs ? "dialer-theirs" : "dialer-ours"}" data-name="${escape(one.name)}">
		<div class="dialer-bubble" dir="auto">${escape(words)}</div>${spoken}${unsure}
		<div class="text-muted small">${who} · <time datetime="${escape(one.at)}">${escape(school_dialer.plain.minute(one.at))}</time>${state}${undo}</div>${why}
	</li>`;
}

const STYLE = `
.dialer-thread { max-width: 720px; }
.dialer-thread-about a { text-decoration: underline; }
.dialer-thread ol { max-height: 60vh; overflow-y: auto; margin: 1rem 0; padding: 2px; }
.dialer-thread li { margin-bottom: 0.75rem; max-width: 85%; }
.dialer-thread .dialer-ours { margin-left: auto; text-align: right; }
.dialer-thread .dialer-bubble { display: inline-block; text-align: start; padding: 0.5rem 0.75rem; border-radius: 0.75rem;
	white-space: pre-wrap; overflow-wrap: anywhere; background: var(--control-bg); color: var(--text-color); }
.dialer-thread .dialer-ours .dialer-bubble { background: var(--bg-light-blue, var(--control-bg)); color: var(--text-color);
	border: 1px solid var(--border-color); }
.dialer-thread .dialer-thread-send { display: flex; flex-wrap: wrap; gap: 0.5rem; justify-content: space-between; align-items: center;
	margin-top: 0.5rem; }
`;
