frappe.ui.form.on("Dialer Recipient", {
	refresh(frm) {
		frm.disable_save();
		if (frm.is_new()) return;
		school_dialer.translate_form(frm, "channel", "fallback");
		school_dialer.calls.show(frm, { outcome: school_dialer.calls.outcome });
		school_dialer.words.show_explanation(frm);
		show_order(frm);
		school_dialer.words.add_story(frm);
		frm.add_custom_button(__("Call logs"), () =>
			frappe.set_route("List", "Dialer Call Log", { recipient: frm.doc.name }),
		);
	},
});

async function show_order(frm) {
	const name = frm.doc.name;
	frm.set_df_property("s_order", "hidden", 1);
	const { message } = await frappe.call({
		method: "school_dialer.desk.recipients.call_order",
		type: "GET",
		args: { recipient: name },
	});
	if (frm.doc.name !== name || !message.length) return;
	const escape = frappe.utils.escape_html;
	const students = (one) =>
		[
			one.about.length && `${escape(one.about.join(", "))}${one.informed ? " ✓" : ""}`,
			one.left_out.length && escape(__("Left out: {0}", [one.left_out.join(", ")])),
		]
			.filter(Boolean)
			.join("<br>");
	const lines = message
		.map(
			(one) =>
				`<tr${one.current ? ' style="font-weight: 600"' : ""}><td>${escape(one.person)}</td><td>${escape(one.phone)}</td><td>${students(one)}</td><td class="text-right">${one.attempts}</td></tr>`,
		)
		.join("");
	frm.set_df_property("s_order", "hidden", 0);
	frm.get_field("order_html").$wrapper.html(
		`<table class="table table-sm"><thead><tr><th scope="col">${__("Person")}</th><th scope="col">${__("Number")}</th><th scope="col">${__("Students")}</th><th scope="col" class="text-right">${__("Attempts")}</th></tr></thead><tbody>${lines}</tbody></table>
		<p class="text-muted">${__("In bold: the number of the latest or next attempt. ✓: informed.")}</p>`,
	);
}
