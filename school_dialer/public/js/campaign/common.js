// What the parts of a campaign's form share: asking the server, and a few pieces of HTML.
frappe.provide("school_dialer.campaign");

Object.assign(school_dialer.campaign, {
	MOVING: ["Preparing", "Running"],
	NOT_BEGUN: ["Draft", "Awaiting Approval", "Scheduled"],
	ENDED: ["Completed", "Cancelled", "Failed"],
	APPROVER: frappe.boot.school_dialer.roles.APPROVER,
	LEGIBLE: { background: "var(--red-700)", "border-color": "var(--red-700)" },
	// Whose word a campaign waits for: an emergency's approver, a manager for a teacher's message, or the officer for a survey about
	// protected topics.
	approver_of(doc) {
		const { roles } = frappe.boot.school_dialer;
		if (doc.purpose === "Emergency") return roles.APPROVER;
		return doc.teacher ? roles.MANAGER : roles.OFFICER;
	},

	waits_for_me(doc) {
		return frappe.user.has_role(this.approver_of(doc)) && doc.requested_by !== frappe.session.user;
	},

	ask(method, args, options = {}) {
		return frappe
			.call({
				method: `school_dialer.desk.campaigns.${method}`,
				type: options.post ? "POST" : "GET",
				args,
				...options.call,
			})
			.then((answer) => answer.message);
	},

	// Undefined where no answer came: who follows something asks again. Null where the site refused, and has said why.
	async asked(method, args) {
		try {
			return await this.ask(method, args);
		} catch (refused) {
			if (refused instanceof Error) throw refused;
			return school_dialer.is_unanswered(refused) ? undefined : null;
		}
	},

	act(frm, method, args = {}, freeze_message = null) {
		return this.ask(
			method,
			{ campaign: frm.doc.name, ...args },
			{ post: true, call: { freeze: true, freeze_message } },
		);
	},

	async saved(frm) {
		if (frm.is_dirty()) await frm.save();
		return !frm.is_dirty();
	},

	// A check holds for the campaign as it was saved, also after the page was loaded again.
	note_check(frm) {
		sessionStorage.setItem(`dialer-checked ${frm.doc.name}`, frm.doc.modified);
		this.show_steps(frm);
	},

	is_checked: (frm) =>
		!frm.is_dirty() && sessionStorage.getItem(`dialer-checked ${frm.doc.name}`) === frm.doc.modified,

	// One of two translated sentences, which have the number for {0} already.
	counted: (number, one, many) => (number === 1 ? one : many),

	may_write: (frm) => !!(frm.perm[0] && frm.perm[0].write),

	tile: ([value, words, colour]) =>
		`<div class="col-6 col-sm-4 mb-3"><div class="border rounded p-3 h-100"><div style="font-size: var(--text-2xl, 20px); font-weight: 600">${value}</div>
		<span class="indicator ${colour}"></span> ${frappe.utils.escape_html(words)}</div></div>`,

	// Rows are [html, count, ...more html]; titles name the columns. The first `counts` columns after the first hold numbers.
	table(titles, rows, counts = 1) {
		if (!rows.length) return "";
		const right = (place) =>
			place && place <= counts ? ` class="text-right ${titles.length > 2 ? "pr-3" : ""}"` : "";
		const head = titles.map((title, place) => `<th scope="col"${right(place)}>${title}</th>`).join("");
		const lines = rows
			.map(
				(cells) =>
					`<tr>${cells.map((cell, place) => `<td${right(place)}>${cell}</td>`).join("")}</tr>`,
			)
			.join("");
		return `<table class="table table-sm"><thead><tr>${head}</tr></thead><tbody>${lines}</tbody></table>`;
	},

	// The strip above the fields: the steps of a draft, or the state of what runs, which stays in sight while the form scrolls.
	// It stands before the layout: Frappe gives the focus of a new form to the first button or field in there.
	strip(frm) {
		let strip = frm.layout.wrapper.siblings(".dialer-strip");
		if (!strip.length) {
			strip = $('<div class="dialer-strip"></div>').insertBefore(frm.layout.wrapper);
			strip.css({
				"z-index": 4,
				background: "var(--fg-color, var(--card-bg))",
				padding: "var(--padding-sm, 8px) var(--padding-md, 15px)",
				"border-bottom": "1px solid var(--border-color)",
				"border-radius": "var(--border-radius-md, 8px) var(--border-radius-md, 8px) 0 0",
			});
			this.keep_below(frm.page.wrapper.find(".page-head")[0], strip);
		}
		strip.css("position", frm.doc.status === "Draft" ? "static" : "sticky");
		return strip;
	},

	// A headline beside buttons, each as [label, class, action]. On a phone, Frappe hides those at the head of a form in a menu.
	// Who pressed one stays among them, also by keyboard, when other ones take their place.
	fill_strip(strip, buttons) {
		strip.empty()
			.append(`<div class="d-flex flex-wrap align-items-center justify-content-between" style="gap: 8px">
			<div data-part="headline" role="status" style="flex: 1 1 200px"></div><div data-part="controls" class="d-flex" style="gap: 8px"></div></div>`);
		for (const [label, colour, action] of buttons) {
			$(`<button type="button" class="btn btn-sm ${colour}"></button>`)
				.css(colour === "btn-danger" ? this.LEGIBLE : {})
				.text(label)
				.on("click", action)
				.on("click", () => strip.data("pressed", true))
				.appendTo(strip.find("[data-part=controls]"));
		}
		if (strip.data("pressed") && document.activeElement === document.body)
			strip.find("[data-part=controls] button").first().trigger("focus");
		strip.data("pressed", false);
	},

	// The page's head sticks where this version of Frappe puts it, with or without a bar above, and grows with its title.
	keep_below(head, strip) {
		const place = () => {
			const { position, top } = getComputedStyle(head);
			const sticks = ["sticky", "fixed"].includes(position);
			strip.css("top", `${sticks ? (parseFloat(top) || 0) + head.offsetHeight : 0}px`);
		};
		new ResizeObserver(place).observe(head);
		place();
	},
});
