// A district's campaign for some of its schools.
(() => {
	const { audience, plain } = school_dialer;

	frappe.ui.form.on("Dialer Campaign", {
		refresh: show,
		school(frm) {
			if (frm.doc.school) {
				frm.set_value("schools", null);
				frm.set_value("said_by", null);
			}
			show(frm);
			audience.show(frm);
		},
	});

	function show(frm) {
		if (!frappe.boot.school_dialer.district) return;
		const chosen = schools_of(frm);
		if (frappe.boot.school_dialer.own_schools) return frm.toggle_display("said_by", false);
		frm.set_df_property(
			"school",
			"description",
			chosen.length
				? __("Only these schools: {0}", [plain.html(chosen.join(", "))])
				: __("Its families are called, in its name. Leave blank for the whole district."),
		);
		if (frm.doc.status === "Draft" && !frm.doc.school && frm.has_perm("write"))
			frm.add_custom_button(__("Choose Schools"), () => choose(frm));
	}

	function schools_of(frm) {
		try {
			return JSON.parse(frm.doc.schools || "[]");
		} catch {
			return [];
		}
	}

	async function choose(frm) {
		const names = await frappe.db.get_list("Dialer School", {
			filters: { enabled: 1 },
			pluck: "name",
			order_by: "name",
			limit: 500,
		});
		const chosen = new Set(schools_of(frm));
		const options = names.map((name) => ({
			label: plain.line(name),
			value: name,
			checked: chosen.has(name),
		}));
		school_dialer.prompt(
			{ fieldname: "schools", fieldtype: "MultiCheck", label: __("Schools"), columns: 2, options },
			async ({ schools }) => {
				const all = !schools?.length || schools.length === names.length;
				await frm.set_value("schools", all ? null : JSON.stringify([...schools].sort()));
				show(frm);
				audience.show(frm);
			},
			__("Choose Schools"),
			__("Choose"),
		);
	}
})();
