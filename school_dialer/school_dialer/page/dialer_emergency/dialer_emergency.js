// Start a prepared emergency from a phone in three taps: pick, confirm, start. What was pressed is kept until the server has it.

frappe.pages["dialer-emergency"].on_page_load = (wrapper) => {
	wrapper.emergency = new EmergencyPage(wrapper);
};
frappe.pages["dialer-emergency"].on_page_show = (wrapper) => wrapper.emergency.show();
frappe.pages["dialer-emergency"].on_page_hide = (wrapper) => wrapper.emergency.rest();

const EMERGENCY_METHODS = "/api/method/school_dialer.desk.emergency_kit.starts.";
const EMERGENCY_EVERY = 4000;
class EmergencyPage {
	constructor(wrapper) {
		frappe.dom.set_style(school_dialer.emergency.STYLE, "dialer-emergency-style");
		this.page = frappe.ui.make_app_page({ parent: wrapper, title: __("Emergency"), single_column: true });
		const part = (name) =>
			`<section class="frappe-card p-3 hidden" data-part="${name}" aria-labelledby="dialer-emergency-${name}"></section>`;
		this.$body = $(
			`<div class="dialer-emergency"><p class="mb-0 dialer-problem" role="status" data-line></p>
				${["sent", "confirm", "pick", "recent", "own"].map(part).join("")}</div>`,
		).appendTo(this.page.main);
		this.$body
			.on("click", "[data-pick]", ({ currentTarget }) => this.pick(currentTarget.dataset.pick))
			.on("change", "[data-sure]", ({ currentTarget }) =>
				this.part("confirm").find("[data-start]").prop("disabled", !currentTarget.checked),
			)
			.on("click", "[data-start]", ({ currentTarget }) =>
				this.start("isDrill" in currentTarget.dataset),
			)
			.on("click", "[data-drill]", () => {
				this.fill("confirm", school_dialer.emergency.confirm_drill(this.item));
				this.only("confirm");
			})
			.on("click", "[data-agree]", () =>
				this.queue.again({ agreed: this.questions.map((one) => one.key) }),
			)
			.on("click", "[data-back]", () => this.back())
			.on("click", "[data-again]", () => this.queue.again())
			.on("click", "[data-drop]", () => this.drop())
			.on("click", "[data-follow]", ({ currentTarget }) => this.follow(currentTarget.dataset.follow));
		this.kept_place = `dialer_emergency_items:${frappe.session.user}`;
	}

	part(name) {
		return this.$body.find(`[data-part=${name}]`);
	}

	fill(name, html) {
		this.part(name).toggleClass("hidden", !html).html(html);
	}

	only(...names) {
		for (const name of ["sent", "confirm", "pick", "recent", "own"])
			this.part(name).toggleClass("hidden", !names.includes(name) || this.part(name).is(":empty"));
		this.$body.find(`#dialer-emergency-${names[0]}`).trigger("focus");
	}

	// Frappe's own call opens a dialog when the line is down, which would cover the page.
	async get(method, args = {}) {
		const response = await fetch(`${EMERGENCY_METHODS}${method}?${new URLSearchParams(args)}`, {
			headers: { Accept: "application/json", "X-Frappe-CSRF-Token": frappe.csrf_token },
		});
		const found = await response.json();
		if (!response.ok) throw new Error(found.exc_type || response.status);
		return found.message;
	}

	async show() {
		this.shown = true;
		try {
			this.overview = await this.get("offered");
			this.keep(this.overview);
			this.line("");
		} catch {
			this.overview ||= this.last_kept();
			this.line(
				this.overview
					? __("No connection. This is how it was when the page was last loaded.")
					: __("No connection. The page tries again."),
			);
		}
		if (!this.overview) {
			this.next_look = setTimeout(() => this.shown && this.show(), EMERGENCY_EVERY);
			return;
		}
		this.queue ||= new school_dialer.emergency.Queue(this.overview.old_seconds, (...news) =>
			this.report(...news),
		);
		this.fill("pick", school_dialer.emergency.items(this.overview.items));
		this.fill("recent", school_dialer.emergency.recent(this.overview.recent));
		if (!this.queue.resume())
			this.followed ? this.follow(this.followed) : this.only("pick", "recent", "own");
		if (this.part("own").is(":empty")) school_dialer.emergency.show_own(this.part("own"));
	}

	keep(overview) {
		try {
			localStorage.setItem(this.kept_place, JSON.stringify(overview));
		} catch {
			// Without storage the page needs a connection to show the buttons.
		}
	}

	last_kept() {
		try {
			return JSON.parse(localStorage.getItem(this.kept_place));
		} catch {
			return null;
		}
	}

	line(words) {
		this.$body.find("[data-line]").text(words).toggleClass("hidden", !words);
	}

	rest() {
		this.shown = false;
		clearTimeout(this.next_look);
	}

	pick(name) {
		this.item = this.overview.items.find((one) => one.name === name);
		this.fill("confirm", school_dialer.emergency.confirm(this.item, this.overview.longest));
		this.only("confirm");
	}

	start(drill) {
		const details = this.part("confirm").find("textarea").val() || "";
		const { name, title } = this.item;
		this.queue.add({ item: name, title: drill ? __("Drill: {0}", [title]) : title, details, drill });
	}

	back() {
		this.followed = null;
		clearTimeout(this.next_look);
		this.only("pick", "recent", "own");
		this.show();
	}

	drop() {
		this.queue.drop();
		this.back();
	}

	report(request, state, answer = {}) {
		const { emergency } = school_dialer;
		if (state === "started") return this.follow(answer.start.name, answer.start);
		this.questions = answer.questions;
		const words = {
			asked: () => emergency.asked(request, answer.questions),
			waiting: () => emergency.waiting(request),
			old: () => emergency.old(request),
			refused: () => emergency.refused(request, answer.why),
		}[state]();
		if (this.part("sent").data("words") !== words) this.fill("sent", words);
		this.part("sent").data("words", words);
		this.only("sent");
	}

	follow(name, start = this.overview.recent.find((one) => one.name === name)) {
		this.followed = name;
		this.part("sent").data("words", "");
		if (start) this.fill("sent", school_dialer.emergency.started(start));
		this.only("sent");
		this.look();
	}

	async look() {
		clearTimeout(this.next_look);
		if (!this.shown || !this.followed || this.queue.request) return;
		const name = this.followed;
		try {
			const start = await this.get("state", { start: name });
			if (this.followed !== name) return;
			this.line("");
			const shown = JSON.stringify(start);
			if (this.part("sent").find("[data-state]").length === 0)
				this.fill("sent", school_dialer.emergency.started(start));
			else if (shown !== this.state_shown)
				this.part("sent").find("[data-state]").html(school_dialer.emergency.state(start));
			this.state_shown = shown;
			if (start.kind === "Staff safety" && !start.drill)
				school_dialer.emergency.show_groups(
					this.part("sent").find("[data-groups]"),
					await this.get("groups", { start: name }),
				);
			if (start.ended) return;
		} catch {
			this.line(__("No connection. The numbers are older than they look."));
		}
		this.next_look = setTimeout(() => this.look(), EMERGENCY_EVERY);
	}
}
