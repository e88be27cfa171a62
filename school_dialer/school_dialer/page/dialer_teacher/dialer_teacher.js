// A teacher's messages to the families of their own groups: write one, look at it, send it, see how it went. Managers decide on those
// that wait for approval.

frappe.pages["dialer-teacher"].on_page_load = (wrapper) => {
	wrapper.teacher = new TeacherMessages(wrapper);
};
frappe.pages["dialer-teacher"].on_page_show = (wrapper) => wrapper.teacher.show();
frappe.pages["dialer-teacher"].on_page_hide = (wrapper) => wrapper.teacher.rest();

const TEACHER_METHODS = "school_dialer.desk.teachers.";
const OF_MANAGERS = ["waiting", "approve", "send_back"];
const TEACHER_EVERY = 15000;
class TeacherMessages {
	constructor(wrapper) {
		frappe.dom.set_style(school_dialer.teachers.STYLE, "dialer-teacher-style");
		this.page = frappe.ui.make_app_page({
			parent: wrapper,
			title: __("Messages from Teachers"),
			single_column: true,
		});
		const part = (name) =>
			`<section class="frappe-card p-3 hidden" data-part="${name}" aria-labelledby="dialer-teacher-${name}"></section>`;
		this.$body = $(
			`<div class="dialer-teacher">${["write", "preview", "waiting", "mine"].map(part).join("")}
				<div role="status" aria-live="polite" class="sr-only"></div></div>`,
		).appendTo(this.page.main);
		this.$body
			.on("change", "[data-choice]", () => this.show_choices())
			.on("input", "[data-part=write] textarea", () => this.hide_preview())
			.on("submit", "form", (event) => {
				event.preventDefault();
				this.preview();
			})
			.on("click", "[data-send]", () => this.send())
			.on("click", "[data-back]", () => this.hide_preview(true))
			.on("click", "[data-stop]", ({ currentTarget }) => this.ask_stop(currentTarget.dataset.stop))
			.on("click", "[data-students]", ({ currentTarget }) => this.students(currentTarget))
			.on("click", "[data-again]", ({ currentTarget }) => this.again(currentTarget.dataset.again))
			.on("change", "[data-pick]", () => this.show_picked())
			.on("change", "[data-pick-all]", ({ currentTarget }) => {
				this.part("waiting").find("[data-pick]").prop("checked", currentTarget.checked);
				this.show_picked();
			})
			.on("click", "[data-approve]", () => this.ask_approve())
			.on("click", "[data-send-back]", () => this.ask_send_back());
		document.addEventListener("visibilitychange", () => this.is_seen() && this.look());
	}

	part(name) {
		return this.$body.find(`[data-part=${name}]`);
	}

	fill(name, html) {
		this.part(name).toggleClass("hidden", !html).html(html);
	}

	say(words) {
		this.$body.find("> [role=status]").text(words);
		frappe.show_alert({ message: frappe.utils.escape_html(words), indicator: "green" });
	}

	// What the server refuses, Frappe shows: the answer is then undefined.
	call(type, method, args = {}, freeze = false) {
		const api = OF_MANAGERS.includes(method) ? "approvals." : "messages.";
		return frappe.call({ method: TEACHER_METHODS + api + method, type, args, freeze }).then(
			({ message }) => message,
			() => undefined,
		);
	}

	async show() {
		this.shown = true;
		this.overview = (await this.call("GET", "overview")) || this.overview;
		if (!this.overview) return;
		const { teacher } = this.overview;
		this.page.set_title(teacher ? __("Messages to My Families") : __("Messages from Teachers"));
		if (teacher && !this.part("write").find("form").length) {
			this.fill("write", school_dialer.teachers.write(this.overview));
			this.show_choices();
		} else if (teacher) this.show_count();
		if (teacher && this.overview.groups.length)
			this.page.set_secondary_action(__("Last Reached"), () => this.show_reach());
		await this.look();
	}

	rest() {
		this.shown = false;
		clearTimeout(this.next_look);
	}

	is_seen() {
		return this.shown && !document.hidden && this.overview;
	}

	async look() {
		clearTimeout(this.next_look);
		if (!this.is_seen()) return;
		try {
			const { approves, teacher } = this.overview;
			const waiting = approves && (await this.call("GET", "waiting"));
			if (waiting) this.show_waiting(waiting);
			const mine = teacher && (await this.call("GET", "mine"));
			if (mine) this.show_mine(mine);
		} finally {
			clearTimeout(this.next_look);
			if (this.is_seen()) this.next_look = setTimeout(() => this.look(), TEACHER_EVERY);
		}
	}

	// Write and preview

	chosen(name) {
		return this.part("write").find(`[data-choice=${name}]`).val() || "";
	}

