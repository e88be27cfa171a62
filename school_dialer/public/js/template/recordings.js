// Recordings of a message: uploaded, or said by phone; one for people who answer and one for voicemails in each language.
(() => {
	const DESK = "school_dialer.desk.recordings";
	const VARIANTS = { voice: __("A person answers"), voicemail: __("On voicemail") };
	const HOLDS = {
		educational: __("Something of a student's records"),
		personal: __("Something personal, but no record"),
		public: __("Nothing about anyone"),
	};
	const PLACES = {
		"Instead of the words": __("Instead of the words"),
		"After the words": __("After the words"),
	};
	const POLL_SECONDS = 2;
	const escape = frappe.utils.escape_html;

	frappe.ui.form.on("Dialer Message Template", {
		refresh(frm) {
			if ((frm.doc.translations || []).some((row) => row.language)) {
				frm.add_custom_button(__("Recordings"), () => new Recordings(frm));
			}
		},
	});

	class Recordings {
		constructor(frm) {
			this.frm = frm;
			this.may_write = Boolean(frm.perm[0]?.write);
			this.dialog = school_dialer.dialog({
				title: __("Recordings"),
				size: "large",
				fields: [{ fieldname: "parts", fieldtype: "HTML" }],
				primary_action_label: this.may_write ? __("Save message") : __("Close"),
				primary_action: () => this.close(),
				on_hide: () => clearTimeout(this.timer),
			});
			this.$parts = this.dialog.get_field("parts").$wrapper;
			this.dialog.show();
			this.show();
		}

		get rows() {
			return (this.frm.doc.translations || []).filter((row) => row.language);
		}

		async close() {
			if (this.may_write && this.frm.is_dirty()) await this.frm.save();
			if (!this.frm.is_dirty()) this.dialog.hide();
		}

		async show() {
			const names = this.rows
				.flatMap((row) => [row.voice_recording, row.voicemail_recording])
				.filter(Boolean);
			const found = names.length ? await frappe.xcall(`${DESK}.listed`, { names }) : [];
			this.known = Object.fromEntries(found.map((one) => [one.name, one]));
			this.$parts.html(
				`<p class="text-muted">${__("MP3 or WAV, at most three minutes. Who calls and how to stop it are spoken before it.")}</p>` +
					this.rows.map((row) => this.row_html(row)).join(""),
			);
			this.listen();
		}

		row_html(row) {
			const parts = Object.keys(VARIANTS)
				.map((variant) => this.part_html(row, variant))
				.join("");
			const any = row.voice_recording || row.voicemail_recording;
			const place = any
				? `<div class="mt-2">${this.select_html(row, "recording_place", PLACES, __("A recording is played"))}</div>`
				: "";
			return `<fieldset class="border rounded p-3 mb-3" data-row="${escape(row.name)}" data-language="${escape(row.language)}">
				<legend class="h5 mb-3" style="float: left">${escape(school_dialer.language_name(row.language))}</legend>
				<div class="row" style="clear: both">${parts}</div>${place}</fieldset>`;
		}

		part_html(row, variant) {
			const name = row[`${variant}_recording`];
			const field = `${variant}_recording_holds`;
			const warning =
				variant === "voicemail" && (row[field] || "educational") === "educational"
					? `<p class="small mb-1" style="color: var(--text-on-red)">${__("Anyone may hear a voicemail, so this can't be saved.")}</p>`
					: "";
			const body = name
				? `${this.player_html(name)}${this.select_html(row, field, HOLDS, __("It holds"))}${warning}`
				: `<p class="text-muted">${__("No recording: the words are spoken.")}</p>`;
			return `<div class="col-sm-6 mb-2" data-variant="${variant}"><b>${VARIANTS[variant]}</b>${body}${this.buttons_html(name)}</div>`;
		}

		player_html(name) {
			const one = this.known[name];
			if (!one?.ready) {
				return `<p style="color: var(--text-on-red)">${__("The file is missing. Upload or record it again.")}</p>`;
			}
			const label = `${one.label}, ${__("{0} seconds", [Math.round(one.seconds)])}`;
			return `<div class="small text-muted text-truncate" title="${escape(one.label)}">${escape(label)}</div>
				<audio controls preload="none" class="w-100 my-1" aria-label="${escape(label)}" src="${escape(one.file)}"></audio>`;
		}

		select_html(row, field, choices, label) {
			const chosen = row[field] || Object.keys(choices)[0];
			const options = Object.entries(choices)
				.map(
					([value, words]) =>
						`<option value="${value}" ${value === chosen ? "selected" : ""}>${escape(words)}</option>`,
				)
				.join("");
			return `<label class="small mb-1 w-100">${escape(label)}
				<select class="form-control input-sm" data-field="${field}" ${this.may_write ? "" : "disabled"}>${options}</select></label>`;
		}

		buttons_html(name) {
			if (!this.may_write) return "";
			const button = (action, words) =>
				`<button type="button" class="btn btn-xs btn-default mr-1 mb-1" data-action="${action}">${escape(words)}</button>`;
			return `<div class="mt-1">${button("upload", name ? __("Upload another") : __("Upload"))}${button("call", __("Call me, I will say it"))}${name ? button("remove", __("Remove")) : ""}</div>
				<input type="file" class="hidden" accept=".mp3,.wav,audio/mpeg,audio/wav" aria-label="${__("Audio file")}">
				<div role="status" class="small text-muted" data-said></div>`;
		}

		listen() {
			const place = (element) => ({
				row: this.rows.find((row) => row.name === $(element).closest("[data-row]").attr("data-row")),
				variant: $(element).closest("[data-variant]").data("variant"),
				$part: $(element).closest("[data-variant]"),
			});
			this.$parts.find("select").on("change", (event) => {
				const { row } = place(event.target);
				this.set(row, { [event.target.dataset.field]: event.target.value });
			});
			this.$parts
				.find("input[type=file]")
				.on("change", (event) => this.upload(event.target, place(event.target)));
			this.$parts.find("[data-action]").on("click", (event) => {
				const where = place(event.currentTarget);
				const action = event.currentTarget.dataset.action;
				if (action === "upload") where.$part.find("input[type=file]").trigger("click");
				if (action === "remove") this.remove(where);
				if (action === "call") this.ask_to_call(where);
			});
		}

		async set(row, values) {
			for (const [field, value] of Object.entries(values)) {
				await frappe.model.set_value(row.doctype, row.name, field, value);
			}
			this.show();
		}

		say(where, words) {
			where.$part.find("[data-said]").text(words);
		}

		async upload(input, where) {
			const [file] = input.files;
			if (!file) return;
			this.say(where, __("Uploading…"));
			const body = new FormData();
			body.append("file", file, file.name);
			const answer = await fetch(`/api/method/${DESK}.upload`, {
				method: "POST",
				headers: { "X-Frappe-CSRF-Token": frappe.csrf_token, Accept: "application/json" },
				body,
			});
			const data = await answer.json().catch(() => ({}));
			if (!answer.ok) {
				this.say(where, "");
				input.value = "";
				frappe.msgprint({
					title: __("Not uploaded"),
					message: messages_of(data) || __("The file could not be uploaded."),
					indicator: "red",
				});
				return;
			}
			await this.set(where.row, { [`${where.variant}_recording`]: data.message.name });
		}

		async ask_to_call(where) {
			if (this.frm.is_dirty() || this.frm.is_new()) await this.frm.save();
			if (this.frm.is_dirty()) return;
			const number = await school_dialer.own_number.ensure();
			if (!number) return;
			const { row, variant } = where;
			const choices = variant === "voicemail" ? ["public", "personal"] : Object.keys(HOLDS);
			const fields = [
				{
					fieldname: "holds",
					fieldtype: "Select",
					label: __("It holds"),
					reqd: 1,
					default: choices[0],
					options: choices.map((value) => ({ value, label: HOLDS[value] })),
				},
				{
					fieldname: "how",
					fieldtype: "HTML",
					options: `<p>${__("We call {0}, your own telephone. Press 1, speak after the tone, hear it, and press 1 to keep it.", [`<b>${escape(number)}</b>`])}</p>`,
				},
			];
			const ask = school_dialer.prompt(
				fields,
				({ holds }) => this.call({ row, variant }, holds),
				__("Say it by phone"),
				__("Call me now"),
			);
			ask.$wrapper.find("[data-fieldname=holds] select").trigger("focus");
		}

		async call({ row, variant }, holds) {
			const part = () => ({
				$part: this.$parts.find(`[data-row="${row.name}"] [data-variant="${variant}"]`),
			});
			this.say(part(), __("Calling you…"));
			let recording;
			try {
				recording = await frappe.xcall(`${DESK}.call_me`, {
					template: this.frm.doc.name,
					language: row.language,
					variant,
					holds,
				});
			} catch {
				this.say(part(), "");
				return;
			}
			const look = async () => {
				const state = await state_of(recording);
				if (state === null) {
					this.say(part(), "");
				} else if (!state) {
					this.timer = setTimeout(look, POLL_SECONDS * 1000);
				} else if (state.status === "Ready") {
					await this.frm.reload_doc();
					await this.show();
					this.say(part(), state.status_message || __("Kept."));
				} else if (state.status === "Not Kept" || (state.over && state.status === "Calling")) {
					this.say(part(), state.status_message || __("The call ended before it was kept."));
				} else {
					this.say(
						part(),
						state.status === "Keeping" ? __("Fetching what you said…") : __("On the phone…"),
					);
					this.timer = setTimeout(look, POLL_SECONDS * 1000);
				}
			};
			this.timer = setTimeout(look, POLL_SECONDS * 1000);
		}

		remove({ row, variant }) {
			frappe.confirm(__("Remove this recording from the message? The words are spoken again."), () =>
				this.set(row, { [`${variant}_recording`]: null }),
			);
		}
	}

	// Undefined where no answer came, and null where the site refused.
	const state_of = (recording) =>
		frappe.call(`${DESK}.state`, { recording }).then(
			({ message }) => message,
			(refused) => (school_dialer.is_unanswered(refused) ? undefined : null),
		);

	// What the server said, as text: it may repeat the name of a file.
	function messages_of(data) {
		try {
			return JSON.parse(data._server_messages)
				.map((one) => escape(strip_html(JSON.parse(one).message || "")))
				.join("<br>");
		} catch {
			return "";
		}
	}
})();
