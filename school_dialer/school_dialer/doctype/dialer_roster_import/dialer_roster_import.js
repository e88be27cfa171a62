// A roster: check it, look at the differences, confirm what is unusual, import, and see how far it is.
(() => {
	const POLL_SECONDS = 2;
	const WORKING = ["Checking", "Importing"];
	const COLOURS = { Stopped: "orange", Imported: "green", Failed: "red" };
	const ACTIONS = {
		new: __("New"),
		matched: __("Already There"),
		changed: __("Changed"),
		removed: __("Removed"),
		unchanged: __("Unchanged"),
	};
	const KINDS = {
		School: __("School"),
		"Academic Year": __("Academic Year"),
		"Academic Term": __("Academic Term"),
		Course: __("Course"),
		Instructor: __("Instructor"),
		Guardian: __("Guardian"),
		Student: __("Student"),
		"Guardian of a Student": __("Guardian of a Student"),
		"Student Group": __("Student Group"),
		"Student in a Group": __("Student in a Group"),
		"Instructor of a Group": __("Instructor of a Group"),
	};
	const escape = (text) => frappe.utils.escape_html(String(text ?? ""));

	frappe.ui.form.on("Dialer Roster Import", {
		setup(frm) {
			frm.get_field("file").df.options = { restrictions: { allowed_file_types: [".zip"] } };
		},

		refresh(frm) {
			if (!frm.is_new()) {
				frm.disable_save();
				frm.page.set_indicator(escape(__(frm.doc.state)), COLOURS[frm.doc.state] || "blue");
			}
			introduce(frm);
			buttons(frm);
			frm.get_field("result_html").$wrapper.html(result_html(frm));
			if (WORKING.includes(frm.doc.state)) follow(frm);
		},
	});

	function introduce(frm) {
		if (frm.is_new())
			frm.set_intro(
				__(
					"Attach the zip file and save. It is checked first: nothing changes until you import. An import gives no consent.",
				),
				"blue",
			);
		else if (frm.doc.state === "Stopped") frm.set_intro(escape(frm.doc.brake_reason), "orange");
		else if (frm.doc.state === "Failed") frm.set_intro(escape(frm.doc.message), "red");
	}

	function buttons(frm) {
		if (frm.is_new() || !frm.perm[0]?.write) return;
		const { state, checked_at, file } = frm.doc;
		if (["New", "Checked", "Stopped", "Failed"].includes(state) && file)
			frm.add_custom_button(state === "New" ? __("Check File") : __("Check Again"), () =>
				call(frm, "check"),
			);
		if (["Checked", "Stopped", "Failed"].includes(state) && checked_at && file)
			frm.add_custom_button(__("Import"), () => ask(frm)).addClass("btn-primary");
		if (frm.doc.errors_file)
			frm.add_custom_button(__("Rows with Errors"), () => window.open(frm.doc.errors_file));
	}

	async function call(frm, method, args = {}) {
		await frappe.call({
			method: `school_dialer.desk.district.rosters.${method}`,
			args: { roster: frm.doc.name, ...args },
			freeze: true,
		});
		await frm.reload_doc();
	}

	function ask(frm) {
		if (frm.doc.state !== "Stopped") {
			frappe.confirm(__("Write these differences into Education's records?"), () => call(frm, "start"));
			return;
		}
		school_dialer.prompt(
			[
				{ fieldname: "why", fieldtype: "HTML", options: `<p>${escape(frm.doc.brake_reason)}</p>` },
				{
					fieldname: "typed",
					fieldtype: "Data",
					reqd: 1,
					label: __("Confirm Number Above"),
					description: __("Type {0} to import all the same.", [frm.doc.brake_number]),
				},
			],
			({ typed }) => call(frm, "start", { confirmed: cint(typed) }),
			__("Unusually Many"),
			__("Import"),
		);
	}

	async function follow(frm) {
		if (frm.following) return;
		frm.following = true;
		const name = frm.doc.name;
		const shown = () => cur_frm === frm && frm.doc.name === name;
		let idle = 0;
		while (shown()) {
			const { message: found } = await frappe.call({
				method: "school_dialer.desk.district.rosters.progress",
				type: "GET",
				args: { roster: name },
			});
			if (!found || !WORKING.includes(found.state)) break;
			const title = found.state === "Checking" ? __("Checking the File") : __("Importing");
			frm.dashboard.show_progress(title, found.total ? (100 * found.done) / found.total : 5);
			idle = found.running ? 0 : idle + 1;
			if (idle === 10) offer_to_go_on(frm, found.state);
			await frappe.timeout(POLL_SECONDS);
		}
		frm.following = false;
		if (shown()) {
			frm.dashboard.hide();
			frm.reload_doc();
		}
	}

	function offer_to_go_on(frm, state) {
		frm.set_intro(
			__("Nothing has moved for a while. It may wait for a worker, or was interrupted."),
			"orange",
		);
		frm.add_custom_button(__("Go On"), () => call(frm, state === "Checking" ? "check" : "start"));
	}

	function result_html(frm) {
		if (!frm.doc.result) return `<p class="text-muted">${__("The file has not been checked yet.")}</p>`;
		const { counts, samples, unknown } = JSON.parse(frm.doc.result);
		return counts_html(counts) + samples_html(samples) + unknown_html(unknown);
	}

	function counts_html(counts) {
		if (!counts.length) return `<p class="text-muted">${__("The file holds no records.")}</p>`;
		const always = ["new", "changed", "removed"];
		const actions = Object.keys(ACTIONS).filter(
			(action) => always.includes(action) || counts.some((each) => each[action]),
		);
		const head = actions
			.map((action) => `<th class="text-right" scope="col">${ACTIONS[action]}</th>`)
			.join("");
		const rows = counts
			.map((each) => {
				const cells = actions
					.map((action) => `<td class="text-right">${each[action] || "–"}</td>`)
					.join("");
				return `<tr><th scope="row">${KINDS[each.kind]}</th>${cells}</tr>`;
			})
			.join("");
		return `<div class="table-responsive" tabindex="0"><table class="table table-bordered table-sm">
			<thead><tr><th scope="col">${__("Kind")}</th>${head}</tr></thead><tbody>${rows}</tbody></table></div>`;
	}

	function samples_html(samples) {
		const shown = samples.filter((one) => one.action !== "new" && one.action !== "matched");
		if (!shown.length) return "";
		const rows = shown
			.map(
				(
					one,
				) => `<tr><td>${KINDS[one.kind]}</td><td>${ACTIONS[one.action]}</td><td>${escape(one.id)}</td>
				<td>${escape(one.name)}</td><td>${escape(one.fields.join(", "))}</td></tr>`,
			)
			.join("");
		const heads = [
			__("Kind"),
			__("Difference"),
			__("ID in the Roster"),
			__("Document"),
			__("Columns of the File"),
		]
			.map((head) => `<th scope="col">${head}</th>`)
			.join("");
		return `<h5>${__("Some of What Changes")}</h5><div class="table-responsive" tabindex="0">
			<table class="table table-bordered table-sm"><thead><tr>${heads}</tr></thead><tbody>${rows}</tbody></table></div>`;
	}

	function unknown_html(unknown) {
		if (!unknown.length) return "";
		return `<p class="text-muted">${__("Columns that are not read: {0}", [escape(unknown.join(", "))])}</p>`;
	}
})();
