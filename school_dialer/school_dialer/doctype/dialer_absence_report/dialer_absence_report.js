frappe.ui.form.on("Dialer Absence Report", {
	refresh(frm) {
		frm.disable_save();
		school_dialer.translate_form(frm, "kind", "reason", "channel");
		if (frm.is_new()) return;
		add_links(frm);
		if (frm.doc.status === "Reported") add(frm, "Approved", __("Approve"), "btn-primary");
		if (!["Reported", "Approved"].includes(frm.doc.status)) return;
		add(frm, "Withdrawn", __("Withdraw"));
		add(frm, "Rejected", __("Reject"));
	},
});

const AFTERWARDS = {
	Withdrawn: __("The family takes it back. The absence rule may call them again."),
	Rejected: __("The school does not accept it. The absence rule may call the family again."),
};

function add(frm, status, label, look = "btn-default") {
	frm.add_custom_button(label, () => {
		if (!AFTERWARDS[status]) return settle(frm, status);
		frappe.confirm(AFTERWARDS[status], () => settle(frm, status));
	})
		.removeClass("btn-default")
		.addClass(look);
}

async function settle(frm, status) {
	await frappe.call({
		method: "school_dialer.desk.inbox.absences.settle",
		type: "POST",
		args: { name: frm.doc.name, status },
		freeze: true,
	});
	frm.reload_doc();
}

// Education may be missing, so these are no links of the DocType.
function add_links(frm) {
	const records = { Student: frm.doc.student, "Student Leave Application": frm.doc.leave_application };
	for (const [doctype, name] of Object.entries(records))
		if (name && frappe.model.can_read(doctype))
			frm.add_custom_button(__(doctype), () => frappe.set_route("Form", doctype, name), __("Open"));
}
