frappe.listview_settings["Dialer Proof Checkpoint"] = {
	hide_name_column: true,

	onload(list) {
		if (!frappe.user.has_role("Dialer Compliance Officer")) return;
		list.page.add_inner_button(__("Export Proof"), export_proof);
	},
};

function export_proof() {
	const dialog = new frappe.ui.Dialog({
		title: __("Export Proof"),
		fields: [
			{
				fieldname: "about",
				fieldtype: "HTML",
				options: `<p class="text-muted">${frappe.utils.escape_html(
					__(
						"A file with the evidence about one number or one campaign. Anyone can check it without this site.",
					),
				)} ${__("Enter a number, or choose a campaign.")}</p>`,
			},
			{ fieldname: "phone", fieldtype: "Data", label: __("Phone") },
			{
				fieldname: "campaign",
				fieldtype: "Link",
				options: "Dialer Campaign",
				label: __("Campaign"),
			},
		],
		primary_action_label: __("Export"),
		primary_action(values) {
			dialog.hide();
			download_proof(values);
		},
	});
	dialog.show();
}

// A POST, so that no number lies in an address.
async function download_proof(values) {
	const answer = await fetch("/api/method/school_dialer.desk.district.proof.export", {
		method: "POST",
		headers: { "X-Frappe-CSRF-Token": frappe.csrf_token, Accept: "*/*" },
		body: new URLSearchParams(Object.entries(values).filter(([, value]) => value)),
	});
	if (!answer.ok) {
		const found = await answer.json().catch(() => ({}));
		frappe.request.cleanup({ freeze: false }, found);
		if (!found._server_messages) frappe.msgprint(__("The file could not be made."));
		return;
	}
	const link = document.createElement("a");
	link.href = URL.createObjectURL(await answer.blob());
	link.download = "export.zip";
	link.click();
	URL.revokeObjectURL(link.href);
}
