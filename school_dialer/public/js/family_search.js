// The search at the head of the Desk offers to find a family by name or number. What is typed stays out of the address.
(() => {
	const { AwesomeBar } = frappe.search;
	const SHORTEST = 2;
	const AFTER_FRAPPES_OWN = 50;
	const agent = () => frappe.boot.school_dialer.roles.AGENTS.some((role) => frappe.user.has_role(role));
	const { add_defaults } = AwesomeBar.prototype;

	AwesomeBar.prototype.add_defaults = function (text) {
		add_defaults.call(this, text);
		if (text.length < SHORTEST || text.startsWith("#") || !agent()) return;
		this.options.push({
			label: `<span class="ellipsis">${__("Find {0} in Call History", [frappe.utils.escape_html(text).bold()])}</span>`,
			value: __("Find {0} in Call History", [text]),
			match: text,
			index: AFTER_FRAPPES_OWN,
			default: "Call History",
			onclick: () => look_for(text),
		});
	};

	function look_for(text) {
		school_dialer.look_for = text;
		if (frappe.get_route_str() === "dialer-number") frappe.pages["dialer-number"].numbers.show();
		else frappe.set_route("dialer-number");
	}
})();
