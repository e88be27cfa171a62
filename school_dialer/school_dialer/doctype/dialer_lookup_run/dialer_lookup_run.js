// A run of look-ups: what it would cost, start it, see how far it is, stop it.
(() => {
	const POLL_SECONDS = 2;
	const COLOURS = { Done: "green", Stopped: "orange", "Ended Early": "orange" };
	const escape = (text) => frappe.utils.escape_html(String(text ?? ""));

	frappe.ui.form.on("Dialer Lookup Run", {
		async refresh(frm) {
			frm.get_field("estimate_html").$wrapper.empty();
			if (frm.is_new()) {
				frm.set_intro(
					__("Save to see what it would cost. Nothing is asked until you start."),
					"blue",
				);
				return;
			}
			frm.disable_save();
			frm.page.set_indicator(escape(__(frm.doc.state)), COLOURS[frm.doc.state] || "blue");
			const may = frm.perm[0]?.write;
			if (frm.doc.state === "Running") {
				if (may) frm.add_custom_button(__("Stop"), () => call(frm, "stop"));
				return follow(frm);
			}
			if (frm.doc.state === "Done") return;
			const found = await show_estimate(frm);
			if (may && found && !found.missing.length && found.numbers_now)
				frm.add_custom_button(__("Start"), () => ask(frm, found)).addClass("btn-primary");
		},
	});

	const money = (amount, currency) => (currency ? `${amount.toFixed(2)} ${currency}` : amount.toFixed(2));

	async function show_estimate(frm) {
		const name = frm.doc.name;
		const { message: found } = await frappe.call({
			method: "school_dialer.desk.families.lookups.estimate",
			type: "GET",
			args: { older_than_days: cint(frm.doc.older_than_days) },
		});
		if (frm.doc.name !== name || !found) return null;
		const lines = [
			__("{0} numbers wait for a look-up, at {1} each: {2}.", [
				found.numbers,
				`${found.price} ${found.currency}`.trim(),
				money(found.cost, found.currency),
			]),
			__("Within today's and this month's limits: {0} numbers, {1}.", [
				found.numbers_now,
				money(found.cost_now, found.currency),
			]),
		];
		// What the settings lack is a sentence of ours, without words of others.
		const lacking = found.missing.map((line) => `<li>${escape(line)}</li>`).join("");
		frm.get_field("estimate_html").$wrapper.html(
			`<div data-part="estimate">${lines.map((line) => `<p class="mb-1">${escape(line)}</p>`).join("")}
			${lacking ? `<ul class="pl-4 mb-0" style="color: var(--text-on-red)">${lacking}</ul>` : ""}</div>`,
		);
		return found;
	}

	function ask(frm, found) {
		const question = __("Look up {0} numbers for about {1}?", [
			found.numbers_now,
			money(found.cost_now, found.currency),
		]);
		frappe.confirm(escape(question), () => call(frm, "start"));
	}

	async function call(frm, method) {
		await frappe.call({
			method: `school_dialer.desk.families.lookups.${method}`,
			type: "POST",
			args: { run: frm.doc.name },
			freeze: true,
		});
		await frm.reload_doc();
	}

	async function follow(frm) {
		if (frm.following) return;
		frm.following = true;
		const name = frm.doc.name;
		let idle = 0;
		while (cur_frm === frm && frm.doc.name === name) {
			const { message: found } = await frappe.call({
				method: "school_dialer.desk.families.lookups.progress",
				type: "GET",
				args: { run: name },
			});
			if (!found || found.state !== "Running") break;
			frm.dashboard.show_progress(
				__("Looking Up Numbers"),
				found.total ? (100 * found.done) / found.total : 5,
				__("{0} of {1}", [found.done, found.total]),
			);
			idle = found.running ? 0 : idle + 1;
			// The worker was killed: the run goes on where it was.
			if (idle === 10) frm.add_custom_button(__("Go On"), () => call(frm, "start"));
			await frappe.timeout(POLL_SECONDS);
		}
		frm.following = false;
		if (cur_frm === frm && frm.doc.name === name) frm.reload_doc();
	}
})();
