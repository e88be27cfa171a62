// Dialogs that write consent events: used by the form and the list of Contact Consent.
frappe.provide("school_dialer.consent");

(() => {
	const METHODS = "school_dialer.desk.consent.";
	const { fields } = school_dialer;

	function call(method, args) {
		return frappe
			.call({ method: METHODS + method, type: "POST", args, freeze: true })
			.then((answer) => answer.message);
	}

	// The number: a row of Contact Consent that is open, or one that the caller tells.
	function number_fields(row) {
		if (row)
			return [
				{
					fieldtype: "HTML",
					options: `<p class="text-muted">${frappe.utils.escape_html(row.phone_masked)}</p>`,
				},
			];
		return [{ fieldname: "phone", fieldtype: "Data", label: __("Telephone number"), reqd: 1 }];
	}

	// A button that stops calls says for which number.
	const about = (label, row) =>
		row ? school_dialer.plain.html(school_dialer.plain.line(`${label}: ${row.phone_masked}`)) : label;

	function show(title, row, more, label, submit) {
		const dialog = school_dialer.dialog({
			title,
			fields: [...number_fields(row), ...more],
			primary_action_label: label,
			primary_action(values) {
				const answer = submit({ ...values, contact_consent: row ? row.name : undefined });
				school_dialer.hide_after(dialog, answer);
			},
		});
		dialog.show();
		return dialog;
	}

	Object.assign(school_dialer.consent, {
		opt_out(row, done) {
			return show(
				__("Record Opt-out"),
				row,
				[
					fields.scope(),
					fields.stopped_purpose(
						row && frappe.boot.school_dialer.purposes.includes(row.purpose)
							? row.purpose
							: undefined,
					),
					...fields.stopped_school(),
					fields.channel(),
					{ fieldtype: "Column Break" },
					{
						fieldname: "source",
						fieldtype: "Select",
						label: __("How they said it"),
						options: [
							{ value: "Agent", label: __("To me, in person or by phone") },
							{ value: "E-mail", label: __("By e-mail") },
							{ value: "Ticket", label: __("In a ticket") },
							{ value: "Inbound Call", label: __("In a voicemail") },
							{ value: "Signed Form", label: __("In a letter") },
						],
						default: "Agent",
					},
					{
						fieldname: "received_at",
						fieldtype: "Datetime",
						label: __("When they said it"),
						default: frappe.datetime.now_datetime(),
					},
					{ fieldtype: "Section Break" },
					{ fieldname: "wording", fieldtype: "Small Text", label: __("What they said") },
					fields.note(),
				],
				about(__("Stop"), row),
				(values) =>
					call("record_opt_out", values).then((answer) => {
						school_dialer.say_stopped(answer, values.scope, done);
						done && done();
					}),
			);
		},

		grant(row, done) {
			return show(
				__("Record Consent"),
				row,
				[
					fields.basis("number provided"),
					fields.covered_purpose(),
					fields.channel(),
					{ fieldtype: "Column Break" },
					{
						fieldname: "source",
						fieldtype: "Select",
						label: __("How it was given"),
						options: [
							{ value: "Agent", label: __("To me, in person or by phone") },
							{ value: "Enrolment", label: __("At enrollment") },
							{ value: "Signed Form", label: __("In a signed form") },
							{ value: "E-mail", label: __("By e-mail") },
						],
						default: "Agent",
						reqd: 1,
					},
					{
						fieldname: "given_at",
						fieldtype: "Datetime",
						label: __("When it was given"),
						description: __("Leave blank for just now."),
					},
					{ fieldname: "expires_at", fieldtype: "Datetime", label: __("Expires") },
					{ fieldtype: "Section Break" },
					fields.agreed_words(),
					fields.language(__("Language")),
					fields.signed_form("source === 'Signed Form'"),
				],
				__("Record", null, "Verb"),
				(values) =>
					call("record_consent", values).then((answer) => {
						school_dialer.say_recorded(answer);
						done && done();
					}),
			);
		},

		verify(row, done) {
			return show(
				__("Verify"),
				row,
				[
					{
						fieldtype: "HTML",
						options: `<p>${__("This keeps a consent from going stale. One that is stale already is renewed by the person only.")}</p>`,
					},
					fields.note(__("How was it found that the number is still theirs?"), { reqd: 1 }),
				],
				__("Verified"),
				(values) =>
					call("verify", values).then((answer) => {
						if (answer.stale) say_stale();
						done && done();
					}),
			);
		},

		wrong_number(row, done) {
			return show(
				__("Wrong Number"),
				row,
				[
					{
						fieldtype: "HTML",
						options: `<p>${__("The number belongs to someone else. All consent for it ends, and we stop calling it.")}</p>`,
					},
					fields.note(__("How is this known?"), { reqd: 1 }),
				],
				about(__("End all consent"), row),
				(values) => call("record_wrong_number", values).then(() => done && done()),
			);
		},

		import_file(done) {
			const dialog = school_dialer.dialog({
				title: __("Import consents and opt-outs"),
				fields: [
					{
						fieldname: "file_url",
						fieldtype: "Attach",
						label: __("CSV file"),
						reqd: 1,
						description: __(
							"Columns: phone, action (grant, opt-out, wrong number), channel, purpose, basis, scope, given_at, expires_at, wording, language, person_doctype, person, note. Dates like 8/31/2026 or 2026-08-31.",
						),
					},
					{ fieldname: "result", fieldtype: "HTML" },
				],
				primary_action_label: __("Check", null, "Verb"),
				primary_action({ file_url }) {
					call("check_import", { file_url }).then((counts) =>
						show_check(dialog, file_url, counts, done),
					);
				},
			});
			dialog.show();
			return dialog;
		},

		enrolment(done) {
			return frappe.call({ method: "school_dialer.desk.campaigns.audiences" }).then(({ message }) => {
				const audiences = message.filter((one) => one.label !== "CSV file");
				const dialog = school_dialer.dialog({
					title: __("Consent given at enrollment"),
					fields: [
						{
							fieldname: "audience_source",
							fieldtype: "Select",
							label: __("Whose numbers"),
							options: audiences.map((one) => ({
								value: one.label,
								label: school_dialer.plain.line(one.title),
							})),
							reqd: 1,
						},
						{
							fieldname: "audience_name",
							fieldtype: "Dynamic Link",
							label: __("Group"),
							get_options: () =>
								(
									audiences.find(
										(one) => one.label === dialog.get_value("audience_source"),
									) || {}
								).doctype || "",
						},
						{
							fieldname: "given_at",
							fieldtype: "Datetime",
							label: __("When the numbers were given"),
							reqd: 1,
						},
						{
							fieldname: "wording",
							fieldtype: "Small Text",
							label: __("Form, and its exact words"),
							reqd: 1,
						},
						fields.language(__("Language of the form")),
						{ fieldname: "attachment", fieldtype: "Attach", label: __("The form") },
						{ fieldname: "result", fieldtype: "HTML" },
					],
					primary_action_label: __("Count"),
					primary_action(values) {
						call("count_enrolment", values).then((counts) =>
							show_counts(dialog, values, counts, done),
						);
					},
				});
				dialog.show();
				return dialog;
			});
		},
	});

	function say_stale() {
		const ways = [
			__("The person signs the consent form, replies to a text, or presses 1 in a call that asks."),
			__("For a signed letter, press Record Consent, choose In a signed form, and attach it."),
		];
		frappe.msgprint({
			title: __("The consent is still stale"),
			message: `<p>${__("The verification is on record. It does not renew this consent. What does:")}</p>
				<ul>${ways.map((way) => `<li>${way}</li>`).join("")}</ul>`,
			indicator: "orange",
		});
	}

	function table(counts) {
		const rows = Object.entries(counts).map(
			([name, count]) =>
				`<tr><td>${school_dialer.plain.html(__(frappe.unscrub(name)))}</td><td class="text-right">${cint(count)}</td></tr>`,
		);
		return `<table class="table table-bordered">${rows.join("")}</table>`;
	}

	function show_check(dialog, file_url, counts, done) {
		const { error_file, events, wrong, ...numbers } = counts;
		let html = table({ ...numbers, ...events });
		if (error_file) html += wrong_html(wrong, counts.errors, error_file);
		dialog.fields_dict.result.$wrapper.html(html);
		if (counts.errors) return;
		dialog.set_primary_action(__("Import"), () =>
			call("run_import", { file_url }).then((answer) => {
				dialog.hide();
				frappe.show_alert({
					message:
						answer.recorded === 1
							? __("One event recorded.")
							: __("{0} events recorded.", [answer.recorded]),
					indicator: "green",
				});
				done && done();
			}),
		);
	}

	function wrong_html(wrong, errors, error_file) {
		const { html } = school_dialer.plain;
		const rows = wrong.map(
			({ line, phone, error }) =>
				`<tr><td class="text-right">${cint(line)}</td><td>${html(phone)}</td><td>${html(error)}</td></tr>`,
		);
		const more =
			errors > wrong.length ? __("The first {0} of {1} are shown.", [wrong.length, errors]) : "";
		return `<div role="alert" data-part="wrong"><p class="mb-1" style="color: var(--text-on-red)"><b>${__("Nothing can be imported until these lines are corrected.")}</b> ${more}</p>
			<table class="table table-sm mb-2"><thead><tr><th scope="col" class="text-right">${__("Line")}</th><th scope="col">${__("Number")}</th><th scope="col">${__("What is wrong")}</th></tr></thead>
			<tbody>${rows.join("")}</tbody></table>
			<p><a href="${html(encodeURI(error_file))}" target="_blank">${__("Download all lines with errors")}</a></p></div>`;
	}

	function show_counts(dialog, values, counts, done) {
		dialog.fields_dict.result.$wrapper.html(table(counts));
		dialog.set_primary_action(__("Record {0}", [counts.to_record]), () =>
			call("start_enrolment", values).then(({ job }) => follow(dialog, job, done)),
		);
	}

	function follow(dialog, job, done) {
		dialog.disable_primary_action();
		const again = () => dialog.display && setTimeout(() => follow(dialog, job, done), 2000);
		const lost = (refused) => school_dialer.is_unanswered(refused) && again();
		frappe.call({ method: METHODS + "enrolment_progress", args: { job } }).then(({ message }) => {
			const error = message.error
				? `<p style="color: var(--text-on-red)">${frappe.utils.escape_html(message.error)}</p>`
				: "";
			dialog.fields_dict.result.$wrapper.html(
				`<p>${school_dialer.plain.html(__(message.status))}</p>${table(message.counts)}${error}`,
			);
			if (["Queued", "Running"].includes(message.status) && dialog.display) {
				again();
			} else {
				done && done();
			}
		}, lost);
	}
})();
