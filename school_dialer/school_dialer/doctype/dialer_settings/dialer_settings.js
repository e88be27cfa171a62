frappe.ui.form.on("Dialer Settings", {
	refresh(frm) {
		show_readiness(frm);
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
