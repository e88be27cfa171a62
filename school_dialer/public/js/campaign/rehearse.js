// A full run in which no one is called: a worker decides on everyone and makes every message; its result is shown here.
(() => {
	const { campaign } = school_dialer;
	const escape = frappe.utils.escape_html;
	const POLL_SECONDS = 2;

	campaign.rehearse = async (frm) => {
		if (!(await campaign.saved(frm))) return;
		const dialog = school_dialer.dialog({
			title: __("Rehearsal: no one is called"),
			size: "large",
			fields: [{ fieldname: "shown", fieldtype: "HTML" }],
		});
		const again = async () => {
			dialog.disable_primary_action();
			await campaign.act(frm, "rehearse");
			watch(frm, dialog);
		};
		dialog.set_primary_action(__("Rehearse again"), again);
		dialog.on_hide = () => (dialog.closed = true);
		school_dialer.details.watch_gaps(frm, dialog);
		dialog.show();
		const latest = await campaign.ask("rehearsal_state", { campaign: frm.doc.name });
		if (latest && latest.state === "Done" && !latest.changed) show(frm, dialog, latest);
		else again();
	};

	async function watch(frm, dialog) {
		const found = await campaign.asked("rehearsal_state", { campaign: frm.doc.name });
		if (found === null || dialog.closed) return;
		if (found) show(frm, dialog, found);
		if (!found || found.state === "Started") setTimeout(() => watch(frm, dialog), POLL_SECONDS * 1000);
	}

	function show(frm, dialog, found) {
		const wrapper = dialog.get_field("shown").$wrapper.off("click");
		if (found.state === "Started") {
			wrapper.html(
				`<p role="status">${__("Checking everyone and preparing every message: {0} people so far.", [found.people])}</p>`,
			);
			return;
		}
		dialog.enable_primary_action();
		if (found.state === "Failed") {
			wrapper.html(
				`<p style="color: var(--text-on-red)">${escape(found.problem || __("The rehearsal was interrupted by an error. The Error Log says where."))}</p>`,
			);
			return;
		}
		campaign.note_check(frm);
		const languages = campaign.table(
			[__("Messages made, by language"), __("Messages")],
			Object.entries(found.languages).map(([language, count]) => [
				escape(school_dialer.language_name(language)),
				count,
			]),
		);
		const changed = found.changed
			? `<p style="color: var(--text-on-red)">${__("The campaign was changed after this rehearsal.")}</p>`
			: "";
		const [people, at] = [`<b>${found.people}</b>`, school_dialer.plain.minute(found.at)];
		wrapper.html(`<p data-part="rehearsed">${campaign.counted(
			found.people,
			__("1 person, checked at {0}. No one was called.", [at]),
			__("{0} people, checked at {1}. No one was called.", [people, at]),
		)}</p>
			${changed}${school_dialer.details.gaps_html(found)}${campaign.estimate_html(frm, found.estimate)}${campaign.groups_html(frm, found.rows)}${campaign.pins_html(found.pins)}${languages}`);
		wrapper.on("click", "[data-pins]", () => campaign.people_dialog(frm, found.pins, found.listed.PIN));
		wrapper.on("click", "[data-group]", (event) => {
			const group = found.rows[event.currentTarget.dataset.group];
			campaign.people_dialog(frm, group, found.listed[group.group] || []);
		});
	}
})();
