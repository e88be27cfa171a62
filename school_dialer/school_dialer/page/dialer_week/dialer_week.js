// The past week on one page, in families. Its pictures are bars inside tables: a phone, a screen reader and a sheet of paper show them alike.
frappe.pages["dialer-week"].on_page_load = (wrapper) => {
	wrapper.week = new DialerWeek(wrapper);
};
frappe.pages["dialer-week"].on_page_show = (wrapper) => wrapper.week.look();

const WEEK_STYLE = `
.dialer-week { display: grid; gap: 20px; overflow-wrap: anywhere; }
.dialer-week section { break-inside: avoid; min-width: 0; }
.dialer-week table { width: 100%; table-layout: fixed; border-collapse: collapse; }
.dialer-week caption { caption-side: top; padding: 0 0 4px; text-align: start; font-size: 16px; font-weight: 600; color: inherit; }
.dialer-week th, .dialer-week td { padding: 6px 0 6px 8px; border-top: 1px solid var(--border-color, #bbb); text-align: start; vertical-align: top; font-weight: normal; }
.dialer-week th:first-child { padding-inline-start: 0; }
.dialer-week thead th { font-size: 12px; overflow-wrap: normal; }
.dialer-week thead th + th { width: clamp(76px, 14vw, 130px); }
.dialer-week thead th:first-child + th:last-child { width: clamp(110px, 14vw, 130px); }
.dialer-week tbody th::first-letter { text-transform: uppercase; }
.dialer-week td, .dialer-week thead th + th { text-align: end; font-variant-numeric: tabular-nums; }
.dialer-week td { white-space: nowrap; }
.dialer-week td a { display: inline-block; min-width: 24px; min-height: 24px; text-decoration: underline; }
.dialer-week .dialer-bar { display: block; height: 10px; margin-top: 4px; border: 1px solid; color: var(--blue-500, #1f5c99); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.dialer-week .dialer-bar i { display: block; height: 100%; background: currentColor; }`;
const WEEK_PAPER = `
@page { margin: 15mm; }
body { margin: 0; color: #000; background: #fff; font: 12px/1.4 sans-serif; }
h1 { font-size: 20px; }
a { color: inherit; }
.dialer-week td a { text-decoration: none; }`;

class DialerWeek {
	constructor(wrapper) {
		frappe.dom.set_style(WEEK_STYLE, "dialer-week-style");
		this.page = frappe.ui.make_app_page({
			parent: wrapper,
			title: __("Week at a Glance"),
			single_column: true,
		});
		this.page.set_primary_action(__("Print"), () => this.print(), "printer");
		this.$school = $(`<div class="hidden mb-3"><label for="dialer-week-school">${__("School")}</label>
			<select id="dialer-week-school" class="form-control"></select></div>`).appendTo(this.page.main);
		this.$school.on("change", "select", ({ currentTarget }) => this.choose(currentTarget.value));
		this.$status = $(`<p class="text-muted mb-0" role="status"></p>`).appendTo(this.page.main);
		this.$week = $(`<div class="frappe-card p-3 hidden dialer-week"></div>`).appendTo(this.page.main);
	}

	// The school is in the address, so that it stays on a reload.
	async look() {
		const school = frappe.get_route().slice(1).join("/");
		this.asked = school;
		this.page.btn_primary.prop("disabled", true);
		if (this.found?.school !== school) this.say(__("Counting families. This takes a few seconds."));
		try {
			const { message } = await frappe.call({
				method: "school_dialer.desk.figures.week",
				type: "GET",
				args: { school },
			});
			if (this.asked !== school) return;
			this.found = message;
			this.show();
		} catch {
			if (this.asked !== school) return;
			this.found = null;
			this.say(__("The figures did not come. Open the page again in a minute."));
		} finally {
			if (this.asked === school) this.page.btn_primary.prop("disabled", !this.found);
		}
	}

	say(text) {
		this.$status.text(text);
		this.$week.toggleClass("hidden", !!text);
	}

	show() {
		this.offer_schools();
		this.$week.html(week_html(this.found));
		this.say("");
	}

	// Who may see several schools together begins with all of them.
	offer_schools() {
		const { html } = school_dialer.plain;
		const { schools, school, alone } = this.found;
		const option = (value, words) =>
			`<option value="${html(value)}"${value === school ? " selected" : ""}>${html(words)}</option>`;
		const options = schools.map((one) => option(one, one));
		if (!alone) options.unshift(option("", __("All schools")));
		this.$school
			.toggleClass("hidden", schools.length < 2)
			.find("select")
			.html(options.join(""));
	}