	group() {
		return this.overview.groups.find((one) => one.name === this.chosen("group"));
	}

	template() {
		return this.overview.templates.find((one) => one.name === this.chosen("template"));
	}

	async show_reach() {
		const { name, title } = this.group() || this.overview.groups[0];
		const rows = await this.call("GET", "reach", { group: name });
		if (!rows) return;
		const said = rows.length
			? school_dialer.teachers.reach(rows)
			: __("There are no students in this group.");
		frappe.msgprint({ title: school_dialer.plain.line(title), message: said });
	}

	show_count() {
		this.part("write").find("[data-count]").html(school_dialer.teachers.count(this.overview));
	}

	// Only what can be sent together is offered.
	show_choices() {
		this.hide_preview();
		const { teachers } = school_dialer;
		const group = this.group();
		const $template = this.part("write").find("[data-choice=template]");
		const offered = this.overview.templates.filter((one) => group?.templates.includes(one.name));
		const kept = $template.val();
		$template.html(teachers.options(offered, __("Choose a message")));
		$template.val(offered.some((one) => one.name === kept) ? kept : "");
		const template = this.template();
		const $channel = this.part("write").find("[data-choice=channel]");
		const channel = $channel.val();
		const channels = (template?.channels || []).map((name) => ({
			name,
			title: teachers.channel(name),
		}));
		$channel.html(teachers.options(channels));
		if (template?.channels.includes(channel)) $channel.val(channel);
		$channel.closest(".dialer-field").toggleClass("hidden", channels.length < 2);
		const $details = this.part("write").find("[data-details]");
		const languages = template?.details ? template.languages : [];
		const of = template ? `${group.language} ${template.name}` : "";
		if ($details.attr("data-of") !== of)
			$details
				.attr("data-of", of)
				.html(
					languages.length
						? teachers.details(languages, group.language, this.overview.longest)
						: "",
				);
	}

	asked() {
		const details_in = {};
		this.part("write")
			.find("textarea[data-language]")
			.each((_place, box) => {
				if (box.value.trim()) details_in[box.dataset.language] = box.value;
			});
		const own = this.group()?.language;
		const { [own]: details = "", ...others } = details_in;
		return {
			group: this.chosen("group"),
			template: this.chosen("template"),
			channel: this.chosen("channel"),
			details,
			details_in: JSON.stringify(others),
		};
	}

	async preview() {
		this.previewed = null;
		const asked = this.asked();
		const found = await this.call("POST", "preview", asked, true);
		if (!found || JSON.stringify(asked) !== JSON.stringify(this.asked())) return;
		this.previewed = asked;
		this.fill("preview", school_dialer.teachers.preview(found));
		this.part("preview").find("h4").trigger("focus");
	}

	hide_preview(focus = false) {
		this.previewed = null;
		this.fill("preview", "");
		if (focus) this.part("write").find("[data-preview]").trigger("focus");
	}

	async send() {
		if (!this.previewed || this.sending) return;
		this.sending = true;
		this.part("preview").find("[data-send]").prop("disabled", true);
		const sent = await this.call("POST", "send", this.previewed, true);
		this.sending = false;
		this.part("preview").find("[data-send]").prop("disabled", false);
		if (!sent) return;
		this.say(
			this.overview.needs_approval
				? __("A manager looks at your message before it goes out.")
				: __("Your message goes out soon. Until then you can take it back."),
		);
		this.hide_preview();
		this.part("write").find("textarea").val("");
		await this.show();
		this.part("mine").find("h4").trigger("focus");
	}

	// My messages

	// Drawn again only when something changed, so that a reader's place is kept.
	show_mine(rows) {
		const shown = JSON.stringify(rows);
		this.rows = rows;
		if (shown === this.mine_shown) return;
		this.mine_shown = shown;
		const open = this.part("mine").find("[data-names]:not(:empty)").toArray();
		const kept = Object.fromEntries(open.map((one) => [one.dataset.names, one.innerHTML]));
		const focused = document.activeElement?.closest?.("[data-part=mine] button");
		const { stop, students, again } = focused?.dataset || {};
		this.fill("mine", school_dialer.teachers.mine(rows));
		for (const [name, html] of Object.entries(kept))
			this.part("mine")
				.find("[data-names]")
				.filter((_place, one) => one.dataset.names === name)
				.html(html);
		const name = stop || students || again;
		if (name)
			this.part("mine")
				.find("button")
				.filter((_place, { dataset }) =>
					[dataset.stop, dataset.students, dataset.again].includes(name),
				)
				.first()
				.trigger("focus");
	}

