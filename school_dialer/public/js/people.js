// The names of people whose records are known by their ids, asked for once.
frappe.provide("school_dialer");

(() => {
	const names = {};
	const key = (doctype, name) => JSON.stringify([doctype, name]);

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
})();
