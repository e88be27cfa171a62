// What a campaign leads to: another try for those it did not reach, a list for a person to call, and its correction.
(() => {
	const { campaign } = school_dialer;
	const TRY_AGAIN = __("Try again those not reached …");

	campaign.next_html = (frm, { counts, corrected, unnamed }) => {
		if (!campaign.may_write(frm)) return "";
		const missed = (!corrected?.by && campaign.missed(frm, counts)) || 0;
		const button = (act, label) =>
			`<button type="button" class="btn btn-default btn-sm" data-next="${act}">${label}</button>`;
		const list = `/${frappe.boot.school_dialer.desk}/dialer-recipient?campaign=${encodeURIComponent(frm.doc.name)}&status=Not%20Reached`;
		const rows = [];
		if (missed)
			rows.push([
				campaign.counted(
					missed,
					__("1 person was not reached."),
					__("{0} people were not reached.", [missed]),
				),
				button("resend", TRY_AGAIN),
				`<a class="btn btn-default btn-sm" href="${list}">${__("List for a person to call")}</a>`,
			]);
		// Who heard about one child and not the other. One try is for them and for those whom nothing reached.
		if (unnamed && !corrected?.by)
			rows.push([
				campaign.counted(
					unnamed,
					__("1 family was not told about all of its children."),
					__("{0} families were not told about all of their children.", [unnamed]),
				),
				...(missed ? [] : [button("resend", TRY_AGAIN)]),
			]);
		if (!corrected?.by && campaign.may_correct(frm))
			rows.push([
				__("Was something wrong in the message?"),
				button("correct", __("Correct this")),
				`<a class="btn btn-default btn-sm" href="/${frappe.boot.school_dialer.desk}/query-report/Campaign%20Results?purpose=${encodeURIComponent(frm.doc.purpose)}">${__("Compare with others")}</a>`,
			]);
		return rows.length ? `<div class="mb-3" data-part="next">${rows.map(line).join("")}</div>` : "";
	};

	// On a phone the buttons stand below the words, apart from each other.
	const line = ([words, ...buttons]) =>
		`<div class="d-flex flex-wrap align-items-center mb-2" style="gap: 6px"><span>${words}</span>${buttons.join("")}</div>`;

	campaign.bind_next = (frm, wrapper) =>
		wrapper
			.find("[data-next]")
			.on("click", ({ currentTarget }) => campaign[currentTarget.dataset.next](frm));
})();
