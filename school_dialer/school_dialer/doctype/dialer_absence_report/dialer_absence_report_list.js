const ABSENCE_COLOURS = { Reported: "orange", Approved: "green", Rejected: "red", Withdrawn: "gray" };

frappe.listview_settings["Dialer Absence Report"] = {
	hide_name_column: true,
	add_fields: ["status", "kind", "from_day", "to_day"],
	filters: [["status", "in", ["Reported", "Approved"]]],

	get_indicator(doc) {
		return [__(doc.status), ABSENCE_COLOURS[doc.status], `status,=,${doc.status}`];
	},

	onload(list) {
		list.page.add_inner_button(__("Absences to Check"), () =>
			frappe.set_route("query-report", "Absences to Check"),
		);
		if (frappe.model.can_read("Student")) list.page.add_inner_button(__("New Report"), () => enter(list));
		const subject = list.get_subject_html?.bind(list);
		if (subject) list.get_subject_html = (doc) => subject(doc) + beside(doc);
	},
};

// On a phone, beside the name: what is reported, and from which day. A whole date would be cut off there.
function beside(doc) {
	const today = doc.from_day === school_dialer.today();
	const from = today ? __("today") : frappe.datetime.str_to_user(doc.from_day);
	const words = school_dialer.plain.html(`${__(doc.kind)}, ${from}`);
	return `<span class="visible-xs text-muted small ml-2 ellipsis">${words}</span>`;
}

const LATE_ARRIVAL = "eval:doc.kind=='Late arrival'";
const ABSENT = "eval:doc.kind=='Absence'";

function enter(list) {
	const choices = (values) => values.map((value) => ({ value, label: __(value) }));
	const today = school_dialer.today();
	const dialog = school_dialer.dialog({
		title: __("New Report"),
		fields: [
			{ fieldname: "student", fieldtype: "Link", options: "Student", label: __("Student"), reqd: 1 },
			{
				fieldname: "kind",
				fieldtype: "Select",
				label: __("Kind"),
				options: choices(["Absence", "Late arrival"]),
				default: "Absence",
				reqd: 1,
			},
			{ fieldname: "first_day", fieldtype: "Date", label: __("From"), default: today, reqd: 1 },
			{ fieldname: "last_day", fieldtype: "Date", label: __("To", null, "Date"), depends_on: ABSENT },
			{
				fieldname: "expected_at",
				fieldtype: "Time",
				label: __("Expected at"),
				depends_on: LATE_ARRIVAL,
			},
			{
				fieldname: "reason_given",
				fieldtype: "Select",
				label: __("Reason"),
				options: choices(["Illness", "Appointment", "Family matter", "Other", "Not said"]),
				default: "Not said",
			},
			{ fieldname: "words", fieldtype: "Small Text", label: __("In Their Words") },
		],
		primary_action_label: __("Report"),
		async primary_action(args) {
			const { message } = await frappe.call({
				method: "school_dialer.desk.inbox.absences.enter",
				type: "POST",
				args,
				freeze: true,
			});
			if (!message) return;
			dialog.hide();
			list.refresh();
		},
	});
	dialog.show();
}
