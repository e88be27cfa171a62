// What came of a campaign so far, followed while it runs: by the server's word, and by asking every few seconds where none comes.
(() => {
	const { campaign } = school_dialer;
	const { MOVING } = campaign;
	const escape = frappe.utils.escape_html;
	const POLL_SECONDS = 3;
	const UNANSWERED_SECONDS = 15;
	const QUIET_MILLISECONDS = 800;

	// In the order shown: colour, and what the state means to the school.
	const STATES = {
		Reached: ["green", __("heard or received the message")],
		Dialing: ["blue", __("on the line, or at the carrier")],
		Pending: ["gray", __("next to be called")],
		Retry: ["yellow", __("to be called again later")],
		Deferred: ["yellow", __("have to wait for calling hours, or by a limit on calls")],
		"Not Reached": ["orange", __("no answer, voicemail, hung up early or failed")],
		Unknown: ["purple", __("the carrier's answer was lost; being looked up")],
		Blocked: ["red", __("can't be called")],
		Cancelled: ["gray", __("were still waiting when it was canceled")],
	};
	const SETTLED = ["Reached", "Not Reached", "Blocked", "Cancelled"];
	const OUTCOMES = {
		Answered: __("Answered"),
		Voicemail: __("Voicemail"),
		"Hung Up Early": __("Hung up early"),
		"Words Not Fetched": __("Message not played"),
		"No Answer": __("No answer or busy"),
		Failed: __("Failed"),
		Delivered: __("Delivered"),
		Sent: __("Sent, no delivery report"),
		"Under Way": __("Under way"),
	};

	campaign.follow = (frm) => {
		if (!frm.follows) {
			frappe.realtime.on("dialer_campaign_moved", () => {
				clearTimeout(frm.moved_timer);
				frm.moved_timer = setTimeout(() => cur_frm === frm && poll(frm), QUIET_MILLISECONDS);
			});
			frm.follows = true;
		}
		poll(frm);
	};

	campaign.unfollow = (frm) => {
		clearTimeout(frm.poll_timer);
		clearTimeout(frm.moved_timer);
	};

	async function poll(frm) {
		clearTimeout(frm.poll_timer);
		const { name } = frm.doc;
		if (frm.doc.status === "Draft") return;
		const progress = await campaign.asked("progress", { campaign: name });
		if (progress === null || frm.doc.name !== name) return;
		if (!progress) return unanswered(frm);
		if (progress.status !== frm.doc.status) return frm.reload_doc();
		if (!campaign.NOT_BEGUN.includes(frm.doc.status)) {
			draw(frm, progress);
			school_dialer.answers.show(frm);
		}
		if ([...MOVING, "Scheduled", "Awaiting Approval"].includes(progress.status))
			poll_in(frm, POLL_SECONDS);
	}

	function poll_in(frm, seconds) {
		const [, doctype, name] = frappe.get_route();
		if (doctype === "Dialer Campaign" && name === frm.doc.name)
			frm.poll_timer = setTimeout(() => poll(frm), seconds * 1000);
	}

	function unanswered(frm) {
		const words = __("No connection. The numbers are older than they look.");
		campaign.strip(frm).find("[data-part=headline]").text(words);
		poll_in(frm, UNANSWERED_SECONDS);
	}

	function draw(frm, progress) {
		show_strip(frm, progress);
		const shown = JSON.stringify([frm.doc.name, progress]);
		if (frm.shown_progress === shown) return;
		frm.shown_progress = shown;
		const wrapper = frm.get_field("results_html").$wrapper;
		wrapper.html(results_html(frm, progress));
		campaign.bind_next(frm, wrapper);
	}

	campaign.show_strip = show_strip;

	// Its buttons stay the same ones while the state does, so that the focus is kept.
	function show_strip(frm, progress) {
		const strip = campaign.strip(frm);
		const key = `${frm.doc.name} ${frm.doc.status}`;
		if (strip.data("shown") !== key || !strip.find("[data-part=controls]").length) {
			strip.data("shown", key);
			campaign.fill_strip(strip, campaign.controls(frm));
		}
		strip
			.find("[data-part=headline]")
			.html(progress ? headline(progress) : `<b>${escape(__(frm.doc.status))}</b>`);
	}

	function headline({ status, total, counts, pace, estimate }) {
		if (status === "Preparing")
			return __("Reading records and checking each person: {0} so far.", [total]);
		const done = SETTLED.reduce((sum, state) => sum + (counts[state] || 0), 0);
		const parts = [__("{0} of {1} people finished, {2} reached.", [done, total, counts.Reached || 0])];
		if (status === "Running") {
			if (pace)
				parts.push(
					campaign.counted(pace, __("One call a second."), __("{0} calls a second.", [pace])),
				);
			parts.push(campaign.finish_words(estimate));
		}
		return parts.join(" ");
	}

	function results_html(frm, progress) {
		const { total, counts, next_due } = progress;
		const links = campaign.corrected_html(progress.corrected) + campaign.resent_html(progress.resent);
		if (!total) return `${links}<p class="text-muted">${__("No one has been checked yet.")}</p>`;
		const present = Object.keys(STATES).filter((state) => counts[state]);
		const rows = present.map((state) => [
			`<a class="indicator-pill ${STATES[state][0]}" href="${recipients_url(frm, `status=${encodeURIComponent(state)}`)}">${escape(__(state))}</a> <span class="text-muted">${STATES[state][1]}</span>`,
			counts[state],
		]);
		return `${links}${bar(present, counts, total)}<div class="row">${tiles(frm, progress)}</div>${carriers_html(progress.carriers)}${campaign.next_html(frm, progress)}
			${campaign.estimate_html(frm, progress.estimate, progress.spent)}${errors_html(frm, progress.errors)}
			<div class="row" data-part="results"><div class="col-sm-6">${campaign.table([__("Results"), __("People")], [...rows, [`<b>${__("All")}</b>`, `<b>${total}</b>`]])}
			${afterwards_html(frm, progress.afterwards)}
			${by_people_html(frm, progress.by_people)}
			${next_due ? `<p class="text-muted">${__("The next ones may be called from {0}.", [school_dialer.plain.minute(next_due)])}</p>` : ""}</div>
			<div class="col-sm-6">${outcomes_html(frm, progress.outcomes)}${blocked_html(frm, progress.blocked)}</div></div>
			${schools_html(progress.schools)}`;
	}

	const CARRIER_STATES = {
		closed: ["green", __("Well")],
		"half-open": ["yellow", __("Being Tried Again")],
		open: ["red", __("Not Well")],
	};

	// Which carrier takes the calls, if the school has several and one is not well, or people were called once more.
	function carriers_html(carriers) {
		if (!carriers || !carriers.length) return "";
		const again = carriers[0].told_again;
		if (!again && carriers.every((one) => one.state === "closed")) return "";
		const rows = carriers.map((one) => [
			escape(one.title),
			`<span class="indicator-pill ${CARRIER_STATES[one.state][0]}">${CARRIER_STATES[one.state][1]}</span>`,
			escape(one.words),
			one.since ? school_dialer.plain.minute(one.since) : "",
		]);
		const titles = [__("Carrier"), __("State"), __("Why"), __("Since")];
		const once_more = again
			? `<p class="text-muted">${campaign.counted(again, __("One person was called once more, because the carrier's answer was lost."), __("{0} people were called once more, because the carrier's answer was lost.", [again]))}</p>`
			: "";
		return `<div data-part="carriers" class="table-responsive" tabindex="0" role="region" aria-label="${__("Carriers")}">${campaign.table(titles, rows, 0)}</div>${once_more}`;
	}

	// A campaign of the whole district, school by school.
	function schools_html(schools) {
		if (!schools || !schools.length) return "";
		const share = ({ reached, tried }) => (tried ? `${Math.round((100 * reached) / tried)} %` : "");
		const rows = schools.map((one) => [
			one.school ? escape(one.school) : `<i>${__("The district's own")}</i>`,
			one.people,
			one.reached,
			share(one),
			one.not_reached,
			one.blocked,
			one.waiting,
		]);
		const titles = [
			__("School"),
			__("People"),
			__("Reached"),
			__("Reached % of those tried"),
			__("Not reached"),
			__("Blocked"),
			__("Waiting"),
		];
		return `<div data-part="schools" class="table-responsive" tabindex="0" role="region" aria-label="${__("Results by School")}">${campaign.table(titles, rows, titles.length)}</div>`;
	}

	function bar(present, counts, total) {
		const words = present.map((state) => `${counts[state]} ${__(state)}`).join(", ");
		const parts = present.map(
			(state) =>
				`<div class="progress-bar" title="${counts[state]} ${__(state)}" style="width: ${(100 * counts[state]) / total}%; background: var(--${STATES[state][0]}-500)"></div>`,
		);
		return `<div class="progress mb-3" style="height: 12px" role="img" aria-label="${words}">${parts.join("")}</div>`;
	}

	// The first ones add up to everybody, so that no one seems to be missing.
	function tiles(frm, { counts, opt_outs, spent, estimate }) {
		const waiting = ["Pending", "Retry", "Deferred", "Dialing", "Unknown"].reduce(
			(sum, state) => sum + (counts[state] || 0),
			0,
		);
		return [
			[counts.Reached || 0, __("reached"), "green"],
			[counts["Not Reached"] || 0, __("not reached"), "orange"],
			[waiting, __("in progress"), "blue"],
			[counts.Blocked || 0, __("can't be called"), "red"],
			...(counts.Cancelled ? [[counts.Cancelled, STATES.Cancelled[1], "gray"]] : []),
			[format_currency(spent, estimate.currency), __("spent, about"), "gray"],
			[opt_outs, __("opted out since it started"), opt_outs ? "orange" : "gray"],
		]
			.map(campaign.tile)
			.join("");
	}

	function errors_html(frm, errors) {
		if (!errors.length) return "";
		const rows = errors.map((one) => {
			const filters = `status=${encodeURIComponent(JSON.stringify(["in", "failed,undelivered,refused"]))}${one.code ? `&error_code=${encodeURIComponent(one.code)}` : ""}`;
			return [
				escape(one.words),
				`<a style="text-decoration: underline" href="/${frappe.boot.school_dialer.desk}/dialer-call-log?campaign=${encodeURIComponent(frm.doc.name)}&${filters}">${one.attempts}</a>`,
				escape(one.remedy),
			];
		});
		return `<div data-part="errors">${campaign.table([__("What went wrong"), __("Attempts"), __("What to do")], rows)}</div>`;
	}

	function outcomes_html(frm, outcomes) {
		const present = Object.keys(OUTCOMES).filter((one) => outcomes[one]);
		if (!present.length) return "";
		const most = Math.max(...present.map((one) => outcomes[one]));
		const rows = present.map((one) => [
			`${OUTCOMES[one]}<div aria-hidden="true" style="height: 4px; width: ${(100 * outcomes[one]) / most}%; background: var(--blue-500)"></div>`,
			outcomes[one],
		]);
		return `<div data-part="outcomes">${campaign.table([__("Call results"), __("Attempts")], rows)}</div>`;
	}

	function blocked_html(frm, blocked) {
		const rows = Object.entries(blocked)
			.sort((one, other) => other[1] - one[1])
			.map(([code, count]) => [
				`<a href="${recipients_url(frm, `status=Blocked&reasons=${encodeURIComponent(JSON.stringify(["like", `%${code}%`]))}`)}">${escape(school_dialer.words.reason(code))}</a>`,
				count,
			]);
		return rows.length
			? `${campaign.table([__("Not called, and why"), __("People")], rows)}<p class="text-muted">${__("One person can have several reasons.")}</p>`
			: "";
	}

	// What those got whom no call reached.
	function afterwards_html(frm, { texts, done } = { texts: {}, done: {} }) {
		const rows = Object.entries(texts).map(([state, count]) => [
			`<a href="${recipients_url(frm, `channel=Text&status=${encodeURIComponent(state)}`)}">${__("Text")}: ${state === "Reached" ? __("delivered") : escape(__(state))}</a>`,
			count,
		]);
		const others = {
			"E-mail": __("E-mail queued"),
			"No Text": __("No number for a text"),
			None: __("Neither text nor e-mail was possible"),
		};
		for (const [state, words] of Object.entries(others)) {
			if (done[state])
				rows.push([
					`<a href="${recipients_url(frm, `fallback=${encodeURIComponent(state)}`)}">${words}</a>`,
					done[state],
				]);
		}
		return rows.length
			? `<div data-part="afterwards">${campaign.table([__("After the calls"), __("People")], rows)}</div>`
			: "";
	}

	// Whom staff phone because no call reached them, and what came of it.
	function by_people_html(frm, { with_people = 0, waiting = 0, outcomes = {} } = {}) {
		const list = `/${frappe.boot.school_dialer.desk}/dialer-manual-call?campaign=${encodeURIComponent(frm.doc.name)}`;
		const row = (words, count, filter) => [`<a href="${list}&${filter}">${escape(words)}</a>`, count];
		const is_with = encodeURIComponent(JSON.stringify(["in", "Claimed,Called"]));
		const rows = [
			...(waiting ? [row(__("Wait for a call by staff"), waiting, "status=Waiting")] : []),
			...(with_people ? [row(__("Being phoned by staff"), with_people, `status=${is_with}`)] : []),
			...Object.entries(outcomes).map(([outcome, count]) =>
				row(__(outcome), count, `status=Done&outcome=${encodeURIComponent(outcome)}`),
			),
		];
		return rows.length
			? `<div data-part="by-people">${campaign.table([__("Phoned by staff"), __("Families")], rows)}</div>`
			: "";
	}

	// A few people in another time zone do not make everyone's calls last until tomorrow.
	campaign.finish_words = ({ finish, finish_now, waiting }) => {
		if (!finish) return "";
		const last = school_dialer.plain.minute(finish);
		if (!waiting) return __("First attempts are done at about {0}.", [last]);
		const later = campaign.counted(
			waiting,
			__("1 person has to wait until about {0}.", [last]),
			__("{0} people have to wait, the last until about {1}.", [waiting, last]),
		);
		return finish_now
			? `${__("First attempts are done at about {0}.", [school_dialer.plain.minute(finish_now)])} ${later}`
			: later;
	};

	// What is to come, beside what is spent if anything can be.
	function price(cost, size, most, spent) {
		if (spent === undefined)
			return most
				? __("About {0} if each is reached at once ({1}), at most {2} with all attempts.", [
						cost,
						size,
						most,
					])
				: __("At most {0} ({1}).", [cost, size]);
		return most
			? __("About {0} more if each is reached at once ({1}), at most {2} with all attempts.", [
					cost,
					size,
					most,
				])
			: __("At most {0} more ({1}).", [cost, size]);
	}

	// Before the start for everybody, and while it runs for who is left.
	campaign.estimate_html = (frm, estimate, spent) => {
		const money = (value) => format_currency(value, estimate.currency);
		const parts = [];
		if (spent !== undefined) {
			parts.push(
				frm.doc.spend_limit
					? __("About {0} of {1} spent.", [money(spent), money(frm.doc.spend_limit)])
					: __("About {0} spent.", [money(spent)]),
			);
		}
		if (estimate.calls) {
			const size = estimate.minutes
				? campaign.counted(
						estimate.minutes,
						__("One billed minute"),
						__("{0} billed minutes", [estimate.minutes]),
					)
				: campaign.counted(
						estimate.segments,
						__("1 text message"),
						__("{0} text messages", [estimate.segments]),
					);
			parts.push(
				price(
					money(estimate.cost),
					size,
					estimate.most > estimate.cost && money(estimate.most),
					spent,
				),
			);
			if (estimate.texts)
				parts.push(
					campaign.counted(
						estimate.texts,
						__("Families we can't reach by phone get a text, at most 1 message."),
						__("Families we can't reach by phone get a text, at most {0} messages in all.", [
							estimate.texts,
						]),
					),
				);
			parts.push(campaign.finish_words(estimate));
			if (spent === undefined && frm.doc.spend_limit && estimate.cost > frm.doc.spend_limit) {
				parts.push(
					`<b style="color: var(--text-on-red)">${__("That is more than the spend limit of {0}: the campaign will pause there.", [money(frm.doc.spend_limit)])}</b>`,
				);
			}
		}
		return parts.length ? `<p class="text-muted" data-part="estimate">${parts.join(" ")}</p>` : "";
	};

	function recipients_url(frm, filters) {
		return `/${frappe.boot.school_dialer.desk}/dialer-recipient?campaign=${encodeURIComponent(frm.doc.name)}&${filters}`;
	}
})();
