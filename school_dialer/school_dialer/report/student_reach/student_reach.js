(() => {
	const has = (doctype) => frappe.model.can_read(doctype);
	const { district } = frappe.boot.school_dialer;
	const link = (fieldname, label, options) => ({ fieldname, label, fieldtype: "Link", options });

	frappe.query_reports["Student Reach"] = {
		filters: [
			{
				fieldname: "show",
				label: __("Show"),
				fieldtype: "Select",
				options: ["Not reached", "Cannot be reached", "Reached", "All"].map((value) => ({
					value,
					label: __(value),
				})),
				default: "Not reached",
				reqd: 1,
			},
			...(district ? [link("school", __("School"), "Dialer School")] : []),
			...(has("Academic Term") ? [link("term", __("Term"), "Academic Term")] : []),
			{ fieldname: "since", label: __("Since"), fieldtype: "Date" },
			...(has("Program") ? [link("program", __("Program"), "Program")] : []),
			...(has("Student Group") ? [link("student_group", __("Student Group"), "Student Group")] : []),
			link("language", __("Language"), "Language"),
			{
				fieldname: "why",
				label: __("Why"),
				fieldtype: "Select",
				options: [
					["", ""],
					["no_guardian", __("No guardian on record")],
					["not_allowed", __("No guardian may hear about the student")],
					["no_number", __("No working phone number")],
					["not_asked", __("Not asked for consent")],
					["lapsed", __("Consent expired or needs a signature")],
					["opted_out", __("Opted out")],
				].map(([value, label]) => ({ value, label })),
			},
			...(has("Student") ? [link("student", __("Student"), "Student")] : []),
		],
	};
})();
