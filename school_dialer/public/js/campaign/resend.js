// Try again those not reached: how many families and why, in which way, and when. The review of the draft follows, as for any campaign.
(() => {
	const { campaign } = school_dialer;
	const escape = frappe.utils.escape_html;
	const REASONS = {
		voicemail: __("Only a voicemail"),
		"e-mail": __("Only an e-mail"),
		"no answer": __("No answer, hung up early, or not delivered"),
		hours: __("No permitted hour came"),
		stopped: __("It ended before their turn"),
		consent: __("No consent for this channel"),
		refused: __("Opted out, or restricted"),
		number: __("No number that works"),
		other: __("Held back for another reason"),
	};

	// People who were given up. Once it has ended, also those whom it did not come to.
	campaign.missed = (frm, counts) => {
		const ended = campaign.ENDED.includes(frm.doc.status);
		const states = ended ? ["Not Reached", "Blocked", "Cancelled"] : ["Not Reached"];
		if (frm.doc.consent_drive || !frm.doc.planned_at) return 0;
		return states.reduce((sum, one) => sum + (counts[one] || 0), 0);
	};

	campaign.resent_html = ({ resends, by } = {}) =>
		[...(by || []).map((one) => [one, __("Tried again in {0}")]), [resends, __("Another try of {0}")]]
			.filter(([other]) => other)
			.map(
				([other, words]) =>
					`<p class="mb-2" data-part="resent">${words.replace("{0}", () => link_to(other))}</p>`,
			)
			.join("");

	const link_to = (other) =>
		`<a style="text-decoration: underline" href="/${frappe.boot.school_dialer.desk}/dialer-campaign/${encodeURIComponent(other.name)}">${escape(other.title)}</a> (${escape(__(other.status))})`;

	campaign.resend = async (frm) => {
		const found = await campaign.act(frm, "propose_resend", {}, __("Counting who was not reached"));
		if (!found) return;
		if (!found.families) {
			frappe.msgprint({
				title: __("No one to try again"),
				message: __("Every family was reached by now, or is still being called."),
				indicator: "blue",
			});
			return;
		}
		ask(frm, found);
	};

	const WAYS = () => ({
		Voice: __("Phone call"),
		Text: __("Text message"),
		Both: __("Phone call, then a text to families we couldn't reach"),
	});

	function ask(frm, found) {
		const titles = WAYS();
		const dialog = school_dialer.dialog({
			title: __("Try again those not reached"),
			fields: [
				{ fieldname: "summary", fieldtype: "HTML", options: summary(found) },
				{
					fieldname: "way",
					fieldtype: "Select",
					label: __("How"),
					reqd: 1,
					options: found.ways.map((value) => ({ value, label: titles[value] })),
					default: other_way(frm, found.ways),
					description: found.emergency ? "" : __("Only those who gave their consent for it."),
				},
				{
					fieldname: "scheduled_at",
					fieldtype: "Datetime",
					label: __("Not before"),
					description: __("Leave it blank to start as soon as you have reviewed it."),
					hidden: found.emergency ? 1 : 0,
				},
			],
			primary_action_label: __("Review", null, "Verb"),
			primary_action: (values) => make(frm, dialog, values),
		});
		dialog.show();
	}

	// Who did not answer may read; who got no text may answer.
	const other_way = (frm, ways) => {
		const wanted = frm.doc.channel === "Text" ? "Voice" : "Text";
		return ways.includes(wanted) ? wanted : ways[0];
	};

	function summary({ families, reasons, calling, emergency }) {
		const lines = [
			`<p><b>${campaign.counted(families, __("1 family was not reached."), __("{0} families were not reached.", [families]))}</b></p>`,
			campaign.table(
				[__("Why"), __("Families")],
				reasons.map((one) => [REASONS[one.reason] || escape(one.reason), one.families]),
			),
			`<p class="text-muted">${__("Families reached in the meantime, by a call, a text, or a person, are left out, up to the moment of dialing.")}</p>`,
		];
		if (calling)
			lines.push(
				`<p>${campaign.counted(calling, __("1 person is still being called, and is not among them."), __("{0} people are still being called, and are not among them.", [calling]))}</p>`,
			);
		if (emergency) lines.push(`<p>${__("A second person has to approve it, as for any emergency.")}</p>`);
		return lines.join("");
	}

	// The draft's form opens the review once it is there.
	campaign.review_if_asked = (frm) => {
		if (campaign.to_review !== frm.doc.name) return;
		campaign.to_review = null;
		campaign.send(frm);
	};

	async function make(frm, dialog, { way, scheduled_at }) {
		dialog.disable_primary_action();
		try {
			const name = await campaign.act(
				frm,
				"resend",
				{ way, scheduled_at: scheduled_at || null },
				__("Making the draft"),
			);
			if (!name) return;
			dialog.hide();
			campaign.to_review = name;
			frappe.set_route("Form", "Dialer Campaign", name);
		} finally {
			dialog.enable_primary_action();
		}
	}
})();
