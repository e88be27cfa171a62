// What a campaign leads to: its correction and, once it is finished, a new draft to those it did not reach or a list for a person to call.
(() => {
	const { campaign, audience } = school_dialer;
	const KEPT = [
		"purpose",
		"school",
		"schools",
		"said_by",
		"audience_source",
		"audience_doctype",
		"audience_name",
		"audience_file",
		"reach",
		"identity_check",
		"emergency_type",
		"emergency_reason",
		"threat",
	];
	const LONGEST_TITLE = 140;

	// Not for a rule's campaign: its people are the cases of that run, which no condition names.
	campaign.next_html = (frm, { counts, corrected }) => {
		if (!campaign.may_write(frm)) return "";
		const over = frm.doc.status === "Completed" && !frm.doc.rule_run;
		const missed = (over && counts["Not Reached"]) || 0;
		const button = (act, label) =>
			`<button type="button" class="btn btn-default btn-sm" data-next="${act}">${label}</button>`;
		const list = `/${frappe.boot.school_dialer.desk}/dialer-recipient?campaign=${encodeURIComponent(frm.doc.name)}&status=Not%20Reached`;
		const rows = [];
		if (missed)
			rows.push(
				[
					campaign.counted(
						missed,
						__("1 person was not reached."),
						__("{0} people were not reached.", [missed]),
					),
					button("call", __("Call them again")),
					button("text", __("Text them")),
					`<a class="btn btn-default btn-sm" href="${list}">${__("List for a person to call")}</a>`,
				].join(" "),
			);
		if (!corrected?.by && campaign.may_correct(frm))
			rows.push(
				[
					__("Was something wrong in the message?"),
					button("correct", __("Correct this")),
					`<a class="btn btn-default btn-sm" href="/${frappe.boot.school_dialer.desk}/query-report/Campaign%20Results?purpose=${encodeURIComponent(frm.doc.purpose)}">${__("Compare with others")}</a>`,
				].join(" "),
			);
		return rows.length
			? `<div class="mb-3" data-part="next">${rows.map((row) => `<p class="mb-2">${row}</p>`).join("")}</div>`
			: "";
	};

	const NEXT = {
		call: { outcome: "Not Reached", channel: "Voice", title: () => __("Again: {0}") },
		text: { outcome: "Not Reached", channel: "Text", title: () => __("Text: {0}") },
	};

	campaign.bind_next = (frm, wrapper) =>
		wrapper
			.find("[data-next]")
			.on("click", ({ currentTarget }) =>
				currentTarget.dataset.next === "correct"
					? campaign.correct(frm)
					: follow_up(frm, NEXT[currentTarget.dataset.next]),
			);

	// A draft: nothing is called before it is checked and started. The message stays where it has words for the channel.
	async function follow_up(frm, { outcome, channel, title }) {
		const { doc } = frm;
		const filters = audience.filters_of(frm);
		filters.only.push({ kind: "Campaign", campaign: doc.name, outcome });
		const values = Object.fromEntries(
			KEPT.filter((field) => doc[field]).map((field) => [field, doc[field]]),
		);
		Object.assign(values, {
			title: title().replace("{0}", doc.title).slice(0, LONGEST_TITLE),
			channel: channel || doc.channel,
			audience_filters: JSON.stringify(
				Object.fromEntries(Object.entries(filters).filter(([, some]) => some.length)),
			),
		});
		if (await says(doc.template, values.channel))
			Object.assign(values, { template: doc.template, details: doc.details });
		frappe.model.with_doctype(doc.doctype, () => {
			const draft = Object.assign(frappe.model.get_new_doc(doc.doctype), values);
			if (values.template)
				for (const { language, details, made_from } of doc.details_translations || [])
					Object.assign(frappe.model.add_child(draft, "details_translations"), {
						language,
						details,
						made_from,
					});
			frappe.set_route("Form", draft.doctype, draft.name);
		});
	}

	async function says(template, channel) {
		const field = channel === "Text" ? "text" : "voice";
		const { message } = await frappe.db.get_value("Dialer Message Template", template, field);
		return Boolean(message?.[field]);
	}
})();
