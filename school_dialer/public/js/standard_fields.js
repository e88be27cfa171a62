// Fields that several dialogs and reports have. What is stored is shown in the words of a school.
frappe.provide("school_dialer.fields");

(() => {
	const { choices } = school_dialer;
	const known = () => frappe.boot.school_dialer;

	// The day that it is now at the schools the user works for, as YYYY-MM-DD. The site may have another.
	school_dialer.today = () =>
		new Intl.DateTimeFormat("en-CA", { timeZone: known().time_zone }).format(new Date());

	const select = (fieldname, label, values, more = {}) => ({
		fieldname,
		label,
		fieldtype: "Select",
		options: choices(values),
		...more,
	});

	Object.assign(school_dialer.fields, {
		// The days of a report: from so many days ago until today.
		period(label, days) {
			const today = frappe.datetime.get_today();
			const day = { fieldtype: "Date", reqd: 1 };
			return [
				{ fieldname: "from_date", label, default: frappe.datetime.add_days(today, -days), ...day },
				{ fieldname: "to_date", label: __("To", null, "Date"), default: today, ...day },
			];
		},

		campaign: () => ({
			fieldname: "campaign",
			label: __("Campaign"),
			fieldtype: "Link",
			options: "Dialer Campaign",
		}),

		// Filters of a report, empty for all.
		any_purpose: () => select("purpose", __("Purpose"), ["", ...known().purposes]),
		any_channel: () => select("channel", __("Channel"), ["", ...known().channels]),

		// What an opt-out stops. In a district, it may be what one school calls about.
		scope: () =>
			select(
				"scope",
				__("What to stop"),
				[
					"all non-emergency",
					"this purpose",
					...(known().district ? ["this school"] : []),
					"everything",
				],
				{ default: "all non-emergency", reqd: 1 },
			),
		stopped_school: () =>
			known().district
				? [
						{
							fieldname: "school",
							label: __("School"),
							fieldtype: "Link",
							options: "Dialer School",
							depends_on: "eval:doc.scope === 'this school'",
							mandatory_depends_on: "eval:doc.scope === 'this school'",
						},
					]
				: [],
		stopped_purpose: (value) =>
			select("purpose", __("Purpose"), known().purposes, {
				default: value,
				depends_on: "eval:doc.scope === 'this purpose'",
				mandatory_depends_on: "eval:doc.scope === 'this purpose'",
			}),

		// What a consent covers.
		basis: (value) =>
			select("basis", __("Basis"), ["number provided", "express oral", "express written"], {
				default: value,
				reqd: 1,
			}),
		covered_purpose: () =>
			select("purpose", __("Purpose"), ["All", ...known().purposes], { default: "All", reqd: 1 }),
		channel: () =>
			select("channel", __("Channel"), ["Any", ...known().channels], { default: "Any", reqd: 1 }),
		agreed_words: () => ({
			fieldname: "wording",
			fieldtype: "Small Text",
			label: __("Exact words they agreed to"),
			reqd: 1,
		}),
		signed_form: (needed_if, more = {}) => ({
			fieldname: "attachment",
			fieldtype: "Attach",
			label: __("Signed form"),
			mandatory_depends_on: `eval:doc.${needed_if}`,
			...more,
		}),
		language: (label) => ({
			fieldname: "language",
			fieldtype: "Link",
			options: "Language",
			label,
			get_query: school_dialer.spoken_languages,
		}),

		note: (label = __("Note"), more = {}) => ({
			fieldname: "note",
			fieldtype: "Small Text",
			label,
			...more,
		}),
	});

	// Say what became of an opt-out or a consent that an agent recorded.
	// The text that confirms it waits as long as it can be undone.
	school_dialer.say_stopped = ({ number, event, undo }, scope, done) =>
		frappe.show_alert(
			{
				message: school_dialer.plain.html(school_dialer.stopped(number, scope)),
				body: undo
					? `<button class="btn btn-xs btn-default" data-action="undo">${__("Undo")}</button>`
					: "",
				indicator: "green",
			},
			undo || undefined,
			{
				undo: ({ currentTarget }) => {
					$(currentTarget).closest(".desk-alert").remove();
					frappe
						.call({
							method: "school_dialer.desk.consent.undo_opt_out",
							type: "POST",
							args: { name: event },
							freeze: true,
						})
						.then(() => {
							frappe.show_alert({
								message: __("Undone. Nothing was sent."),
								indicator: "green",
							});
							if (done) done();
						});
				},
			},
		);

	school_dialer.say_recorded = ({ number, opted_out, second_person }) => {
		if (second_person)
			return frappe.msgprint({
				title: __("Recorded, and waits for a second person"),
				indicator: "orange",
				message: __(
					"This person opted out. Another manager opens the consent event, looks at the form, and confirms it. Until then the opt-out stands.",
				),
			});
		if (opted_out)
			return frappe.msgprint({
				title: __("Recorded, but an opt-out stands"),
				indicator: "orange",
				message: __(
					"This person opted out. Only they can undo that: by texting START, on the preference page, or in a form they sign.",
				),
			});
		return frappe.show_alert({
			message: school_dialer.plain.html(__("Consent of {0} is recorded.", [number])),
			indicator: "green",
		});
	};
})();
