const escape_html = frappe.utils.escape_html;
const CASE_COLOURS = {
	Waiting: "yellow",
	"In Campaign": "green",
	Withdrawn: "gray",
	Dropped: "red",
	"Too Late": "orange",
	Skipped: "gray",
};

frappe.ui.form.on("Dialer Rule Run", {
	async refresh(frm) {
		school_dialer.show_translated(frm, "message");
		const name = frm.doc.name;
		const found = await ask("cases", { run_name: name }, "GET");
		if (frm.doc.name !== name) return;
		frm.page.set_title(
			`${frappe.utils.get_link_title("Dialer Rule", frm.doc.rule) || frm.doc.rule}, ${frappe.datetime.str_to_user(frm.doc.day)}`,
		);
		frm.get_field("cases_html").$wrapper.html(cases_html(found.rows, found.not_shown));
		frm.add_custom_button(__("Campaigns"), () =>
			frappe.set_route("List", "Dialer Campaign", { rule_run: name }),
		);
		show_question(frm, found.count);
	},
});

function show_question(frm, count) {
	const { campaign } = school_dialer;
	const strip = campaign.strip(frm).empty();
	const waits = frm.doc.status === "Needs Review";
	strip.toggle(waits && frappe.model.can_create("Dialer Campaign"));
	if (!waits) return;
	frm.set_intro(
		__(
			"The rule found {0} students, more than usual. Please check this list before we call anyone else.",
			[count],
		),
		"orange",
	);
	campaign.fill_strip(strip, [
		[__("Approve and call"), "btn-primary", () => approve(frm, count)],
		[__("Don't call"), "btn-default", () => drop(frm)],
	]);
	strip.find("[data-part=headline]").html(`<b>${__("Needs Review")}</b>`);
}

function ask(method, args, type = "POST") {
	return frappe
		.call({ method: `school_dialer.desk.rules.${method}`, type, args, freeze: type === "POST" })
		.then((answer) => answer.message);
}

function approve(frm, count) {
	const dialog = school_dialer.dialog({
		title: count === 1 ? __("Call about one student?") : __("Call about {0} students?", [count]),
		fields: [
			{
				fieldtype: "HTML",
				options: `<p>${__("A register submitted by mistake has misinformed families before. Type the number to confirm that you checked the list.")}</p>`,
			},
			{ fieldname: "typed", fieldtype: "Int", label: __("Number of students"), reqd: 1 },
		],
		primary_action_label: __("Approve and call"),
		primary_action({ typed }) {
			if (typed !== count) {
				frappe.msgprint({
					title: __("That number doesn't match"),
					message: __("There are {0} on the list.", [count]),
					indicator: "orange",
				});
				return;
			}
			ask("approve", { run_name: frm.doc.name, count }).then(() => {
				dialog.hide();
				frm.reload_doc();
			});
		},
	});
	dialog.show();
}

function drop(frm) {
	school_dialer.prompt(
		{ fieldname: "reason", fieldtype: "Small Text", label: __("Why no one should be called"), reqd: 1 },
		({ reason }) => ask("drop", { run_name: frm.doc.name, reason }).then(() => frm.reload_doc()),
		__("Don't call any of them"),
		__("Don't call"),
	);
}

function cases_html(rows, not_shown) {
	const more = not_shown
		? `<p class="text-muted" data-part="not-shown">${__("Not shown, since you may not read their records: {0}", [not_shown])}</p>`
		: "";
	if (!rows.length && more) return more;
	if (!rows.length) return `<p class="text-muted">${__("Nothing was found.")}</p>`;
	const body = rows
		.map(
			(row) => `<tr><td>${escape_html(row.student_name || row.student || row.details || "")}</td>
			<td><span class="indicator-pill ${CASE_COLOURS[row.status] || ""}">${escape_html(__(row.status))}</span></td>
			<td>${escape_html(row.reason || "")}</td>
			<td>${row.campaign ? `<a href="/${frappe.boot.school_dialer.desk}/dialer-campaign/${encodeURIComponent(row.campaign)}">${escape_html(row.campaign)}</a>` : ""}</td></tr>`,
		)
		.join("");
	return `<div class="table-responsive"><table class="table table-sm"><thead><tr><th scope="col">${__("About")}</th><th scope="col">${__("State")}</th><th scope="col">${__("Why")}</th><th scope="col">${__("Campaign")}</th></tr></thead><tbody>${body}</tbody></table></div>${more}`;
}