	async students(button) {
		const name = button.dataset.students;
		const $names = this.part("mine")
			.find("[data-names]")
			.filter((_place, one) => one.dataset.names === name);
		if (!$names.is(":empty")) {
			$(button).attr("aria-expanded", "false");
			return $names.empty();
		}
		const found = await this.call("GET", "result", { campaign: name });
		if (!found) return;
		const { ended } = this.rows.find((one) => one.name === name);
		$(button).attr("aria-expanded", "true");
		$names.html(school_dialer.teachers.students(found, ended));
	}

	ask_stop(name) {
		const row = this.rows.find((one) => one.name === name);
		frappe.confirm(
			row.started_at
				? __("Stop this message? No more families are called or texted. This cannot be undone.")
				: __("Take this message back? No family has been called or texted."),
			async () => {
				const stopped = await this.call("POST", "stop", { campaign: name }, true);
				if (stopped === undefined) return;
				this.say(row.started_at ? __("Stopped.") : __("Taken back."));
				await this.show();
				this.part("mine").find("h4").trigger("focus");
			},
		);
	}

	again(name) {
		const row = this.rows.find((one) => one.name === name);
		const $write = this.part("write");
		$write.find("[data-choice=group]").val(row.audience_name);
		this.show_choices();
		$write.find("[data-choice=template]").val(row.template);
		this.show_choices();
		$write.find("[data-choice=channel]").val(row.channel);
		$write
			.find("textarea")
			.filter((_place, box) => box.dataset.language === this.group()?.language)
			.val(row.details || "");
		$write.find("[data-choice=group]").trigger("focus");
		frappe.utils.scroll_to($write);
	}

	// Approval of many

	show_waiting(rows) {
		const picked = this.picked();
		const shown = JSON.stringify(rows);
		this.waiting = rows;
		if (shown === this.waiting_shown) return;
		this.waiting_shown = shown;
		this.fill("waiting", school_dialer.teachers.waiting(rows));
		this.part("waiting")
			.find("[data-pick]")
			.filter((_place, box) => picked.includes(box.value))
			.prop("checked", true);
		this.show_picked();
	}

	picked() {
		return this.part("waiting")
			.find("[data-pick]:checked")
			.toArray()
			.map((box) => box.value);
	}

	show_picked() {
		const number = this.picked().length;
		this.part("waiting").find("[data-approve], [data-send-back]").prop("disabled", !number);
		this.part("waiting")
			.find("[data-picked]")
			.text(number ? __("Chosen: {0}", [number]) : "");
		this.part("waiting")
			.find("[data-pick-all]")
			.prop("checked", number > 0 && number === this.waiting.length);
	}

	titles(names) {
		const rows = this.waiting.filter((one) => names.includes(one.name));
		return `<ul>${rows.map((one) => `<li>${school_dialer.plain.html(one.title)} (${school_dialer.plain.html(one.teacher)})</li>`).join("")}</ul>`;
	}

	ask_approve() {
		const names = this.picked();
		const chosen = this.waiting.filter((one) => names.includes(one.name));
		const families = chosen.reduce((sum, one) => sum + one.families, 0);
		const seen = Object.fromEntries(chosen.map((one) => [one.name, one.seen]));
		frappe.confirm(
			`<p>${__("Approve these messages? They go out to {0} families within the teachers' hours.", [families])}</p>${this.titles(names)}`,
			async () =>
				this.decided(
					await this.call("POST", "approve", { campaigns: JSON.stringify(seen) }, true),
					__("Approved: {0}"),
				),
		);
	}

	ask_send_back() {
		const names = this.picked();
		school_dialer.prompt(
			[
				{ fieldtype: "HTML", fieldname: "titles", options: this.titles(names) },
				{
					fieldname: "reason",
					fieldtype: "Small Text",
					label: __("Reason"),
					reqd: 1,
					description: __("The teachers read this. Name no student and no family."),
				},
			],
			async ({ reason }) =>
				this.decided(
					await this.call("POST", "send_back", { campaigns: JSON.stringify(names), reason }, true),
					__("Sent back: {0}"),
				),
			__("Send Back"),
			__("Send Back"),
		);
	}

	async decided(found, words) {
		if (!found) return;
		const refused = found.filter((one) => one.problem);
		const done = found.length - refused.length;
		if (done) this.say(words.replace("{0}", done));
		if (refused.length) {
			const title_of = (name) => this.waiting.find((one) => one.name === name)?.title || name;
			const rows = refused.map(
				(one) =>
					`<li><b>${school_dialer.plain.html(title_of(one.campaign))}</b>: ${school_dialer.plain.html(one.problem)}</li>`,
			);
			frappe.msgprint({
				title: __("Not Decided"),
				indicator: "orange",
				message: `<ul>${rows.join("")}</ul>`,
			});
		}
		this.waiting_shown = null;
		await this.look();
		this.part("waiting").find("h4").trigger("focus");
	}
}
