(() => {
	const has = (doctype) => frappe.model.can_read(doctype);
	const officer = ["Dialer Compliance Officer", "System Manager"].some((role) =>
		frappe.user.has_role(role),
	);
	const { district } = frappe.boot.school_dialer;
	const by = [
		...(district ? ["School"] : []),
		"Program",
		"Language",
		...(officer ? ["Student Group"] : []),
	];
	const link = (fieldname, label, options) => ({ fieldname, label, fieldtype: "Link", options });

	frappe.query_reports["Reach by Group"] = {
		filters: [
			{
				fieldname: "by",
				label: __("By"),
				fieldtype: "Select",
				options: by.map((value) => ({ value, label: __(value) })),
				default: by[0],
				reqd: 1,
			},
			...(district ? [link("school", __("School"), "Dialer School")] : []),
			...(has("Academic Term") ? [link("term", __("Term"), "Academic Term")] : []),
			{ fieldname: "since", label: __("Since"), fieldtype: "Date" },
			...(officer && has("Program") ? [link("program", __("Program"), "Program")] : []),
			...(officer && has("Student Group")
				? [link("student_group", __("Student Group"), "Student Group")]
				: []),
			...(officer ? [link("language", __("Language"), "Language")] : []),
		],
	};
})();
