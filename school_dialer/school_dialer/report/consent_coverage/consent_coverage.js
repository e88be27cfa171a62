(() => {
	const has = (doctype) => frappe.model.can_read(doctype);
	const by = ["Student Group", "Program"].filter(has).concat(["Language", "Purpose"]);
	const { channels, purposes, district } = frappe.boot.school_dialer;
	if (district) by.push("School");
	const routine = purposes.filter((purpose) => purpose !== "Emergency");
	const translated = (values) => values.map((value) => ({ value, label: __(value) }));
	let groups = {};

	frappe.query_reports["Consent Coverage"] = {
		filters: [
			{
				fieldname: "by",
				label: __("By"),
				fieldtype: "Select",
				options: translated(by),
				default: by[0],
				reqd: 1,
			},
			{
				fieldname: "purpose",
				label: __("Purpose"),
				fieldtype: "Select",
				options: translated(routine),
				default: "General",
				reqd: 1,
			},
			{
				fieldname: "channel",
				label: __("Channel"),
				fieldtype: "Select",
				options: translated(channels),
				default: "Voice",
				reqd: 1,
			},
			{
				fieldname: "audience",
				label: __("People"),
				fieldtype: "Select",
				options: [""],
				on_change(report) {
					const chosen = report.get_filter_value("audience");
					report.get_filter("audience_name").toggle(Boolean(groups[chosen]));
					if (groups[chosen]) return report.set_filter_value("audience_name", "");
					report.refresh();
				},
			},
			{
				fieldname: "audience_name",
				label: __("Group"),
				fieldtype: "Dynamic Link",
				get_options: () => groups[frappe.query_report.get_filter_value("audience")],
				hidden: 1,
			},
		],
		async onload(report) {
			const { message } = await frappe.call({
				method: "school_dialer.desk.campaigns.audiences",
				type: "GET",
			});
			const people = message.filter((one) => one.label !== "CSV file");
			groups = Object.fromEntries(people.map((one) => [one.label, one.doctype]));
			const field = report.get_filter("audience");
			field.df.options = [
				"",
				...people.map((one) => ({ value: one.label, label: school_dialer.plain.line(one.title) })),
			];
			field.refresh();
		},
	};
})();
