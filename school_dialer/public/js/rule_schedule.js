// A schedule by weekdays and a time. What says more than that stays a cron expression.
frappe.provide("school_dialer.rule_schedule");

(() => {
	const WEEKLY = /^(\d{1,2}) (\d{1,2}) \* \* ([\d,*-]+)$/;
	// Cron's numbers, the week as it is written.
	const DAYS = [
		[1, __("Monday")],
		[2, __("Tuesday")],
		[3, __("Wednesday")],
		[4, __("Thursday")],
		[5, __("Friday")],
		[6, __("Saturday")],
		[0, __("Sunday")],
	];
	// The fourth of January 2026 is a Sunday.
	const short = (day) =>
		new Intl.DateTimeFormat(frappe.boot.lang.replace("_", "-"), { weekday: "short" }).format(
			new Date(2026, 0, 4 + day),
		);
	const EVERY = DAYS.map(([day]) => day);
	const CUSTOM = "custom";

	school_dialer.rule_schedule.show = (frm, wanted) => {
		const weekly = read(frm.doc.cron);
		const custom = frm.schedule_by === CUSTOM || !weekly;
		frm.toggle_display("schedule_html", wanted);
		frm.toggle_display("cron", wanted && custom);
		if (!wanted) return;
		const $field = frm.get_field("schedule_html").$wrapper;
		const shown = JSON.stringify([frm.doc.name, custom, !!frm.doc.enabled]);
		if ($field.data("shown") !== shown) {
			$field.data("shown", shown).html(html(frm, custom));
			bind(frm, $field);
		}
		if (!custom) fill($field, weekly);
	};

	// [minute, hour, weekdays], or null.
	function read(cron) {
		const found = WEEKLY.exec((cron || "").trim());
		if (!found) return null;
		const [, minute, hour, days] = found;
		const chosen = days === "*" ? EVERY : days.split(",").flatMap(range);
		const valid = Number(minute) < 60 && Number(hour) < 24 && chosen.every((day) => EVERY.includes(day));
		return valid ? [Number(minute), Number(hour), new Set(chosen)] : null;
	}

	// Sunday is 0 and 7.
	function range(part) {
		const [first, last] = part.split("-").map(Number);
		if (part.includes("*") || Number.isNaN(first)) return [NaN];
		const end = last === undefined ? first : last;
		return Array.from({ length: Math.max(end - first + 1, 1) }, (_one, place) => (first + place) % 7);
	}

	function html(frm, custom) {
		const off = frm.doc.enabled ? "disabled" : "";
		const label = `<label class="control-label">${__("Schedule")}</label>`;
		const other = (act, words) =>
			frm.doc.enabled
				? ""
				: `<button type="button" class="btn btn-xs btn-default mt-2" data-act="${act}">${words}</button>`;
		if (custom)
			return `<div class="form-group mb-1">${label}<div>${other("weekly", __("Choose weekdays and a time"))}</div></div>`;
		const days = DAYS.map(
			([day, name]) =>
				`<button type="button" class="btn btn-sm btn-default" data-day="${day}" aria-label="${name}" title="${name}" ${off}>${short(day)}</button>`,
		);
		return `<div class="form-group" data-part="schedule">${label}
			<div class="d-flex flex-wrap mb-2" style="gap: 4px" role="group" aria-label="${__("Weekdays")}">${days.join("")}</div>
			<label class="small mb-0">${__("Time")} <input type="time" class="form-control input-sm d-inline-block" style="width: auto" ${off}></label>
			<p class="help-box small text-muted mb-0">${__("In the site's time zone. No one is called outside calling hours where they live.")}</p>
			${other("custom", __("Enter a cron expression"))}</div>`;
	}

	function bind(frm, $field) {
		$field.find("[data-day]").on("click", ({ currentTarget }) => {
			const pressed = currentTarget.getAttribute("aria-pressed") === "true";
			mark($(currentTarget), !pressed);
			write(frm, $field);
		});
		$field.find("input[type=time]").on("change", () => write(frm, $field));
		$field.find("[data-act]").on("click", ({ currentTarget }) => {
			frm.schedule_by = currentTarget.dataset.act;
			if (frm.schedule_by !== CUSTOM && !read(frm.doc.cron)) frm.set_value("cron", "0 18 * * 5");
			school_dialer.rule_schedule.show(frm, true);
		});
	}

	function fill($field, [minute, hour, days]) {
		$field
			.find("[data-day]")
			.each((_place, button) => mark($(button), days.has(Number(button.dataset.day))));
		$field
			.find("input[type=time]")
			.val([hour, minute].map((one) => String(one).padStart(2, "0")).join(":"));
	}

	const mark = ($button, chosen) =>
		$button
			.attr("aria-pressed", chosen)
			.toggleClass("btn-primary", chosen)
			.toggleClass("btn-default", !chosen);

	function write(frm, $field) {
		const [hour, minute] = ($field.find("input[type=time]").val() || "18:00").split(":").map(Number);
		const days = $field
			.find("[data-day][aria-pressed=true]")
			.toArray()
			.map((button) => Number(button.dataset.day))
			.sort();
		if (!days.length) return fill($field, read(frm.doc.cron));
		frm.set_value("cron", `${minute} ${hour} * * ${days.length === 7 ? "*" : days.join(",")}`);
	}
})();
