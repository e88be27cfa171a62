// Conversations as a file for a request for public records: from a conversation, a number's page or a campaign.
(() => {
	const METHOD = "/api/method/school_dialer.desk.inbox.transcripts.export";
	const may_export = () => frappe.model.can_export("Dialer Conversation");

	school_dialer.transcripts = {
		add_button(frm, group) {
			if (may_export())
				frm.add_custom_button(__("Export Conversations"), () => ask(frm.doctype, frm.docname), group);
		},
		may_export,
		ask,
	};

	function ask(doctype, name) {
		const dialog = school_dialer.dialog({
			title: __("Export Conversations"),
			fields: [
				{
					fieldname: "about",
					fieldtype: "HTML",
					options: `<p>${
						doctype === "Dialer Campaign"
							? __(
									"Everything that families who answered this campaign and the school wrote to each other.",
								)
							: __("Everything that this number and the school wrote to each other.")
					} ${__("Numbers are masked. Your access is logged.")}</p>`,
				},
				{
					fieldname: "as_file",
					fieldtype: "Select",
					label: __("File"),
					options: "CSV\nPDF",
					default: "CSV",
				},
				{
					fieldname: "names",
					fieldtype: "Check",
					label: __("With names of families"),
					default: doctype === "Dialer Campaign" ? 0 : 1,
				},
				{
					fieldname: "redact",
					fieldtype: "Small Text",
					label: __("Black out"),
					description: __(
						"Names of other families and anything else that must not be shown, one on each line.",
					),
				},
			],
			primary_action_label: __("Export"),
			primary_action: (values) => {
				dialog.hide();
				download({
					doctype,
					name,
					as_file: values.as_file,
					with_names: values.names ? 1 : 0,
					redact: JSON.stringify((values.redact || "").split("\n").filter((one) => one.trim())),
				});
			},
		});
		dialog.show();
	}

	// A POST, so that no word to black out lies in an address.
	async function download(given) {
		const answer = await fetch(METHOD, {
			method: "POST",
			headers: { "X-Frappe-CSRF-Token": frappe.csrf_token, Accept: "*/*" },
			body: new URLSearchParams(given),
		});
		const is_file = (answer.headers.get("Content-Disposition") || "").includes("filename");
		if (answer.ok && is_file) return save(await answer.blob(), answer.headers.get("Content-Disposition"));
		const found = await answer.json().catch(() => ({}));
		if (found.message?.waits)
			return frappe.show_alert(
				__("The file is made in the background. You are notified when it is ready."),
			);
		frappe.request.cleanup({ freeze: false }, found);
		if (!found._server_messages) frappe.msgprint(__("The file could not be made."));
	}

	function save(blob, disposition) {
		const link = document.createElement("a");
		link.href = URL.createObjectURL(blob);
		link.download = /filename="?([^";]+)/.exec(disposition)?.[1] || "conversations";
		link.click();
		URL.revokeObjectURL(link.href);
	}
})();
