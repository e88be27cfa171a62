frappe.ui.form.on("Dialer Answer", {
	refresh(frm) {
		frm.disable_save();
		school_dialer.translate_form(frm, "channel");
		if (frm.doc.recording)
			frm.add_custom_button(__("Listen"), () => listen(frm))
				.removeClass("btn-default")
				.addClass("btn-primary");
	},
});

// The sound comes with a POST and lies in no address: it is gone when the dialog is closed.
async function listen(frm) {
	const dialog = school_dialer.dialog({
		title: __("What was said"),
		fields: [{ fieldname: "shown", fieldtype: "HTML" }],
	});
	const wrapper = dialog.get_field("shown").$wrapper;
	wrapper.html(`<p role="status">${__("Fetching it from the carrier")}</p>`);
	dialog.show();
	const answer = await fetch("/api/method/school_dialer.desk.responses.spoken_reason", {
		method: "POST",
		headers: { "X-Frappe-CSRF-Token": frappe.csrf_token, Accept: "audio/wav, application/json" },
		body: new URLSearchParams({ answer: frm.doc.name }),
	});
	if (!answer.ok) {
		const gone =
			answer.status === 404
				? __("There is no longer a recording of this answer.")
				: __("It cannot be played now. Try again later.");
		wrapper.html(`<p style="color: var(--text-on-red)">${gone}</p>`);
		return;
	}
	const address = URL.createObjectURL(await answer.blob());
	wrapper.html(
		`<audio controls autoplay class="w-100" src="${address}"></audio><p class="text-muted mt-2 mb-0">${__("That you listened is in the Access Log.")}</p>`,
	);
	dialog.on_hide = () => URL.revokeObjectURL(address);
}
