const EVENT_COLOURS = {
	Grant: "green",
	"Opt In": "green",
	"Opt Out": "red",
	"Wrong Number": "red",
	Expire: "orange",
};

frappe.listview_settings["Consent Event"] = {
	hide_name_column: true,
	add_fields: ["kind"],
	formatters: school_dialer.worded("channel", "purpose", "source"),

	get_indicator(doc) {
		return [__(doc.kind), EVENT_COLOURS[doc.kind] || "blue", `kind,=,${doc.kind}`];
	},

	onload(list) {
		const { roles, own_schools } = frappe.boot.school_dialer;
		if (frappe.user.has_role(roles.OFFICER) && !own_schools)
			list.page.add_inner_button(__("Verify the Ledger"), verify_ledger);
	},
};

async function verify_ledger() {
	const { message: found } = await frappe.call({
		method: "school_dialer.desk.district.ledger.verify_ledger",
		type: "POST",
		freeze: true,
		freeze_message: __("Reading every event"),
	});
	if (!found) return;
	const { html } = school_dialer.plain;
	const read = [
		__("{0} events of {1} numbers", [
			format_number(found.events, null, 0),
			format_number(found.phones, null, 0),
		]),
		__("{0} nightly signatures", [format_number(found.anchors, null, 0)]),
		__("{0} entries and {1} checkpoints of the proof log", [
			format_number(found.entries, null, 0),
			format_number(found.checkpoints, null, 0),
		]),
	];
	const problems = found.problems.map((one) => `<li>${html(one)}</li>`).join("");
	const more =
		found.count > found.problems.length
			? `<p>${__("{0} in all. The command bench dialer verify-ledger lists them.", [cint(found.count)])}</p>`
			: "";
	frappe.msgprint({
		title: found.count ? __("The Ledger Was Changed") : __("The Ledger Is Sound"),
		indicator: found.count ? "red" : "green",
		message: `${found.count ? `<ul class="pl-4">${problems}</ul>${more}` : `<p>${__("Nothing was changed since it was written.")}</p>`}
			<p class="text-muted mb-0">${__("Read: {0}.", [html(read.join("; "))])}</p>`,
	});
}
