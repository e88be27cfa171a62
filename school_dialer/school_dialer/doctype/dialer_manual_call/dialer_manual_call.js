// A family on the list: take it, or as a manager give it back to the list or off it.
const MANUAL_CALL = "school_dialer.desk.inbox.manual_calls";

frappe.ui.form.on("Dialer Manual Call", {
	refresh(frm) {
		frm.disable_save();
		school_dialer.translate_form(frm, "status", "outcome", "why", "purpose");
		const { roles } = frappe.boot.school_dialer;
		if (!frappe.user.has_role(roles.AGENTS)) return;
		const { status } = frm.doc;
		const post = (method) =>
			frappe.call({ method: `${MANUAL_CALL}.${method}`, type: "POST", args: { name: frm.doc.name } });
		if (status === "Waiting")
			frm.add_custom_button(__("Phone This Family"), () =>
				post("claim").then(() => frappe.set_route("dialer-calls")),
			);
		if (!frappe.user.has_role(roles.MANAGERS) || status === "Done") return;
		if (status !== "Waiting")
			frm.add_custom_button(__("Give Back to the List"), () =>
				post("release").then(() => frm.reload_doc()),
			);
		frm.add_custom_button(__("Take Off the List"), () =>
			frappe.confirm(__("No one is to phone this family about this any more?"), () =>
				post("give_up").then(() => frm.reload_doc()),
			),
		);
	},
});
