// Stop calls from the record an agent has open. Loaded with the forms of the DocTypes below.
frappe.provide("school_dialer.help_desk");

(() => {
	const METHODS = "school_dialer.help_desk.actions.";
	const { AGENTS, MANAGERS } = frappe.boot.school_dialer.roles;
	const DOCTYPES = [
		"Issue",
		"HD Ticket",
		"Contact",
		"Student",
		"Guardian",
		"Employee",
		"Lead",
		"CRM Lead",
		"Customer",
	];
	const PEOPLE = ["Guardian", "Student", "Employee", "Contact"];
	const OTHER = "other";

	const { choices, fields: known } = school_dialer;

	// On a form, or on the page of a family (`done`).
	async function post(method, frm, values) {
		const args = { reference_doctype: frm.doctype, reference_name: frm.docname, ...values };
		const { message } = await frappe.call({ method: METHODS + method, type: "POST", args, freeze: true });
		show_again(frm);
		return message;
	}

	function show_again(frm) {
		if (frm.done) frm.done();
		else {
			frm.sidebar?.reload_docinfo();
			show_opted_out(frm);
		}
	}

	// An opt-out stands above the ticket or the person's record.
	async function show_opted_out(frm) {
		const { docname } = frm;
		const { message } = await frappe.call({
			method: METHODS + "opted_out",
			type: "GET",
			args: { reference_doctype: frm.doctype, reference_name: docname },
		});
		if (frm.docname !== docname) return;
		frm.layout.wrapper.children("[data-part=opted-out]").remove();
		if (!message?.length) return;
		const lines = message.map((line) => `<div>${school_dialer.plain.html(line)}</div>`).join("");
		$(
			`<div class="form-message border-bottom orange" role="status" data-part="opted-out">${lines}</div>`,
		).prependTo(frm.layout.wrapper);
	}

	function number_fields(numbers, onchange) {
		const known = numbers.map((one) => ({ value: one.key, label: person(one) }));
		return [
			{
				fieldname: "known",
				fieldtype: "Select",
				label: __("Number"),
				options: [...known, { value: OTHER, label: __("Another number") }],
				default: known.length ? known[0].value : OTHER,
				reqd: 1,
				onchange,
			},
			{
				fieldname: "given",
				fieldtype: "Data",
				label: __("Telephone number as given"),
				depends_on: `eval:doc.known === '${OTHER}'`,
				mandatory_depends_on: `eval:doc.known === '${OTHER}'`,
				onchange,
			},
		];
	}

	const person = ({ number, doctype, who }) =>
		school_dialer.plain.line([number, who || __(doctype)].join(", "));

	// The button says whom it is about: a wrong line is seen before it is pressed.
	function name_button(dialog, label, numbers) {
		const chosen = numbers.find(({ key }) => key === dialog.get_value("known"));
		const about = chosen ? person(chosen) : school_dialer.plain.line(dialog.get_value("given") || "");
		dialog.get_primary_btn().text(about ? `${label}: ${about}` : label);
	}

	async function ask(frm, title, label, fields, submit) {
		const { message } = await frappe.call({
			method: METHODS + "prefill",
			args: { reference_doctype: frm.doctype, reference_name: frm.docname },
		});
		const written = (field) =>
			field.fieldname === "wording" && field.own_words ? { ...field, default: message.wording } : field;
		let dialog = null;
		const name_it = () => dialog && name_button(dialog, label, message.numbers);
		dialog = school_dialer.dialog({
			title,
			fields: [...number_fields(message.numbers, name_it), ...fields.map(written)],
			primary_action_label: label,
			primary_action({ known, given, ...values }) {
				const answer = submit({ phone: known === OTHER ? given : known, ...values });
				school_dialer.hide_after(dialog, answer);
			},
		});
		dialog.show();
		name_it();
	}

	const words = [
		{ fieldname: "wording", fieldtype: "Small Text", label: __("What they said"), own_words: true },
		known.note(),
	];

	function log_opt_out(frm) {
		const fields = [
			known.scope(),
			known.stopped_purpose(),
			...known.stopped_school(),
			known.channel(),
			...words,
		];
		return ask(frm, __("Log Opt-out"), __("Stop"), fields, (values) =>
			post("log_opt_out", frm, values).then((answer) =>
				school_dialer.say_stopped(answer, values.scope, () => show_again(frm)),
			),
		);
	}

	function record_consent(frm) {
		const fields = [
			known.basis("express oral"),
			known.covered_purpose(),
			known.channel(),
			known.agreed_words(),
			known.signed_form("basis === 'express written'", {
				description: __("After an opt-out, only a form that the person signed brings consent back."),
			}),
			known.note(),
		];
		return ask(frm, __("Record Consent"), __("Record", null, "Verb"), fields, (values) =>
			post("record_consent", frm, values).then(school_dialer.say_recorded),
		);
	}

	function wrong_number(frm) {
		return ask(frm, __("Wrong Number"), __("Stop everything"), words, (values) =>
			post("wrong_number", frm, values).then(({ number }) =>
				frappe.show_alert({
					message: school_dialer.plain.html(__("{0} is recorded as someone else's.", [number])),
					indicator: "green",
				}),
			),
		);
	}

	function send_link(frm) {
		const fields = [
			{
				fieldname: "by",
				fieldtype: "Select",
				label: __("By"),
				options: choices(["Text", "E-mail"]),
				default: "Text",
				reqd: 1,
			},
		];
		return ask(frm, __("Send Preference Link"), __("Send"), fields, (values) =>
			post("send_preference_link", frm, values).then(({ number }) =>
				frappe.show_alert({
					message: school_dialer.plain.html(__("The link for {0} is on its way.", [number])),
					indicator: "green",
				}),
			),
		);
	}

	// Shown this once: it cannot be looked up again.
	function new_pin(frm) {
		frappe.confirm(
			__(
				"Make a new PIN for this person? The old one stops working. Make sure no one else hears or sees it.",
			),
			() =>
				frappe
					.call({
						method: "school_dialer.desk.pins.new_pin",
						type: "POST",
						args: { person_doctype: frm.doctype, person: frm.docname },
						freeze: true,
					})
					.then(({ message }) =>
						frappe.msgprint({
							title: __("New PIN"),
							message: `<p class="h3 text-center" aria-label="${school_dialer.plain.html([...message].join(" "))}">${school_dialer.plain.html(message)}</p><p>${__("Tell it to this person alone. It is shown only now; they can change it on their preference page.")}</p>`,
							indicator: "green",
						}),
					),
		);
	}

	// In Frappe's own list of shortcuts (Shift+/). It works while a field is being edited, but not over an open dialog.
	function add_shortcut(frm, shortcut, description, run) {
		frappe.ui.keys.add_shortcut({
			shortcut,
			description,
			page: frm.page,
			ignore_inputs: true,
			condition: () => !frm.is_new() && !$(".modal.show").length,
			action: () => run(frm),
		});
	}

	function add_buttons(frm) {
		if (frm.is_new() || !AGENTS.some((role) => frappe.user.has_role(role))) return;
		const group = __("Calls");
		frm.add_custom_button(__("Log Opt-out"), () => log_opt_out(frm), group);
		add_shortcut(frm, "alt+shift+o", __("Log Opt-out"), log_opt_out);
		if (frappe.user.has_role(MANAGERS)) {
			frm.add_custom_button(__("Record Consent"), () => record_consent(frm), group);
			add_shortcut(frm, "alt+shift+c", __("Record Consent"), record_consent);
		}
		frm.add_custom_button(__("Wrong Number"), () => wrong_number(frm), group);
		frm.add_custom_button(__("Send Preference Link"), () => send_link(frm), group);
		frm.add_custom_button(
			__("Call History"),
			() => frappe.set_route("dialer-number", frm.doctype, frm.docname),
			group,
		);
		if (PEOPLE.includes(frm.doctype)) frm.add_custom_button(__("New PIN"), () => new_pin(frm), group);
	}

	Object.assign(school_dialer.help_desk, { log_opt_out, record_consent, wrong_number, send_link });

	if (school_dialer.help_desk.ready) return;
	school_dialer.help_desk.ready = true;
	const refresh = (frm) => {
		if (frm.fields_dict.dialer_language) frm.set_query("dialer_language", school_dialer.spoken_languages);
		add_buttons(frm);
		if (!frm.is_new() && frappe.user.has_role(AGENTS)) show_opted_out(frm);
	};
	DOCTYPES.forEach((doctype) => frappe.ui.form.on(doctype, { refresh }));
})();