	choose(school) {
		frappe.set_route(...["dialer-week", school].filter(Boolean));
	}

	// On a sheet of its own, without the Desk around it and without a dark theme.
	print() {
		if (!this.found) return;
		$(".dialer-week-sheet").remove();
		const frame = document.createElement("iframe");
		frame.className = "dialer-week-sheet";
		frame.style.cssText = "position: fixed; width: 0; height: 0; border: 0";
		frame.tabIndex = -1;
		frame.setAttribute("aria-hidden", "true");
		document.body.append(frame);
		const sheet = frame.contentWindow.document;
		const title = __("Week at a Glance");
		sheet.documentElement.lang = document.documentElement.lang;
		sheet.documentElement.dir = document.documentElement.dir;
		sheet.title = title;
		sheet.head.insertAdjacentHTML("beforeend", `<style>${WEEK_STYLE}${WEEK_PAPER}</style>`);
		sheet.body.innerHTML = `<h1>${title}</h1><div class="dialer-week">${week_html(this.found)}</div>`;
		frame.contentWindow.focus();
		frame.contentWindow.print();
	}
}

const week_number = (value) => format_number(value, null, 0);
// A date stays on one line.
const week_day = (day) =>
	frappe.datetime.str_to_user(day).replace(/[- ]/g, (one) => (one === "-" ? "\u2011" : "\u00a0"));
const week_days = ({ from, to }) =>
	from === to ? week_day(from) : __("{0} to {1}", [week_day(from), week_day(to)]);
const week_line = (text) => `<p class="mb-0">${school_dialer.plain.html(text)}</p>`;

function week_html(found) {
	const days = week_days({ from: found.since, to: found.today });
	return [
		week_line(found.school ? `${found.school}: ${days}` : days),
		...week_families(found),
		week_opt_outs(found),
		week_costs(found),
		week_trend(found),
		...week_notes(found).map(week_line),
	].join("");
}

function week_notes({ counted_at }) {
	const { minute } = school_dialer.plain;
	return [
		__("Students whose first phone number is the same are one family, counted once."),
		__(
			"A family was reached if someone heard a call, got a text, or spoke to staff about one of its children.",
		),
		__("The lists behind the figures have a row for each student, number, or campaign."),
		...(counted_at ? [__("Consent and numbers as of {0}.", [minute(counted_at)])] : []),
	];
}

// The address of a report with its filters, if the user may open it.
function week_report(found, report, filters) {
	if (!found.reports.includes(report)) return "";
	const set = Object.entries(filters).filter(([, value]) => value);
	const query = set.map(([field, value]) => `${field}=${encodeURIComponent(value)}`);
	return `/${frappe.boot.school_dialer.desk}/query-report/${encodeURIComponent(report)}?${query.join("&")}`;
}

// Who may not read students has no list of them, but the counts by group.
function week_students(found, show, by, more = {}) {
	const { since, school } = found;
	return frappe.model.can_read("Student")
		? week_report(found, "Student Reach", { show, since, school, ...more })
		: week_report(found, "Reach by Group", { by, since, school });
}

// Each row is {name, part, whole, cells}, each cell {value, href}: a number, or money in words. All is escaped here.
function week_table(title, heads, rows) {
	const { html } = school_dialer.plain;
	const columns = heads.map((head) => `<th scope="col">${html(head)}</th>`);
	const lines = rows.map((row) => {
		const cells = row.cells.map((cell, place) => week_cell(cell, `${row.name}, ${heads[place + 1]}`));
		return `<tr><th scope="row">${html(row.name)}${week_bar(row)}</th>${cells.join("")}</tr>`;
	});
	return `<section><table><caption>${html(title)}</caption>
		<thead><tr>${columns.join("")}</tr></thead><tbody>${lines.join("")}</tbody></table></section>`;
}

function week_cell({ value, href }, label) {
	const { html } = school_dialer.plain;
	const text = typeof value === "number" ? week_number(value) : value;
	if (!href) return `<td>${html(text)}</td>`;
	return `<td><a href="${html(href)}" aria-label="${html(`${label}: ${text}`)}">${html(text)}</a></td>`;
}

