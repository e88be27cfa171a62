frappe.ui.form.on("Dialer Campaign", {
	async setup(frm) {
		school_dialer.blank_zero(frm, "max_attempts", "most_at_once", "spend_limit");
		frm.audiences = (await school_dialer.campaign.ask("audiences")) || [];
		school_dialer.audience.offer(frm);
	},

	refresh(frm) {
		school_dialer.name_choices(frm, "channel");
		school_dialer.translate_form(frm);
		school_dialer.show_staff(frm, "requested_by", "approved_by", "mass_confirmed_by");
		const { campaign } = school_dialer;
		school_dialer.audience.offer(frm);
		school_dialer.audience.show(frm);
		frm.set_query("template", () => ({ filters: { purpose: frm.doc.purpose || undefined } }));
		if (campaign.ENDED.includes(frm.doc.status)) frm.disable_save();
		else frm.enable_save();
		show_intro(frm);
		campaign.strip(frm).empty();
		campaign.show_steps(frm);
		if (frm.is_new()) return;
		campaign.add_actions(frm);
		if (frm.doc.status !== "Draft") campaign.show_strip(frm);
		if (!campaign.NOT_BEGUN.includes(frm.doc.status)) {
			if (frm.shown_results_of !== frm.doc.name) frm.layout.select_tab("t_results");
			frm.shown_results_of = frm.doc.name;
		}
		campaign.follow(frm);
		campaign.review_if_asked(frm);
	},

	audience_source(frm) {
		school_dialer.campaign.show_steps(frm);
		return school_dialer.audience.chosen(frm);
	},

	purpose(frm) {
		frm.set_value("template", null);
		school_dialer.campaign.show_steps(frm);
	},

	audience_name(frm) {
		school_dialer.audience.show(frm);
		school_dialer.campaign.show_steps(frm);
	},

	audience_file: (frm) => school_dialer.audience.show(frm),
	reach: (frm) => school_dialer.audience.show(frm),
	template: (frm) => school_dialer.campaign.show_steps(frm),
	scheduled_at: (frm) => school_dialer.campaign.show_steps(frm),

	on_hide(frm) {
		school_dialer.campaign.unfollow(frm);
	},
});

function show_intro(frm) {
	const { campaign } = school_dialer;
	const colours = { Failed: "red", Paused: "orange", "Awaiting Approval": "orange" };
	if (frm.doc.status_message)
		frm.set_intro(frappe.utils.escape_html(frm.doc.status_message), colours[frm.doc.status] || "blue");
	else if (frm.is_new())
		frm.set_intro(
			__("Choose who is called and what they hear, then save. No one is called until you press Start."),
			"blue",
		);
	else if (frm.doc.status === "Draft" && campaign.may_write(frm))
		frm.set_intro(
			__("Press Preview audience to see who would be called, and why others would not."),
			"blue",
		);
	else if (frm.doc.status === "Awaiting Approval")
		frm.set_intro(
			campaign.waits_for_me(frm.doc)
				? __("This waits for your approval. No one has been called.")
				: __("Waiting for a second person with the role {0}. No one has been called.", [
						__(campaign.approver_of(frm.doc)),
					]),
			"orange",
		);
	else if (frm.doc.status === "Scheduled")
		frm.set_intro(__("Starts at {0}.", [frappe.datetime.str_to_user(frm.doc.scheduled_at)]), "blue");
}
