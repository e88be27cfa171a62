// The families that a person phones because no automatic call reached them: take the next one, call, say what came of it.

frappe.pages["dialer-calls"].on_page_load = (wrapper) => {
	wrapper.calls = new FamiliesToPhone(wrapper);
};
frappe.pages["dialer-calls"].on_page_show = (wrapper) => wrapper.calls.show();
frappe.pages["dialer-calls"].on_page_hide = (wrapper) => wrapper.calls.rest();

const CALLS_METHODS = "school_dialer.desk.inbox.manual_calls.";
const BOARD_EVERY = 15000;
const CALL_EVERY = 2000;
const LANGUAGES_KEY = "dialer-calls-languages";
class FamiliesToPhone {
	constructor(wrapper) {
		frappe.dom.set_style(school_dialer.manual_calls.STYLE, "dialer-calls-style");
		this.page = frappe.ui.make_app_page({
			parent: wrapper,
			title: __("Families to Phone"),
			single_column: true,
		});
		this.page.add_menu_item(__("All Families and Outcomes"), () =>
			frappe.set_route("List", "Dialer Manual Call"),
		);
		this.page.add_menu_item(__("Change My Phone"), () => this.own_number("change"));
		this.$body = $(`<div class="dialer-calls">
			<section class="frappe-card p-3" data-part="board" aria-labelledby="dialer-calls-waiting"></section>
			<section class="frappe-card p-3 hidden" data-part="card" aria-labelledby="dialer-calls-family"></section>
			<section class="frappe-card p-3 hidden" data-part="done" aria-labelledby="dialer-calls-done"></section>
			<section class="frappe-card p-3 hidden" data-part="working" aria-labelledby="dialer-calls-working"></section>
		</div>`).appendTo(this.page.main);
		this.page.set_primary_action(__("Next Family"), () => this.take_next());
		this.$body
			.on("change", ".dialer-lang input", () => this.choose_languages())
			.on("click", "[data-undo]", ({ currentTarget }) => this.undo(currentTarget.dataset.undo))
			.on("click", "[data-release]", ({ currentTarget }) => this.release(currentTarget.dataset.release))
			.on("click", "[data-outcome]", ({ currentTarget }) => this.ask(currentTarget.dataset.outcome))
			.on("click", "[data-call]", () => this.call())
			.on("click", "[data-keep]", () => this.post("keep").then(() => this.open(this.name)))
			.on("click", "[data-give-back]", () => this.give_back());
		document.addEventListener("visibilitychange", () => this.is_seen() && this.look());
	}

	part(name) {
		return this.$body.find(`[data-part=${name}]`);
	}

	get(method, args = {}) {
		return frappe
			.call({ method: CALLS_METHODS + method, type: "GET", args })
			.then(({ message }) => message);
	}

	post(method, args = {}) {
		return frappe
			.call({ method: CALLS_METHODS + method, type: "POST", args: { name: this.name, ...args } })
			.then(({ message }) => message);
	}

	show() {
		this.shown = true;
		this.look();
	}

	rest() {
		this.shown = false;
		clearTimeout(this.next_look);
		clearTimeout(this.next_state);
	}

	is_seen() {
		return this.shown && !document.hidden;
	}

	// One small question every BOARD_EVERY, while someone looks.
	async look() {
		clearTimeout(this.next_look);
		if (!this.is_seen()) return;
		try {
			this.board = await this.get("board");
			this.show_board();
			if (this.board.mine !== (this.name || "")) await this.open(this.board.mine);
			else if (this.name) this.watch_call();
		} catch (refused) {
			// Without an answer, the next look asks again.
			if (refused instanceof Error) throw refused;
		} finally {
			clearTimeout(this.next_look);
			if (this.is_seen()) this.next_look = setTimeout(() => this.look(), BOARD_EVERY);
		}
	}

	languages() {
		const stored = localStorage.getItem(LANGUAGES_KEY);
		try {
			if (stored) return JSON.parse(stored);
		} catch {
			localStorage.removeItem(LANGUAGES_KEY);
		}
		return [this.board.language];
	}

	choose_languages() {
		const chosen = this.$body
			.find(".dialer-lang input:checked")
			.toArray()
			.map((one) => one.value);
		localStorage.setItem(LANGUAGES_KEY, JSON.stringify(chosen));
		this.show_board();
	}

	speaks(code) {
		const base = (language) => language.split("-")[0].toLowerCase();
		return this.languages().some((one) => one === code || base(one) === base(code));
	}

	show_board() {
		const { manual_calls } = school_dialer;
		const focused = document.activeElement?.closest?.(".dialer-lang")?.querySelector("input")?.value;
		this.part("board").html(manual_calls.board(this.board, (code) => this.speaks(code)));
		if (focused !== undefined)
			this.part("board")
				.find(".dialer-lang input")
				.filter((_place, input) => input.value === focused)
				.trigger("focus");
		this.page.btn_primary.toggleClass("hidden", !!this.board.mine);
		const done = this.board.done.map((one) => manual_calls.done(one, !this.board.mine));
		this.show_list("done", __("Just noted"), done);
		this.show_list("working", __("Who works on what"), this.board.working.map(manual_calls.working));
	}

	show_list(name, title, rows) {
		this.part(name)
			.toggleClass("hidden", !rows.length)
			.html(
				`<h5 id="dialer-calls-${name}" class="mb-1">${title}</h5><ul class="list-unstyled mb-0">${rows.join("")}</ul>`,
			);
	}

