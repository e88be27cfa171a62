// The user's own telephone for tests: a code goes there once. `school_dialer.own_number.ensure()` gives it, masked, when it is verified.
frappe.provide("school_dialer.own_number");

(() => {
	const DESK = "school_dialer.desk.own_number";
	const TICK = 1000;
	const call = (method, args) => frappe.xcall(`${DESK}.${method}`, args);

	school_dialer.own_number.ensure = async () => {
		const state = await frappe.xcall(`${DESK}.state`, {}, "GET");
		return state.number || new Promise((resolve) => new Verify(state, resolve));
	};

	school_dialer.own_number.change = async () => {
		const state = await frappe.xcall(`${DESK}.state`, {}, "GET");
		return new Promise((resolve) => new Verify(state, resolve));
	};

	class Verify {
		constructor(state, resolve) {
			this.resolve = resolve;
			this.dialog = school_dialer.dialog({
				title: __("Verify your own telephone"),
				fields: [
					{
						fieldname: "how",
						fieldtype: "HTML",
						options: `<p>${__("Tests go to a telephone of your own and nowhere else. We send a code there once.")}</p>`,
					},
					{
						fieldname: "number",
						fieldtype: "Data",
						label: __("Your telephone number"),
						description: __("Not that of a family, a student or a colleague."),
					},
					{
						fieldname: "channel",
						fieldtype: "Select",
						label: __("Send the code by"),
						default: "Text",
						options: [
							{ value: "Text", label: __("Text") },
							{ value: "Voice", label: __("Call") },
						],
					},
					{ fieldname: "code", fieldtype: "Data", label: __("Code of 6 digits"), length: 6 },
					{
						fieldname: "said",
						fieldtype: "HTML",
						options: '<p role="status" aria-live="polite" class="mb-0" data-said></p>',
					},
				],
				on_page_show: () => this.focus(),
				on_hide: () => this.leave(),
			});
			this.dialog
				.get_field("code")
				.$input.attr({ inputmode: "numeric", autocomplete: "one-time-code" });
			this.dialog.get_field("number").$input.attr({ inputmode: "tel", autocomplete: "tel" });
			for (const field of ["number", "channel", "code"])
				this.dialog.get_field(field).$input.attr("aria-label", this.dialog.get_field(field).df.label);
			this.dialog.set_secondary_action(() => this.another());
			this.dialog.$wrapper.on("keydown", "input", (event) => {
				if (event.key !== "Enter") return;
				event.preventDefault();
				this.dialog.get_primary_btn().trigger("click");
			});
			this.dialog.show();
			this.show(state);
		}

		// With a code on its way the code is asked for, else the number.
		show(state, said = "") {
			const sent = Boolean(state.sent_to);
			this.until = Date.now() + state.wait * TICK;
			for (const [field, shown] of [
				["number", !sent],
				["channel", !sent],
				["code", sent],
			])
				this.dialog.set_df_property(field, "hidden", shown ? 0 : 1);
			this.dialog.set_primary_action(sent ? __("Verify") : __("Send code"), () =>
				sent ? this.verify() : this.ask(),
			);
			this.dialog.set_secondary_action_label(__("Send another code"));
			this.dialog.get_secondary_btn().toggleClass("hide", !sent);
			const pretended = __("Pretend carrier: no phone rings. The code is {0}.", [state.code]);
			const on_its_way = __("A code is on its way to {0}. It holds for 10 minutes.", [state.sent_to]);
			this.say(said || (sent && (state.code ? pretended : on_its_way)) || "");
			this.count();
			this.first = sent ? "code" : "number";
			this.focus();
		}

		// Also once the dialog has come in, when Frappe looks for a first field itself.
		focus() {
			this.dialog.get_field(this.first).$input.trigger("focus");
		}

		// How long until another code may be asked for, on the button that asks for it.
		count() {
			clearTimeout(this.timer);
			const left = Math.ceil((this.until - Date.now()) / TICK);
			const $again = this.dialog.get_secondary_btn();
			$again
				.prop("disabled", left > 0)
				.text(left > 0 ? __("Send another code in {0} s", [left]) : __("Send another code"));
			if (left > 0) this.timer = setTimeout(() => this.count(), TICK);
		}

		say(words, failed = false) {
			this.dialog.$wrapper
				.find("[data-said]")
				.css("color", failed ? "var(--text-on-red)" : "")
				.text(words);
		}

		async ask() {
			const { number, channel } = this.dialog.get_values(true);
			if (!number) return this.say(__("Enter your telephone number."), true);
			const state = await this.working(() => call("ask", { number, channel }));
			if (!state) return;
			this.show(state);
			if (state.refused) this.say(state.refused, true);
		}

		async verify() {
			const code = (this.dialog.get_value("code") || "").replaceAll(" ", "");
			if (!/^[0-9]{6}$/.test(code)) return this.say(__("The code has 6 digits."), true);
			const state = await this.working(() => call("verify", { code_sent: code }));
			if (!state) return;
			if (!state.verified) {
				this.dialog.set_value("code", "");
				this.show(state);
				return this.say(__("This code does not fit, or its time or tries are over."), true);
			}
			this.verified = state.number;
			this.dialog.hide();
		}

		another() {
			this.show({ sent_to: "", wait: 0 });
		}

		async working(action) {
			this.dialog.disable_primary_action();
			this.say(__("One moment"));
			try {
				return await action();
			} catch {
				this.say("");
				return null;
			} finally {
				this.dialog.enable_primary_action();
			}
		}

		leave() {
			clearTimeout(this.timer);
			this.resolve(this.verified || "");
		}
	}
})();
