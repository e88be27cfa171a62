frappe.ui.form.on("Dialer Consent Answer", {
	refresh(frm) {
		school_dialer.show_translated(frm, "why_office");
		school_dialer.show_translated(frm, "choices");
		const call = (method, args) =>
			frappe
				.xcall(`school_dialer.desk.families.consent_answers.${method}`, {
					consent_answer: frm.doc.name,
					...args,
				})
				.then(() => frm.reload_doc());
		if (frm.doc.status === "Unproven")
			frm.add_custom_button(__("Link for the Code"), () => show_link(frm));
		if (frm.doc.status !== "For the Office") return;
		frm.add_custom_button(__("Accept for a Person"), () =>
			frappe.prompt(
				[
					{
						fieldname: "person_doctype",
						fieldtype: "Select",
						options: ["Guardian", "Student", "Contact", "Employee"],
						label: __("Kind of Person"),
						default: frm.doc.person_doctype || "Guardian",
						reqd: 1,
					},
					{
						fieldname: "person",
						fieldtype: "Dynamic Link",
						options: "person_doctype",
						label: __("Person"),
						default: frm.doc.person,
						reqd: 1,
					},
				],
				(values) => call("accept", values),
				__("Accept for a Person"),
				__("Accept"),
			),
		);
		frm.add_custom_button(__("Do Not Accept"), () =>
			frappe.confirm(__("End this answer? What it declined stays."), () => call("reject")),
		);
	},
});

async function show_link(frm) {
	const link = await frappe.xcall("school_dialer.desk.families.consent_answers.link", {
		consent_answer: frm.doc.name,
	});
	frappe.msgprint({
		title: __("Link for the Code"),
		message: `<p>${__("Give this address only to the person who signed. There they ask for the code that proves the number.")}</p>
			<pre style="white-space: pre-wrap; overflow-wrap: anywhere" tabindex="0">${frappe.utils.escape_html(link)}</pre>`,
		primary_action: { label: __("Copy"), action: () => frappe.utils.copy_to_clipboard(link) },
	});
}
