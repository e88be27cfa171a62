frappe.ui.form.on("Dialer Settings", {
	refresh(frm) {
		show_readiness(frm);
		show_retention(frm);
		if (frm.perm[0] && frm.perm[0].write) frm.add_custom_button(__("Test connection"), () => test_connection(frm));
	},
});

async function show_readiness(frm) {
	const { message } = await frappe.call({ method: "school_dialer.desk.settings.readiness", type: "GET" });
	const items = message
		.map(({ title, missing }) =>
			missing.length
				? `<li><b>${__("{0}: not yet.", [title])}</b><ul class="pl-4">${missing.map((one) => `<li>${frappe.utils.escape_html(one)}</li>`).join("")}</ul></li>`
				: `<li><b>${__("{0}: ready.", [title])}</b> ✓</li>`
		)
		.join("");
	const mode =
		frm.doc.mode === "Live"
			? `<span class="indicator-pill red">${__("Live: real people are called")}</span>`
			: `<span class="indicator-pill blue">${__("Simulated: nobody is called")}</span>`;
	frm.get_field("ready_html").$wrapper.html(`<div class="dialer-ready">${mode}<ul class="list-unstyled mt-3 mb-0">${items}</ul></div>`);
}

const RETENTION = ["keep_call_logs_days", "keep_recipients_days", "keep_notices_days", "keep_audience_files_days", "remove_person_links"];
RETENTION.forEach((fieldname) => frappe.ui.form.on("Dialer Settings", fieldname, frappe.utils.debounce(show_retention, 400)));

// Counted before it is switched on, with the days as they stand in the form.
async function show_retention(frm) {
	if (!(frm.perm[0] && frm.perm[0].write)) return;
	const args = Object.fromEntries(RETENTION.map((fieldname) => [fieldname, cint(frm.doc[fieldname])]));
	const { message } = await frappe.call({ method: "school_dialer.desk.privacy.count_retention", type: "POST", args });
	const words = {
		"Dialer Call Log": __("call logs would lose name and number"),
		"Dialer Recipient": __("recipients would lose name and numbers"),
		"Dialer Answer": __("answers to polls and questions would lose the name"),
		"Dialer Notice": __("confirmations and links would lose the number"),
		File: __("audience files would be deleted"),
	};
	const items = Object.entries(message).map(([doctype, count]) => `<li><b>${cint(count)}</b> ${words[doctype]}</li>`);
	frm.get_field("retention_html").$wrapper.html(
		`<div class="dialer-retention" aria-live="polite"><p class="mb-1">${__("With these days, the next night:")}</p><ul class="pl-4 mb-0">${items.join("")}</ul>
		<p class="text-muted small mt-2">${__("Legal holds are left out. What was removed does not come back.")}</p></div>`
	);
}

async function test_connection(frm) {
	if (frm.is_dirty()) await frm.save();
	if (frm.is_dirty()) return;
	const { message } = await frappe.call({
		method: "school_dialer.desk.settings.test_connection",
		type: "POST",
		freeze: true,
		freeze_message: __("Asking the carrier"),
	});
	if (message) frappe.msgprint({ title: __("Connected"), message: __("The carrier knows this account as {0}.", [frappe.utils.escape_html(message)]), indicator: "green" });
}
