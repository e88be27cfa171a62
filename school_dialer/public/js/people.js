// The names of people whose records are known by their ids, asked for once, and whom a field names.
frappe.provide("school_dialer");

(() => {
	const names = {};
	const key = (doctype, name) => JSON.stringify([doctype, name]);
	const PEOPLE = ["Guardian", "Student", "Employee", "Contact", "CRM Lead", "Lead", "Customer"];
	const KINDS = {
		person: "person_doctype",
		reached_person: "reached_doctype",
		student: "student_doctype",
		guardian: "guardian_doctype",
	};
	const ALWAYS = {
		student: "Student",
		call_guardian: "Guardian",
		text_guardian: "Guardian",
		mail_guardian: "Guardian",
	};

	school_dialer.name_of = (doctype, name) => names[key(doctype, name)] || "";

	// Asks for the names that are not known yet, of pairs of DocType and id. Returns whether any came.
	school_dialer.ask_names = async (pairs) => {
		const unknown = pairs.filter(([doctype, name]) => doctype && name && !(key(doctype, name) in names));
		const agent = frappe.boot.school_dialer.roles.AGENTS.some((role) => frappe.user.has_role(role));
		if (!unknown.length || !agent) return false;
		const { message } = await frappe.call({
			method: "school_dialer.desk.numbers.names_of",
			type: "POST",
			args: { people: unknown },
		});
		for (const [doctype, name] of unknown) names[key(doctype, name)] = "";
		for (const { doctype, name, title } of message || []) names[key(doctype, name)] = title;
		return Boolean(message?.length);
	};

	// The field beside it that says of which kind the record is.
	school_dialer.kind_field = ({ fieldname, fieldtype, options }) =>
		fieldtype === "Dynamic Link" ? options : KINDS[fieldname];

	// Whom a field names, as pairs of DocType and id: one person, or a list as JSON.
	school_dialer.whom = (df, doc) => {
		const value = doc[df.fieldname];
		if (!value || typeof value !== "string") return [];
		if (df.fieldname === "students") return listed(value).map((name) => ["Student", name]);
		if (df.fieldname === "people") return listed(value).map((one) => [one?.doctype, one?.name]);
		if (!["Data", "Dynamic Link"].includes(df.fieldtype)) return [];
		const kind = doc[school_dialer.kind_field(df)] || ALWAYS[df.fieldname];
		return PEOPLE.includes(kind) ? [[kind, value]] : [];
	};

	function listed(value) {
		try {
			const found = JSON.parse(value);
			return Array.isArray(found) ? found : [];
		} catch {
			return [];
		}
	}
})();