function week_bar({ part, whole }) {
	const width = whole ? Math.min(100, (100 * part) / whole) : 0;
	return `<span class="dialer-bar" aria-hidden="true"><i style="width: ${width}%"></i></span>`;
}

function week_families(found) {
	const { whole } = found;
	if (!whole) return [week_line(week_nothing(found))];
	const row = (name, value, show) => ({
		name,
		part: value,
		whole: whole.families,
		cells: [{ value, href: week_students(found, show, "Program") }],
	});
	const rows = [
		row(__("All families"), whole.families, "All"),
		row(__("Reached", null, "Families"), whole.reached, "Reached"),
		row(__("Not reached", null, "Families"), whole.not_reached, "Not reached"),
		row(__("Cannot be reached"), whole.unreachable, "Cannot be reached"),
	];
	return [
		week_table(__("Reached and not reached"), [__("What"), __("Families")], rows),
		...found.lists.map((list) => week_list(found, list)),
		week_why(found),
	];
}

function week_nothing({ students, counted_at, too_few, alone, school }) {
	if (!students) return __("This site has no students on record.");
	if (!counted_at) return __("The first count is under way. Look again in a few minutes.");
	if (too_few || (alone && !school)) return __("There are too few families to show.");
	return __("No family is on record yet. Students and their guardians come with the roster.");
}

function week_list(found, { by, rows }) {
	if (!rows.some(({ key }) => key)) return "";
	const field = by === "Program" ? "program" : "language";
	const lines = rows.map((row) => {
		const cell = (value, show) => ({
			value,
			href: row.key ? week_students(found, show, by, { [field]: row.key }) : "",
		});
		return {
			name: row.name,
			part: row.reached,
			whole: row.families,
			cells: [
				cell(row.reached, "Reached"),
				cell(row.not_reached, "Not reached"),
				cell(row.families, "All"),
			],
		};
	});
	const [title, head] =
		by === "Program" ? [__("By program"), __("Program")] : [__("By language"), __("Language")];
	const heads = [
		head,
		__("Reached", null, "Families"),
		__("Not reached", null, "Families"),
		__("Families"),
	];
	return week_table(title, heads, lines);
}

function week_why(found) {
	const { why, whole } = found;
	if (!whole.unreachable) return week_line(__("Every family can be called, texted, or sent an e-mail."));
	const rows = why.map(({ key, name, families }) => {
		const href = week_students(found, "Cannot be reached", "Program", { why: key });
		return { name, part: families, whole: whole.unreachable, cells: [{ value: families, href }] };
	});
	return week_table(__("Families that cannot be reached, and why"), [__("Why"), __("Families")], rows);
}

function week_opt_outs(found) {
	const most = Math.max(...found.opt_outs.map(({ families }) => families));
	const rows = found.opt_outs.map(({ from, to, families }) => {
		const href = week_report(found, "Opt-out Log and Latency", { from_date: from, to_date: to });
		const cells = [{ value: families, href }];
		return { name: week_days({ from, to }), part: families, whole: most, cells };
	});
	const title = __("Families that opted out, or whose number was wrong");
	return week_table(title, [__("Days"), __("Families")], rows);
}

function week_costs(found) {
	const most = Math.max(...found.costs.map(({ cost }) => cost));
	const names = [__("This month so far"), __("Last month until the same day"), __("All of last month")];
	const rows = found.costs.map(({ from, to, cost, shown }, place) => {
		const href = week_report(found, "Call Costs", { by: "Month", from_date: from, to_date: to });
		return { name: names[place], part: cost, whole: most, cells: [{ value: shown, href }] };
	});
	return week_table(__("Cost of calls and texts"), [__("Month"), __("Cost")], rows);
}

function week_trend(found) {
	const most = Math.max(...found.trend.map(({ families }) => families));
	if (!most) return week_line(__("No campaign called or texted a family in the last eight weeks."));
	const rows = [...found.trend].reverse().map(({ from, to, families, reached }) => {
		const href = week_report(found, "Campaign Results", { from_date: from, to_date: to });
		const cells = [reached, families].map((value) => ({ value, href }));
		return { name: week_days({ from, to }), part: reached, whole: most, cells };
	});
	const title = __("Families that campaigns called or texted, by week");
	return week_table(title, [__("Days"), __("Reached", null, "Families"), __("Families")], rows);
}
