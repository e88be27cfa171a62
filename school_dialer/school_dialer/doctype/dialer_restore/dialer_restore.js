// A restore: start the reconcile, see how far it is, let emergencies leave, and end Safe mode.
(() => {
	const POLL_SECONDS = 2;
	const COLOURS = { "Safe Mode": "red", Reconciling: "orange", Reconciled: "orange", Ended: "green" };
	const escape = (text) => frappe.utils.escape_html(String(text ?? ""));

	frappe.ui.form.on("Dialer Restore", {
		onload(frm) {
			school_dialer.translate_form(frm);
		},

		refresh(frm) {
			frm.disable_save();
			frm.page.set_indicator(escape(__(frm.doc.state)), COLOURS[frm.doc.state] || "gray");
			introduce(frm);
			if (!frappe.user.has_role("Dialer Manager")) return;
			frm.add_custom_button(__("Enter a Receipt"), () => enterReceipt(frm));
			if (frm.doc.safe) buttons(frm);
			if (frm.doc.state === "Reconciling") follow(frm);
		},
	});

	function introduce(frm) {
		const happened = {
			Restored: __("The site's database was restored from an older state."),
			Copy: __("The site was copied or moved, or all marks outside of its database are lost."),
			"Clock Back": __("The server's clock went back."),
			Unproven: __("This host has not shown yet that the carrier reaches this site."),
		};
		if (!frm.doc.safe) {
			frm.set_intro("");
			return;
		}
		const next =
			frm.doc.state === "Reconciled"
				? __(
						"Read what was found and what cannot be known. Then end Safe mode, and resume each campaign.",
					)
				: frm.doc.emergencies_allowed
					? __(
							"Only emergencies are called and texted. Reconcile: the carrier is asked what the database forgot.",
						)
					: __(
							"Nothing is called or texted. Reconcile: the carrier is asked what the database forgot.",
						);
		frm.set_intro(`${escape(happened[frm.doc.cause])} ${escape(next)}`, "red");
	}

	function buttons(frm) {
		const { state, emergencies_allowed } = frm.doc;
		if (state !== "Reconciling") {
			frm.add_custom_button(__("Reconcile"), () => call(frm, "start_reconcile"));
			frm.add_custom_button(__("Add Copies of the Journal"), () => addJournal(frm));
		}
		if (!emergencies_allowed)
			frm.add_custom_button(__("Allow Emergencies"), () =>
				frappe.confirm(
					__(
						"Emergency campaigns leave although Safe mode is on. Families that heard one before the restore may hear it again. Allow this?",
					),
					() => call(frm, "allow_emergencies"),
				),
			);
		if (state === "Reconciling") return;
		const button = frm.add_custom_button(__("End Safe Mode"), () => end(frm));
		if (state === "Reconciled") button.addClass("btn-primary");
	}

	function addJournal(frm) {
		new frappe.ui.FileUploader({
			make_attachments_public: false,
			restrictions: { allowed_file_types: [".jsonl"] },
			on_success: async (file) => {
				const { message } = await frappe.call({
					method: "school_dialer.desk.district.recovery.add_journal",
					args: { restore: frm.doc.name, file: file.name },
				});
				frappe.show_alert({
					message: __("{0}: {1} opt-outs. Press Reconcile to record them.", [
						escape(file.file_name),
						message,
					]),
					indicator: "green",
				});
			},
		});
	}

	function enterReceipt(frm) {
		const field = {
			fieldname: "text",
			fieldtype: "Small Text",
			reqd: 1,
			label: __("Signed Receipt"),
			description: __("The line that begins with SDR1, from the family's file, e-mail, or print."),
		};
		const enter = async ({ text }) => {
			const { message } = await frappe.call({
				method: "school_dialer.desk.district.recovery.enter_receipt",
				args: { restore: frm.doc.name, text },
				freeze: true,
			});
			frappe.msgprint(escape(message));
			await frm.reload_doc();
		};
		frappe.prompt([field], enter, __("Enter a Receipt"), __("Enter"));
	}

	function end(frm) {
		const reconciled = frm.doc.state === "Reconciled";
		const copy =
			frm.doc.cause === "Copy"
				? `<p>${__("Make sure that no other copy of this site runs: both would call the same families.")}</p>`
				: "";
		const question = reconciled
			? __("Calls and texts may leave again. Paused campaigns wait until you resume each of them.")
			: __(
					"The site has not been reconciled. Families may be called twice, and opt-outs may be unknown. End Safe mode without it?",
				);
		frappe.confirm(`${copy}<p>${question}</p>`, () =>
			call(frm, "end_safe_mode", { without_reconcile: reconciled ? 0 : 1 }),
		);
	}

	async function call(frm, method, args = {}) {
		await frappe.call({
			method: `school_dialer.desk.district.recovery.${method}`,
			args: { restore: frm.doc.name, ...args },
			freeze: true,
		});
		if (method === "end_safe_mode") $("#dialer-safe-mode").remove();
		await frm.reload_doc();
	}

	async function follow(frm) {
		if (frm.following || !frappe.user.has_role("Dialer Manager")) return;
		frm.following = true;
		const name = frm.doc.name;
		const shown = () => cur_frm === frm && frm.doc.name === name;
		let idle = 0;
		while (shown()) {
			const { message: found } = await frappe.call({
				method: "school_dialer.desk.district.recovery.progress",
				type: "GET",
				args: { restore: name },
			});
			if (!found || found.state !== "Reconciling") break;
			frm.dashboard.show_progress(
				__("Reconciling"),
				(100 * (found.stage + 1)) / (found.stages + 1),
				__("Calls and texts looked at: {0}", [found.done]),
			);
			idle = found.running ? 0 : idle + 1;
			if (idle === 10) offer_to_go_on(frm);
			await frappe.timeout(POLL_SECONDS);
		}
		frm.following = false;
		if (shown()) {
			frm.dashboard.hide();
			frm.reload_doc();
		}
	}

	function offer_to_go_on(frm) {
		frm.set_intro(
			__("Nothing has moved for a while. It may wait for a worker, or was interrupted."),
			"orange",
		);
		frm.add_custom_button(__("Go On"), () => call(frm, "start_reconcile"));
	}
})();