	async take_next() {
		const { name } = await this.post("take_next", {
			name: undefined,
			languages: JSON.stringify(this.languages()),
		});
		if (!name) {
			frappe.show_alert({
				message: __("No family waits in a language you speak."),
				indicator: "orange",
			});
			return this.look();
		}
		await this.open(name);
		this.look();
	}

	async open(name) {
		clearTimeout(this.next_state);
		const $card = this.part("card").toggleClass("hidden", !name);
		if (!name) {
			if (this.name) frappe.show_alert(__("The family is not with you any more."));
			this.name = null;
			$card.empty();
			return;
		}
		const family = await this.get("card", { name });
		const draft = this.name === name ? $card.find("textarea").val() : undefined;
		const fresh = this.name !== name;
		Object.assign(this, { name, family });
		this.page.btn_primary.addClass("hidden");
		$card.html(school_dialer.manual_calls.card(family));
		if (draft !== undefined) $card.find("textarea").val(draft);
		if (fresh) $card.find("h4").trigger("focus");
		this.show_call(family.call);
		this.watch_call();
	}

	watch_call() {
		clearTimeout(this.next_state);
		const { stage } = this.family?.call || {};
		if (!this.name || !this.is_seen() || !stage || stage === "idle" || stage === "over") return;
		const { name } = this;
		this.next_state = setTimeout(async () => {
			const state = await this.get("call_state", { name }).catch(() => null);
			if (this.name !== name) return;
			if (state) this.show_call(state);
			this.watch_call();
		}, CALL_EVERY);
	}

	show_call(state) {
		this.family.call = state;
		const words = school_dialer.manual_calls.said(state);
		const $said = this.part("card").find("[role=status]");
		if ($said.text() !== words) $said.text(words);
		const busy = !["idle", "over"].includes(state.stage);
		this.part("card").attr("data-stage", state.stage);
		this.part("card")
			.find("[data-call], [data-outcome], [data-give-back], select")
			.prop("disabled", busy);
		if (this.family.refusal) this.part("card").find("[data-call]").prop("disabled", true);
		this.part("card")
			.find("[data-call]")
			.text(state.stage === "over" ? __("Call Again") : __("Call"));
	}

	own_number(method = "ensure") {
		return new Promise((resolve) =>
			frappe.require("/assets/school_dialer/js/own_number.js", () =>
				school_dialer.own_number[method]().then(resolve),
			),
		);
	}

	async call() {
		if (!(await this.own_number())) return;
		const line = this.part("card").find("select[data-line]").val();
		const $call = this.part("card").find("[data-call]").prop("disabled", true);
		try {
			const state = await this.post("call", line === undefined ? {} : { line: cint(line) });
			if (line !== undefined) await this.open(this.name);
			this.show_call(state);
			this.watch_call();
		} catch {
			$call.prop("disabled", false);
			this.open(this.name);
		}
	}

	// What harms the family's later calls is asked about once more.
	ask(outcome) {
		const title = this.family.title;
		if (outcome === "Call again later")
			return school_dialer.prompt(
				[
					{
						fieldname: "later",
						fieldtype: "Datetime",
						label: __("Call again at"),
						reqd: 1,
						default: moment(frappe.datetime.now_datetime())
							.add(1, "hour")
							.format("YYYY-MM-DD HH:mm:00"),
					},
				],
				({ later }) => this.note(outcome, { later }),
				__("Call again later"),
				__("Note"),
			);
		if (outcome === "Asked to stop")
			return school_dialer.prompt(
				[
					{
						fieldname: "scope",
						fieldtype: "Select",
						label: __("What they do not want"),
						reqd: 1,
						default: "all non-emergency",
						options: [
							"this purpose",
							...(this.family.school ? ["this school"] : []),
							"all non-emergency",
							"everything",
						].map((value) => ({
							value,
							label:
								value === "this school"
									? __("Only {0}", [this.family.school])
									: school_dialer.word(value),
						})),
						description: __(
							"From now on no one calls or texts them about it, neither the machine nor staff.",
						),
					},
				],
				({ scope }) => this.note(outcome, { scope }),
				__("Record the opt-out of {0}", [school_dialer.plain.line(title)]),
				__("Record Opt-out"),
			);
		if (outcome === "Wrong number")
			return frappe.confirm(
				__("Does {0} belong to someone else? No one calls or texts this number any more.", [
					school_dialer.plain.html(this.family.number),
				]),
				() => this.note(outcome),
			);
		return this.note(outcome);
	}

	async note(outcome, more = {}) {
		const $card = this.part("card");
		await this.post("note_outcome", {
			outcome,
			note: $card.find("textarea").val() || "",
			own_phone: cint($card.find("[data-own-phone]").prop("checked")),
			...more,
		});
		frappe.show_alert({ message: __("Noted: {0}", [__(outcome)]), indicator: "green" });
		await this.leave_card();
	}

	async leave_card() {
		this.name = null;
		this.part("card").addClass("hidden").empty();
		await this.look();
		this.page.btn_primary.trigger("focus");
	}

	async give_back() {
		await this.post("release");
		await this.leave_card();
	}

	async release(name) {
		await this.post("release", { name });
		this.look();
	}

	async undo(name) {
		await this.post("undo", { name });
		this.look();
	}
}
