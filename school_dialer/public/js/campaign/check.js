// Before anything is sent: who is called, who waits, who is not and why, with the way to the people and to the remedy.
(() => {
	const { campaign } = school_dialer;
	const escape = frappe.utils.escape_html;
	const CONSENT = ["NO_CONSENT", "WRITTEN_CONSENT_REQUIRED", "CONSENT_EXPIRED", "CONSENT_STALE"];
	const FACTS = [
		["emergency_type", __("Kind of emergency")],
		["emergency_reason", __("What happened")],
		["requested_by", __("Requested By")],
		["requested_at", __("Asked for at")],
	];

	campaign.decide = async (frm) => {
		if (!(await campaign.saved(frm))) return null;
		return campaign.act(frm, "preview_audience", {}, __("Reading records and checking each person"));
	};

	campaign.preview = async (frm) => {
		const found = await campaign.decide(frm);
		if (!found) return;
		campaign.note_check(frm);
		campaign.watch_links(frm, preview_dialog(frm, found), found, false);
	};

	// No one is called before a person has seen how many, and why not the others.
	campaign.checked = async (frm, method, label, consequence, reject) => {
		// What the approver is shown is what they approve: another request meanwhile is refused.
		const seen = frm.doc.asked_digest || "";
		const found = await campaign.decide(frm);
		if (!found) return;
		if (found.missing.length) {
			frappe.msgprint({
				title: __("Dialer Settings are not complete"),
				message: `<ul class="pl-4 mb-0"><li>${found.missing.map(escape).join("</li><li>")}</li></ul>`,
				indicator: "red",
			});
			return;
		}
		// A correction may be to texts and e-mails alone, or to calls still under way.
		if (!found.people && !frm.doc.corrects) {
			frappe.msgprint({
				title: __("No one to call"),
				message: __("This audience is empty. Choose another one, or add people to it."),
				indicator: "red",
			});
			return;
		}
		const dialog = preview_dialog(frm, found, consequence);
		dialog.set_primary_action(label, () => {
			if (!typed(dialog, found)) return;
			const begin = (args) => {
				dialog.disable_primary_action();
				campaign.act(frm, method, args, __("One moment")).then(
					() => {
						dialog.hide();
						frm.reload_doc();
					},
					() => dialog.enable_primary_action(),
				);
			};
			campaign.confirm_questions(frm, dialog, found, (keys) => {
				const agreed = JSON.stringify(keys);
				if (method === "approve") return begin({ seen, agreed });
				if (!found.mass) return begin({ agreed });
				frappe.confirm(`<b>${escape(found.mass.sentence)}</b>`, () =>
					begin({ confirmed: found.mass.people, agreed }),
				);
			});
		});
		campaign.watch_links(frm, dialog, found, true);
		if (reject) {
			dialog.set_secondary_action_label(__("Reject"));
			dialog.set_secondary_action(() => {
				dialog.hide();
				reject();
			});
		}
	};

	const to_call = ({ verdicts }) => (verdicts.ALLOW || 0) + (verdicts.DEFER || 0);

	function typed(dialog, found) {
		if (!found.type_number || cint(dialog.get_value("typed")) === to_call(found)) return true;
		frappe.show_alert({
			message: __("That number doesn't match the people above who can be called or wait."),
			indicator: "red",
		});
		dialog.get_field("typed").$input.trigger("focus");
		return false;
	}

	function preview_dialog(frm, found, consequence) {
		const fields = [{ fieldname: "shown", fieldtype: "HTML" }];
		if (consequence && found.type_number) {
			fields.push({
				fieldname: "typed",
				fieldtype: "Data",
				label: __("Confirm count above"),
				description: __("Type how many people will be called, those who wait included."),
				reqd: 1,
			});
		}
		const dialog = school_dialer.dialog({
			title:
				frm.doc.scheduled_at && frm.doc.status === "Draft"
					? __("Review before you schedule")
					: __("Review before you start"),
			size: "large",
			fields,
		});
		const wrapper = dialog.get_field("shown").$wrapper;
		const note = found.note ? `<p>${escape(found.note)}</p>` : "";
		const warning = note + (consequence ? `<p><b>${escape(consequence)}</b></p>` : "");
		const questions = campaign.questions_html(frm, found, !!consequence);
		wrapper.html(warning + facts_html(frm) + questions + preview_html(frm, found));
		school_dialer.details.watch_gaps(frm, dialog);
		wrapper.on("click", "[data-group]", (event) =>
			show_people(frm, found.groups[event.currentTarget.dataset.group]),
		);
		wrapper.on("click", "[data-pins]", () => show_people(frm, found.pins));
		wrapper.on("click", "[data-sample]", (event) =>
			campaign.listen(found.samples[event.currentTarget.dataset.sample]),
		);
		dialog.$wrapper.on("hide.bs.modal", () => window.speechSynthesis && window.speechSynthesis.cancel());
		// What is decided stays in sight on a phone, however long the list is.
		dialog.$wrapper
			.find(".modal-footer")
			.css({ position: "sticky", bottom: 0, background: "var(--modal-bg, var(--fg-color))" });
		dialog.show();
		return dialog;
	}

	// What an approver has to know besides: who asks, and why.
	function facts_html(frm) {
		if (frm.doc.purpose !== "Emergency") return "";
		const shown = {
			requested_at: school_dialer.plain.minute,
			requested_by: () => school_dialer.staff_html(frm, "requested_by"),
		};
		const rows = FACTS.filter(([field]) => frm.doc[field]).map(([field, label]) => {
			const html = shown[field]?.(frm.doc[field]) || escape(__(frm.doc[field]));
			return `<dt class="col-sm-4">${label}</dt><dd class="col-sm-8">${html}</dd>`;
		});
		return `<dl class="row mb-2" data-part="emergency">${rows.join("")}</dl>`;
	}

	function preview_html(frm, found) {
		if (!found.people) return `<p>${__("This audience is empty.")}</p>`;
		const { ALLOW = 0, DEFER = 0, BLOCK = 0 } = found.verdicts;
		const waits = found.next_due
			? __("have to wait, the first until {0}", [school_dialer.plain.minute(found.next_due)])
			: __("have to wait");
		const tiles = [
			[ALLOW, frm.doc.channel === "Text" ? __("get a text") : __("will be called"), "green"],
			[DEFER, waits, "yellow"],
			[BLOCK, frm.doc.channel === "Text" ? __("get no text") : __("can't be called"), "red"],
		]
			.map(campaign.tile)
			.join("");
		const more = found.more
			? `<p class="text-muted">${__("Counted for the first {0} people only. Rehearse counts everyone.", [found.people])}</p>`
			: "";
		const places = campaign.table(
			[__("Local time where they are called now"), __("People")],
			found.local_times.map((one) => [
				`${escape(one.time)} <span class="text-muted">${escape(one.zone)}</span>`,
				one.people,
			]),
		);
		const samples = found.samples.map((one, place) => sample(frm, one, place)).join("");
		const holiday = found.holiday
			? `<p data-part="holiday"><span class="indicator orange" aria-hidden="true"></span> ${__("That day is a holiday of the school: {0}. People are called all the same.", [`<b>${escape(found.holiday)}</b>`])}</p>`
			: "";
		const limits = (found.school_limits || [])
			.map(
				({ words }) =>
					`<p data-part="school-limit"><span class="indicator orange" aria-hidden="true"></span> ${escape(words)}</p>`,
			)
			.join("");
		return `<p>${campaign.counted(found.people, __("1 person in this audience."), __("{0} people in this audience.", [`<b>${found.people}</b>`]))}</p>${holiday}${limits}${school_dialer.details.gaps_html(found)}
			<div class="row" data-part="tiles">${tiles}</div>${more}${campaign.estimate_html(frm, found.estimate)}
			${campaign.groups_html(frm, found.groups)}${campaign.pins_html(found.pins)}${places}
			${samples ? `<h5>${frm.doc.channel === "Text" ? __("What they read") : __("What they hear")}</h5>${samples}` : ""}`;
	}

	campaign.groups_html = (frm, groups) =>
		campaign.table(
			[__("Who gets it and who doesn't"), __("People"), __("What to do")],
			groups.map((one, place) => [
				escape(group_words(frm, one)),
				`<button type="button" class="btn btn-link btn-xs p-0" style="text-decoration: underline" data-group="${place}" aria-label="${escape(__("Show {0} people: {1}", [one.people, group_words(frm, one)]))}">${one.people}</button>`,
				remedy_html(one),
			]),
		);

	// Who is called without being able to hear the message.
	campaign.pins_html = (pins) =>
		pins
			? `<p data-part="pins"><span class="indicator orange" aria-hidden="true"></span>
				<button type="button" class="btn btn-link btn-xs p-0" style="text-decoration: underline" data-pins>${__("{0} people have no PIN.", [pins.people])}</button>
				${escape(pins.remedy)}</p>`
			: "";

	function group_words(frm, one) {
		if (one.verdict === "ALLOW")
			return frm.doc.channel === "Text" ? __("Get a text") : __("Will be called");
		if (one.time && one.place) return __("Wait until {0} in {1}: {2}", [one.time, one.place, one.words]);
		return one.verdict === "DEFER" ? __("Wait: {0}", [one.words]) : one.words;
	}

	function remedy_html(one) {
		const remedy = escape(one.remedy || "");
		return CONSENT.includes(one.code)
			? `<a href="/${frappe.boot.school_dialer.desk}/contact-consent" target="_blank" style="text-decoration: underline">${remedy}</a>`
			: `<span class="text-muted">${remedy}</span>`;
	}

	async function show_people(frm, group) {
		const people = await campaign.act(frm, "preview_people", { group: group.group }, __("One moment"));
		campaign.people_dialog(frm, group, people || []);
	}

	campaign.people_dialog = (frm, group, people) => {
		const rows = people.map((one) => {
			const known = one.person && one.person_doctype !== "File";
			const name = escape(one.person_name || one.person || "");
			return [
				known ? frappe.utils.get_form_link(one.person_doctype, one.person, true, name) : name,
				escape(one.phone_masked),
				escape(one.why),
			];
		});
		const dialog = school_dialer.dialog({
			title: school_dialer.plain.line(`${group.people} · ${group_words(frm, group)}`),
			size: "large",
			fields: [{ fieldname: "shown", fieldtype: "HTML" }],
		});
		const less =
			people.length < group.people
				? `<p class="text-muted">${__("The first {0} are shown.", [people.length])}</p>`
				: "";
		dialog
			.get_field("shown")
			.$wrapper.html(
				`<p>${remedy_html(group)}</p>${less}${campaign.table([__("Person"), __("Number"), __("Why")], rows)}`,
			);
		dialog.show();
	};

	function sample(frm, one, place) {
		const words = one.problem
			? `<span class="indicator red" aria-hidden="true"></span> ${__("No message: {0}", [escape(one.problem)])}`
			: `<div style="white-space: pre-line" dir="auto" lang="${escape(one.language || "")}">${escape(one.message)}</div>`;
		const audible = window.speechSynthesis && frm.doc.channel === "Voice" && one.message;
		const button = audible
			? ` <button type="button" class="btn btn-default btn-xs ml-2" data-sample="${place}">${__("Listen")}</button>`
			: "";
		const veiled = one.veiled.length
			? `<div class="text-muted small mt-1">${escape(__("Shown with sample values, because your roles can't read these records: {0}.", [one.veiled.join(", ")]))}</div>`
			: "";
		return `<div class="border rounded p-3 mb-2"><div class="text-muted small mb-1">${escape(one.person)} · ${escape(school_dialer.language_name(one.language))}${button}</div>${words}${veiled}</div>`;
	}

	// The browser's own voice: the words and the language are those of the call, the voice is not.
	campaign.listen = (one) => {
		window.speechSynthesis.cancel();
		const spoken = new SpeechSynthesisUtterance(one.message);
		spoken.lang = one.language || "";
		window.speechSynthesis.speak(spoken);
	};
})();
