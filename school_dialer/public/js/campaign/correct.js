// Correct this: one confirmation that shows how many heard the campaign, in which languages, and the words of the correction.
(() => {
	const { campaign } = school_dialer;
	const escape = frappe.utils.escape_html;

	campaign.may_correct = (frm) =>
		campaign.may_write(frm) && !campaign.NOT_BEGUN.includes(frm.doc.status) && !frm.is_new();

	// The other campaign as a link, with its state: that this one was corrected, or what it corrects.
	campaign.corrected_html = ({ corrects, by } = {}) =>
		[
			[by, __("Corrected by {0}")],
			[corrects, __("Corrects {0}")],
		]
			.filter(([other]) => other)
			.map(
				([other, words]) =>
					`<p class="mb-2" data-part="corrected">${words.replace(
						"{0}",
						`<a style="text-decoration: underline" href="/${frappe.boot.school_dialer.desk}/dialer-campaign/${encodeURIComponent(other.name)}">${escape(other.title)}</a> (${escape(__(other.status))})`,
					)}</p>`,
			)
			.join("");

	campaign.correct = async (frm) => {
		const found = await campaign.act(frm, "propose_correction", {}, __("Counting who heard it"));
		if (found) ask(frm, found);
	};

	campaign.undo_correction = (frm) =>
		frappe.confirm(
			__(
				"Undo this correction? No one hears it. The campaign that was wrong stays stopped; if it is only paused, you can resume it.",
			),
			() => campaign.act(frm, "undo_correction").then(() => frm.reload_doc()),
		);

	function ask(frm, found) {
		const heard = found.languages.filter(({ people }) => people);
		const unheard = found.languages.filter(({ people }) => !people);
		const dialog = school_dialer.dialog({
			title: __("Correct this"),
			size: "large",
			fields: [
				{ fieldname: "summary", fieldtype: "HTML", options: summary(found) },
				...heard.map(field),
				{
					fieldname: "more",
					fieldtype: "Section Break",
					label: __("Other languages, for those who still hear it"),
					collapsible: heard.length ? 1 : 0,
					hidden: unheard.length ? 0 : 1,
				},
				...unheard.map(field),
			],
			primary_action_label: found.approval
				? __("Stop it and ask for approval")
				: __("Stop it and correct"),
			primary_action: () => send(frm, dialog, found),
		});
		dialog.$wrapper.find("textarea").attr("dir", "auto").attr("maxlength", 1000).css("height", "76px");
		dialog.show();
	}

	const field = ({ language, title, people, words }) => ({
		fieldname: `words_${language}`,
		fieldtype: "Small Text",
		label: people
			? campaign.counted(people, __("{0}: 1 person", [title]), __("{0}: {1} people", [title, people]))
			: title,
		default: words,
	});

	function summary({ people, emails, others, waiting, more, approval }) {
		const lines = [
			`<b>${campaign.counted(
				people,
				__("1 person heard this or may have heard it."),
				__("{0} people heard this or may have heard it.", [people]),
			)}</b>`,
		];
		if (emails)
			lines.push(
				campaign.counted(
					emails,
					__("1 family got it by e-mail and is written to again."),
					__("{0} families got it by e-mail and are written to again.", [emails]),
				),
			);
		if (more) lines.push(__("Calls are still under way. People who still hear it are added."));
		if (waiting)
			lines.push(
				campaign.counted(
					waiting,
					__("1 person who was still waiting will not be called."),
					__("{0} people who were still waiting will not be called.", [waiting]),
				),
			);
		for (const one of others)
			lines.push(
				__("{0}: {1} people hear it in the school's language.", [escape(one.title), one.people]),
			);
		if (approval)
			lines.push(
				__("A second person with the role {0} has to approve it. The calls stop at once.", [
					escape(__(approval)),
				]),
			);
		return `<ul class="pl-4 mb-3"><li>${lines.join("</li><li>")}</li></ul>`;
	}

	async function send(frm, dialog, found) {
		const values = dialog.get_values(true);
		const words = {};
		for (const { language } of found.languages) words[language] = values[`words_${language}`] || "";
		dialog.disable_primary_action();
		try {
			const name = await campaign.act(
				frm,
				"correct",
				{ words: JSON.stringify(words), confirmed: found.people },
				__("Stopping it"),
			);
			dialog.hide();
			if (name) frappe.set_route("Form", "Dialer Campaign", name);
		} finally {
			dialog.enable_primary_action();
		}
	}
})();
