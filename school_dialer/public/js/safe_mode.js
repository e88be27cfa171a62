// After a restore from a backup: a banner on every page of the Desk until Safe mode has ended.
frappe.provide("school_dialer");

$(document).on("startup", () => {
	const found = frappe.boot.school_dialer?.safe_mode;
	if (!found) return;
	const roles = [
		"System Manager",
		"Dialer Manager",
		"Dialer Compliance Officer",
		"Dialer Emergency Approver",
	];
	if (!roles.some((role) => frappe.user.has_role(role))) return;
	const link = $("<a>", { href: "#", class: "text-nowrap bold" })
		.text(__("Open", null, "Verb"))
		.on("click", (event) => {
			event.preventDefault();
			frappe.set_route("Form", "Dialer Restore", found.name);
		});
	const banner = $("<div>", {
		id: "dialer-safe-mode",
		class: "alert alert-danger text-center mb-0",
		role: "alert",
		style: "border-radius: 0",
	});
	banner.append($("<span>").text(found.sentence), " ", link);
	$("body").prepend(banner);
});
