// What looks like a mistake is asked before the start: each with a box to tick, an emergency with one confirmation for all.
(() => {
	const { campaign } = school_dialer;
	const escape = frappe.utils.escape_html;
	const POLL_SECONDS = 2;
	const MOST_POLLS = 5;

	// With `answerable`, each question has its box; a preview only shows them.
	campaign.questions_html = (frm, found, answerable) =>
		`<div data-part="questions">${list_html(frm, found.questions || [], answerable)}</div>`;

	function list_html(frm, questions, answerable) {
		if (!questions.length) return "";
		const boxes = answerable && frm.doc.purpose !== "Emergency";
		const lines = questions.map((one, place) => {
			const sentence = `<b>${escape(one.sentence)}</b>`;
			const second = one.second_person
				? `<div>${escape(__("A second person with the role {0} has to approve it.", [__(campaign.approver_of(frm.doc))]))}</div>`
				: "";
			const words = `${sentence}<div class="text-muted">${escape(one.remedy)}</div>${second}`;
			return boxes
				? `<li class="mb-3"><label class="d-flex mb-0" style="gap: 10px; cursor: pointer; padding: 6px 0"><input type="checkbox" class="mt-1" style="flex: none" data-question="${place}"><span>${words}<span class="sr-only">${__("I checked this, and it is right")}</span></span></label></li>`
				: `<li class="mb-3">${words}</li>`;
		});
		const title = boxes
			? __("Is this right? Check the box next to each item that is.")
			: __("Is this right?");
		return `<div class="border rounded p-3 mb-3" style="border-color: var(--orange-500, orange) !important" role="group" aria-label="${escape(title)}">
			<div class="mb-2"><span class="indicator orange" aria-hidden="true"></span> ${title}</div><ul class="list-unstyled mb-0">${lines.join("")}</ul></div>`;
	}

	// Calls `begin(keys)` once every question is confirmed.
	campaign.confirm_questions = (frm, dialog, found, begin) => {
		const questions = found.questions || [];
		const keys = questions.map((one) => one.key);
		if (!questions.length) return begin([]);
		if (frm.doc.purpose === "Emergency") {
			const sentences = questions.map((one) => `<li>${escape(one.sentence)}</li>`).join("");
			return frappe.confirm(`<ul class="pl-4">${sentences}</ul><b>${__("Start anyway?")}</b>`, () =>
				begin(keys),
			);
		}
		const open = dialog.$wrapper.find("[data-question]:not(:checked)");
		if (!open.length) return begin(keys);
		frappe.show_alert({
			message: __("Check the box next to each item, or correct the campaign first."),
			indicator: "orange",
		});
		open.first().trigger("focus");
	};

	// Links are looked at by a job. An emergency does not wait for it, and no one waits long.
	campaign.watch_links = async (frm, dialog, found, answerable) => {
		if (!found.links || frm.doc.purpose === "Emergency") return;
		const button = dialog.get_primary_btn().prop("disabled", true);
		try {
			for (let poll = 0; poll < MOST_POLLS && dialog.display; poll++) {
				await new Promise((done) => setTimeout(done, POLL_SECONDS * 1000));
				const meanwhile = await campaign.ask(
					"link_questions",
					{ campaign: frm.doc.name },
					{ post: true },
				);
				if (meanwhile.links) continue;
				const known = new Set(found.questions.map((one) => one.key));
				const more = meanwhile.questions.filter((one) => !known.has(one.key));
				if (more.length) {
					found.questions.push(...more);
					dialog.$wrapper
						.find("[data-part=questions]")
						.html(list_html(frm, found.questions, answerable));
				}
				break;
			}
		} finally {
			button.prop("disabled", false);
		}
	};
})();
