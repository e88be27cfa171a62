// A person's own requests, on their record: what is kept of them, its erasure, and the hold that stops it.
frappe.provide("school_dialer.privacy");

(() => {
	if (school_dialer.privacy.ready) return;
	school_dialer.privacy.ready = true;
	const METHODS = "school_dialer.desk.privacy.";
	const DOCTYPES = ["Contact Consent", "Contact", "Student", "Guardian", "Employee", "Lead", "Customer"];

	const whose = (frm) =>
		frm.doctype === "Contact Consent"
			? { contact_consent: frm.docname }
			: { doctype: frm.doctype, name: frm.docname };

	const post = (method, args) =>
		frappe
			.call({ method: METHODS + method, type: "POST", args, freeze: true })
			.then((answer) => answer.message);

	const list = (sentences) =>
		`<ul class="pl-4">${sentences.map((one) => `<li class="mb-1">${frappe.utils.escape_html(one)}</li>`).join("")}</ul>`;

	const HOW = {
		html: { type: "text/html", written: readable },
		json: { type: "application/json", written: (found) => JSON.stringify(found, null, 1) },
	};

	function download(found, ending) {
		const { type, written } = HOW[ending];
		const link = document.createElement("a");
		link.href = URL.createObjectURL(new Blob([written(found)], { type }));
		link.download = `${__("what-is-kept")}-${frappe.datetime.get_today()}.${ending}`;
		link.click();
		URL.revokeObjectURL(link.href);
		frappe.show_alert(
			{ message: __("Hand the file to the person alone, and delete your copy."), indicator: "orange" },
			10,
		);
	}

	const STYLE = `
body { font-family: sans-serif; max-width: 50em; margin: 2em auto; padding: 0 1em; line-height: 1.4 }
table { border-collapse: collapse; width: 100%; margin: 0 0 1em; break-inside: avoid }
th, td { text-align: start; vertical-align: top; padding: 2px 8px; border: 1px solid #bbb; overflow-wrap: anywhere }
th { width: 30%; font-weight: normal; color: #333 }`;

	// A page that a family can read and print, without this site: each record with the words of its form.
	function readable({ about, as_of, time_zone, kept, notes, labels }) {
		const html = school_dialer.plain.html;
		const record = (doctype, row) =>
			`<table>${Object.entries(row)
				.filter(([column]) => column !== "name")
				.map(
					([column, value]) =>
						`<tr><th scope="row">${html(labels[doctype]?.[column] || column)}</th><td dir="auto">${html(value)}</td></tr>`,
				)
				.join("")}</table>`;
		const parts = Object.entries(kept).map(
			([doctype, rows]) =>
				`<h2>${html(labels[doctype]?.[doctype] || doctype)} (${rows.length})</h2>${rows.map((row) => record(doctype, row)).join("")}`,
		);
		const title = __("What the School Keeps About You");
		return `<!DOCTYPE html><html lang="${html(frappe.boot.lang || "en")}"><head><meta charset="utf-8"><title>${html(title)}</title>
<style>${STYLE}</style></head>
<body><h1>${html(title)}</h1><p>${html([...about.numbers, ...about.record].join(", "))}</p><p>${html(`${as_of} (${time_zone})`)}</p>
${parts.join("") || `<p>${html(__("Nothing."))}</p>`}<ul>${notes.map((one) => `<li>${html(one)}</li>`).join("")}</ul></body></html>`;
	}

	async function erase(frm) {
		const plan = await post("erase_person", whose(frm));
		const dialog = school_dialer.dialog({
			title: school_dialer.plain.line(__("Erase what the dialer keeps of {0}", [plan.label])),
			fields: [
				{
					fieldtype: "HTML",
					fieldname: "plan",
					options: `<h6>${__("Would be removed")}</h6>${list(plan.removed.length ? plan.removed : [__("Nothing.")])}
						<h6>${__("Stays, and why")}</h6>${list(plan.kept.length ? plan.kept : [__("Nothing.")])}`,
				},
				...(plan.held
					? []
					: [
							{
								fieldname: "sure",
								fieldtype: "Check",
								label: __("I have checked who asks. This cannot be undone."),
							},
						]),
			],
			primary_action_label: plan.held ? __("Close") : __("Erase"),
			async primary_action({ sure }) {
				if (plan.held) return dialog.hide();
				if (!sure)
					return frappe.show_alert({
						message: __("Tick that you have checked who asks."),
						indicator: "orange",
					});
				dialog.disable_primary_action();
				const done = await post("erase_person", { ...whose(frm), really: 1 }).catch(() =>
					dialog.enable_primary_action(),
				);
				if (!done) return;
				dialog.hide();
				frappe.msgprint({
					title: __("Erased"),
					indicator: "green",
					message: `${list(done.removed)}<h6>${__("Stays, and why")}</h6>${list(done.kept)}`,
				});
			},
		});
		dialog.show();
	}

	function hold(frm) {
		const of_row = frm.doctype === "Contact Consent";
		frappe.new_doc(
			"Dialer Legal Hold",
			of_row ? { phone: frm.doc.phone } : { person_doctype: frm.doctype, person: frm.docname },
		);
	}

	function add_buttons(frm) {
		if (frm.is_new() || !frappe.user.has_role(frappe.boot.school_dialer.roles.OFFICER)) return;
		const group = __("Privacy");
		const exported = async (ending) => {
			const found = await post("export_person", whose(frm));
			if (found) download(found, ending);
		};
		frm.add_custom_button(__("Export what is kept"), () => exported("html"), group);
		frm.add_custom_button(__("Export for a computer"), () => exported("json"), group);
		frm.add_custom_button(__("Erase"), () => erase(frm), group);
		frm.add_custom_button(__("Legal hold"), () => hold(frm), group);
	}

	DOCTYPES.forEach((doctype) => frappe.ui.form.on(doctype, { refresh: add_buttons }));
})();
