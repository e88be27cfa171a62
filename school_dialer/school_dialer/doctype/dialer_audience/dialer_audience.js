frappe.ui.form.on("Dialer Audience", {
	async setup(frm) {
		const answer = await frappe.call({ method: "school_dialer.desk.campaigns.audiences", type: "GET" });
		frm.audiences = (answer.message || []).filter((one) => one.label !== "CSV file");
		school_dialer.audience.offer(frm);
	},

	refresh(frm) {
		school_dialer.audience.offer(frm);
		school_dialer.audience.show(frm);
	},

	audience_source: (frm) => school_dialer.audience.chosen(frm),
	audience_name: (frm) => school_dialer.audience.show(frm),
});
