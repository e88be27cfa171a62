// What the page of teachers' messages shows: the form, what families hear, the teacher's messages, and those that wait for approval.
frappe.provide("school_dialer.teachers");

(() => {
	const { teachers } = school_dialer;
	const html = (value) => school_dialer.plain.html(value);
	const COLOURS = { Completed: "green", Running: "blue", Preparing: "blue", Cancelled: "gray" };
	teachers.STYLE = `
.dialer-teacher { display: grid; gap: var(--margin-md); max-width: 900px; }
.dialer-teacher h4:focus { outline: none; }
.dialer-teacher .dialer-row { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
.dialer-teacher .btn { min-height: 36px; }
.dialer-teacher .dialer-field { margin-bottom: 12px; }
.dialer-teacher .dialer-field label { margin-bottom: 4px; }
.dialer-teacher select, .dialer-teacher textarea { font-size: var(--text-md); }
.dialer-teacher blockquote { margin: 4px 0 12px; padding: 10px 12px; border: 1px solid var(--border-color); border-radius: var(--border-radius-md, 8px); background: var(--control-bg); line-height: 1.5; white-space: pre-wrap; overflow-wrap: anywhere; }
.dialer-teacher li { padding: 10px 0; border-bottom: 1px solid var(--border-color); overflow-wrap: anywhere; }
.dialer-teacher li:last-child { border-bottom: 0; }
.dialer-teacher .dialer-decide { position: sticky; bottom: 0; padding: 10px 0; border-top: 1px solid var(--border-color); background: var(--card-bg, var(--fg-color)); }
.dialer-teacher .dialer-names li { padding: 2px 0; border: 0; }
.dialer-teacher .dialer-problem { color: #8f1c1c; }
[data-theme=dark] .dialer-teacher .dialer-problem { color: #ff9e9e; }
@media (max-width: 575px) { .dialer-teacher .dialer-main { width: 100%; } [data-page-route="dialer-teacher"] .page-head .page-title { min-width: 0; } }`;

	const heading = (part, words) =>
		`<h4 id="dialer-teacher-${part}" class="mb-2" tabindex="-1">${words}</h4>`;
	const at = (value) => html(moment(value).format("llll"));
	const clock = (value) => html(moment(value, "HH:mm").format("LT"));
	const families = (number) => (number === 1 ? __("1 family") : __("{0} families", [number]));

	teachers.channel = (name) => (name === "Text" ? __("Text message") : __("Phone call"));

	teachers.options = (rows, first = "") =>
		[
			first ? `<option value="">${first}</option>` : "",
			...rows.map((one) => `<option value="${html(one.name)}">${html(one.title)}</option>`),
		].join("");

	teachers.count = ({ sent, most, hours }) =>
		`${__("Messages sent today: {0} of {1}.", [sent, most])} ${__("They go out between {0} and {1}.", hours.map(clock))}`;

	teachers.write = (overview) => {
		const title = heading("write", __("Write to My Families"));
		if (!overview.groups.length)
			return `${title}<p class="mb-0">${__("You teach no group here. The school enters you as an instructor of your Student Group.")}</p>`;
		if (!overview.templates.length)
			return `${title}<p class="mb-0">${__("There is no message that teachers may use yet. A manager marks messages as such.")}</p>`;
		const select = (name, label, options) =>
			`<div class="dialer-field"><label for="dialer-teacher-${name}">${label}</label>
				<select class="form-control" id="dialer-teacher-${name}" data-choice="${name}" ${name === "channel" ? "" : "required"}>${options}</select></div>`;
		return `${title}<p class="text-muted" data-count>${teachers.count(overview)}</p>
			<form>${select("group", __("My group"), teachers.options(overview.groups, overview.groups.length > 1 ? __("Choose a group") : ""))}
			${select("template", __("Message"), "")}${select("channel", __("As"), "")}
			<div data-details></div>
			<button type="submit" class="btn btn-default dialer-main" data-preview>${__("Preview")}</button></form>`;
	};

	// The details in the school's language first.
	teachers.details = (languages, language, longest) => {
		const ordered = [language, ...languages.filter((one) => one !== language)];
		return ordered
			.map((code) => {
				const own = code === language;
				const label = own
					? __("Details")
					: __("Details in {0}", [html(school_dialer.language_name(code))]);
				const hint = own
					? __("What, when and where. No names of students, numbers or links.")
					: __("Left empty, these families hear the whole message in the school's language.");
				const id = `dialer-teacher-details-${html(code)}`;
				return `<div class="dialer-field"><label for="${id}">${label}</label>
					<textarea class="form-control" id="${id}" aria-describedby="${id}-hint" rows="2" maxlength="${cint(longest)}" lang="${html(code)}" data-language="${html(code)}" ${own ? "required" : ""}></textarea>
					<span class="text-muted small" id="${id}-hint">${hint}</span></div>`;
			})
			.join("");
	};

	const said = (messages) =>
		messages
			.map((one) =>
				one.problem
					? `<div class="text-muted small">${html(one.name)}</div><p class="dialer-problem">${html(one.problem)}</p>`
					: `<div class="text-muted small mt-2">${html(one.name)}</div><blockquote lang="${html(one.language)}" dir="auto">${html(one.message)}</blockquote>`,
			)
			.join("");

	teachers.preview = (found) => {
		const when = found.needs_approval
			? __("A manager approves it first.")
			: found.goes_out
				? __("It goes out {0}.", [at(found.goes_out)])
				: __("It goes out now. For half a minute you can take it back.");
		return `${heading("preview", __("What Families Hear"))}
			<p>${html(found.title)}. ${__("To {0} at most.", [families(found.families)])} ${when}</p>
			${said(found.messages)}
			<p class="text-muted small">${__("With example values. Families who asked for no calls, or whose number is not known, are not called.")}</p>
			<div class="dialer-row"><button type="button" class="btn btn-primary dialer-main" data-send>${found.needs_approval ? __("Ask for Approval") : __("Send")}</button>
			<button type="button" class="btn btn-default" data-back>${__("Change")}</button></div>`;
	};

	function state(row) {
		if (row.status === "Scheduled") return __("Goes out {0}", [at(row.scheduled_at)]);
		if (row.status === "Awaiting Approval") return __("Waits for a manager's approval");
		return __(row.status);
	}

	function reached(row) {
		if (!row.started_at || !row.families) return "";
		const words = row.ended
			? __("{0} of {1} reached.", [row.reached, families(row.families)])
			: __("{0} of {1} reached so far.", [row.reached, families(row.families)]);
		return `<div>${words}</div>`;
	}

	const button = (data, name, title, words) =>
		`<button type="button" class="btn btn-default btn-xs" ${data}="${html(name)}" ${data === "data-students" ? 'aria-expanded="false"' : ""} aria-label="${words}: ${html(title)}">${words}</button>`;

	teachers.mine = (rows) => {
		const items = rows.map((row) => {
			const stop = row.started_at ? __("Stop") : __("Undo");
			const buttons = [
				row.ended ? "" : button("data-stop", row.name, row.title, stop),
				row.started_at ? button("data-students", row.name, row.title, __("Students")) : "",
				row.ended ? button("data-again", row.name, row.title, __("Use Again")) : "",
			];
			return `<li><div class="dialer-row"><b>${html(row.title)}</b>
				<span class="indicator-pill ${COLOURS[row.status] || "orange"} no-indicator-dot">${html(state(row))}</span></div>
				<div class="text-muted small">${at(row.requested_at)} · ${teachers.channel(row.channel)}</div>
				${row.details ? `<div dir="auto">${html(row.details)}</div>` : ""}
				${row.status_message ? `<div class="dialer-problem">${html(row.status_message)}</div>` : ""}
				${reached(row)}<div class="dialer-row mt-1">${buttons.join("")}</div>
				<div class="dialer-names" data-names="${html(row.name)}" aria-live="polite"></div></li>`;
		});
		return `${heading("mine", __("My Messages"))}${
			items.length
				? `<ul class="list-unstyled mb-0">${items.join("")}</ul>`
				: `<p class="text-muted mb-0">${__("You have sent no message yet.")}</p>`
		}`;
	};

	teachers.students = (found, ended) => {
		const list = (title, names) =>
			names.length
				? `<div class="mt-2"><b>${title}</b><ul class="pl-3 mb-0">${names.map((name) => `<li>${html(name)}</li>`).join("")}</ul></div>`
				: "";
		const rest = ended ? __("Family not reached") : __("Family not reached yet");
		return (
			list(__("Family reached"), found.reached) + list(rest, found.not_reached) ||
			`<p class="text-muted mb-0">${__("You do not teach this group now.")}</p>`
		);
	};

	teachers.reach = (rows) => {
		const day = (one) =>
			one.reached_on ? frappe.datetime.str_to_user(one.reached_on) : __("not in the last 400 days");
		const lines = rows.map((one) => `<tr><td>${html(one.student)}</td><td>${html(day(one))}</td></tr>`);
		return `<table class="table table-sm mb-0"><thead><tr><th scope="col">${__("Student")}</th>
			<th scope="col">${__("Last Reached")}</th></tr></thead><tbody>${lines.join("")}</tbody></table>`;
	};

	teachers.waiting = (rows) => {
		const title = heading("waiting", __("Teachers' Messages to Approve"));
		if (!rows.length)
			return `${title}<p class="text-muted mb-0">${__("No message waits for approval.")}</p>`;
		const items = rows.map(
			(
				row,
			) => `<li><label class="dialer-row mb-1"><input type="checkbox" data-pick value="${html(row.name)}"> <b>${html(row.title)}</b></label>
				<div class="text-muted small">${[
					row.teacher,
					row.school,
					families(row.families),
					teachers.channel(row.channel),
				]
					.filter(Boolean)
					.map(html)
					.join(
						" · ",
					)} · ${__("asked {0}", [at(row.requested_at)])} · ${__("until {0}", [at(row.deadline)])}</div>
				${row.problem ? `<p class="dialer-problem mb-1">${html(row.problem)}</p>` : ""}${said(row.messages)}</li>`,
		);
		return `${title}<label class="dialer-row"><input type="checkbox" data-pick-all> ${__("All")}</label>
			<ul class="list-unstyled">${items.join("")}</ul>
			<div class="dialer-row dialer-decide"><button type="button" class="btn btn-primary" data-approve>${__("Approve")}</button>
			<button type="button" class="btn btn-default" data-send-back>${__("Send Back")}</button>
			<span class="text-muted" data-picked role="status"></span></div>`;
	};
})();
