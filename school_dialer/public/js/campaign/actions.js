// What can be done with a campaign, by its state. What cannot wait stands in the strip above the form, in sight on a phone too: Approve,
// Reject, Pause, Resume and Cancel.
(() => {
	const { campaign } = school_dialer;
	const { MOVING, NOT_BEGUN, ENDED, APPROVER } = campaign;

	campaign.send_label = (doc) =>
		doc.purpose === "Emergency"
			? __("Ask for approval")
			: doc.scheduled_at
				? __("Schedule")
				: __("Start");

	campaign.send = (frm) => {
		const label = campaign.send_label(frm.doc);
		if (frm.doc.purpose === "Emergency") {
			return campaign.checked(
				frm,
				"start",
				label,
				__("A second person with the role {0} has to approve. Until then, no one is called.", [
					__(APPROVER),
				]),
			);
		}
		if (frm.doc.scheduled_at) {
			return campaign.checked(
				frm,
				"schedule",
				label,
				__("It starts at {0}. Everyone is decided on again then.", [
					school_dialer.plain.minute(frm.doc.scheduled_at),
				]),
			);
		}
		return campaign.checked(
			frm,
			"start",
			label,
			frm.doc.channel === "Text"
				? __("Texts go out at once. You can pause or cancel at any time.")
				: __("Calls begin at once. You can pause or cancel at any time."),
		);
	};

	campaign.add_actions = (frm) => {
		const { status } = frm.doc;
		const may_write = campaign.may_write(frm);
		const approver = frappe.user.has_role(campaign.approver_of(frm.doc));
		if (may_write && status === "Draft") {
			frm.add_custom_button(__("Preview audience"), () => campaign.preview(frm));
			frm.add_custom_button(__("Rehearse"), () => campaign.rehearse(frm));
			frm.add_custom_button(__("Send test to me"), () => send_test(frm));
			primary(frm, campaign.send_label(frm.doc), () => campaign.send(frm));
		}
		if (status === "Awaiting Approval") {
			if (approver || may_write)
				frm.add_custom_button(__("Preview audience"), () => campaign.preview(frm));
		}
		if (may_write && status === "Awaiting Approval") {
			frm.add_custom_button(__("Ask again"), () =>
				confirmed(
					frm,
					"ask_again",
					__("Ask for approval of this campaign as it is now? Its approvers look at it once more."),
				),
			);
		}
		if (may_write && !frm.doc.teacher && ["Awaiting Approval", "Scheduled"].includes(status)) {
			frm.add_custom_button(__("Back to draft"), () =>
				confirmed(
					frm,
					"back_to_draft",
					__("Take this campaign back to draft? No one is called until it is started again."),
				),
			);
		}
		if (!NOT_BEGUN.includes(status)) {
			frm.add_custom_button(
				__("Recipients"),
				() => frappe.set_route("List", "Dialer Recipient", { campaign: frm.doc.name }),
				__("View"),
			);
			frm.add_custom_button(
				__("Call logs"),
				() => frappe.set_route("List", "Dialer Call Log", { campaign: frm.doc.name }),
				__("View"),
			);
			school_dialer.transcripts.add_button(frm, __("View"));
		}
		// Whom a campaign tries again is not for another campaign: a copy would have no audience.
		if (may_write && !frm.doc.rule && !frm.doc.resends) {
			frm.add_custom_button(__("Duplicate"), () => frm.copy_doc(), __("Use Again"));
			if (frm.doc.purpose !== "Emergency" && !frm.doc.audience_file)
				frm.add_custom_button(__("Repeat regularly"), () => repeat(frm), __("Use Again"));
		}
	};

	// The buttons of the strip, as [label, class, action].
	campaign.controls = (frm) => {
		const { status } = frm.doc;
		const controls = [];
		if (status === "Awaiting Approval" && frappe.user.has_role(campaign.approver_of(frm.doc)))
			controls.push(
				[__("Approve and call"), "btn-primary", () => approve(frm)],
				[__("Reject"), "btn-default", () => reject(frm)],
			);
		if (!campaign.may_write(frm) || ["Draft", ...ENDED].includes(status)) return controls;
		if (frm.doc.corrects)
			controls.push([__("Undo the correction"), "btn-default", () => campaign.undo_correction(frm)]);
		else if (campaign.may_correct(frm))
			controls.push([__("Correct this"), "btn-default", () => campaign.correct(frm)]);
		if (MOVING.includes(status))
			controls.push([
				__("Pause"),
				"btn-default",
				() => campaign.act(frm, "pause").then(() => frm.reload_doc()),
			]);
		if (status === "Paused")
			controls.push([
				__("Resume"),
				"btn-primary",
				() => campaign.act(frm, "resume").then(() => frm.reload_doc()),
			]);
		return [...controls, [__("Cancel campaign"), "btn-danger", () => cancel(frm)]];
	};

	const approve = (frm) =>
		campaign.checked(frm, "approve", __("Approve and call"), approved_means(frm.doc), () => reject(frm));

	function approved_means(doc) {
		if (doc.purpose === "Emergency")
			return __("Everyone shown as called is called now, at any hour, with or without consent.");
		if (doc.teacher)
			return __("The message goes to the families of the teacher's group, within the teachers' hours.");
		if ((doc.plausibility || "").includes('"second_person": true'))
			return __("The campaign starts now. Look at what was asked, and approve it only if it is right.");
		return __(
			"The survey starts now. Approve it only if parents were notified or consented, as the law requires.",
		);
	}

	function primary(frm, label, action) {
		frm.add_custom_button(label, action).removeClass("btn-default").addClass("btn-primary");
	}

	async function confirmed(frm, method, question) {
		if (!(await campaign.saved(frm))) return;
		frappe.confirm(question, () =>
			campaign.act(frm, method, {}, __("One moment")).then(() => frm.reload_doc()),
		);
	}

	function cancel(frm) {
		frappe.confirm(
			__(
				"Cancel this campaign? No one else is called, and calls still waiting at the carrier are taken back. This cannot be undone.",
			),
			() =>
				campaign.act(frm, "cancel").then((waiting) => {
					frappe.show_alert({
						message: __("Cancelled. {0} people were still waiting.", [waiting]),
						indicator: "orange",
					});
					frm.reload_doc();
				}),
		);
	}

	function reject(frm) {
		school_dialer.prompt(
			{ fieldname: "reason", fieldtype: "Small Text", label: __("Why not"), reqd: 1 },
			(values) => campaign.act(frm, "reject", values).then(() => frm.reload_doc()),
			frm.doc.teacher
				? __("Send Back")
				: frm.doc.purpose === "Emergency"
					? __("Reject this emergency")
					: __("Reject this campaign"),
			__("Reject"),
		);
	}

	async function send_test(frm) {
		if (!(await campaign.saved(frm)) || !(await school_dialer.own_number.ensure())) return;
		const log = await campaign.act(frm, "send_test", {}, __("Placing the test"));
		if (log)
			frappe.show_alert({
				message: __("Your test is on its way. {0}", [
					frappe.utils.get_form_link("Dialer Call Log", log, true, __("Open its log")),
				]),
				indicator: "green",
			});
	}

	// A rule of this campaign's message and people; its schedule is still to be said, and nothing starts before it is switched on.
	// `frappe.new_doc` with values would leave out the long ones, and with them whom the campaign excludes.
	function repeat(frm) {
		const kept = [
			"title",
			"purpose",
			"channel",
			"template",
			"details",
			"school",
			"audience_source",
			"audience_doctype",
			"audience_name",
			"audience_filters",
			"filters_in_words",
			"reach",
			"acknowledge",
			"max_attempts",
		];
		const values = Object.fromEntries(
			kept.filter((field) => frm.doc[field]).map((field) => [field, frm.doc[field]]),
		);
		frappe.model.with_doctype("Dialer Rule", () => {
			const rule = Object.assign(frappe.model.get_new_doc("Dialer Rule"), {
				kind: "Recurring",
				...values,
			});
			for (const row of frm.doc.details_translations || [])
				Object.assign(
					frappe.model.add_child(rule, "details_translations"),
					school_dialer.drafts.copied(row),
				);
			frappe.set_route("Form", rule.doctype, rule.name);
		});
	}
})();
