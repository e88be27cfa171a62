// A family needs an answer now: shown on whatever screen is open, until it is opened or closed.
frappe.provide("school_dialer");

$(document).on("startup", () => {
	frappe.realtime.on("dialer_urgent", ({ conversation }) => {
		const open = `<a href="#" data-action="open" class="text-nowrap"><b>${__("Open", null, "Verb")}</b></a>`;
		frappe.show_alert(
			{ message: `${__("Urgent: a family needs an answer now.")} ${open}`, indicator: "red" },
			60,
			{ open: () => frappe.set_route("Form", "Dialer Conversation", conversation) },
		);
	});
});
