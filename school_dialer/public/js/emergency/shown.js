// What the emergency page shows: the buttons, the confirmation, and how a start goes.
frappe.provide("school_dialer.emergency");

(() => {
	const { emergency } = school_dialer;
	const html = (value) => school_dialer.plain.html(value);
	emergency.STYLE = `
.dialer-emergency { display: grid; gap: 12px; max-width: 640px; margin: 0 auto; }
.dialer-emergency section:empty { display: none; }
.dialer-emergency h4:focus { outline: none; }
.dialer-emergency .dialer-big { display: block; width: 100%; min-height: 64px; padding: 12px 16px; font-size: 18px; font-weight: 600; white-space: normal; text-align: start; overflow-wrap: anywhere; border-radius: 10px; }
.dialer-emergency .dialer-big small { display: block; font-size: 14px; font-weight: 400; }
.dialer-emergency .dialer-big + .dialer-big { margin-top: 10px; }
.dialer-emergency .dialer-go { text-align: center; color: #fff; background: #b01818; border-color: #b01818; }
.dialer-emergency .dialer-go:disabled { color: #5c5c5c; background: #e4e4e4; border-color: #e4e4e4; opacity: 1; }
.dialer-emergency .dialer-back { text-align: center; }
.dialer-emergency blockquote { margin: 8px 0 12px; padding: 12px; border: 1px solid var(--border-color); border-radius: 8px; background: var(--control-bg); font-size: 16px; line-height: 1.5; white-space: pre-wrap; overflow-wrap: anywhere; }
.dialer-emergency .dialer-sure { display: flex; gap: 12px; align-items: center; min-height: 56px; margin: 0 0 12px; padding: 10px 12px; border: 2px solid var(--border-color); border-radius: 10px; font-size: 16px; }
.dialer-emergency .dialer-sure input { --checkbox-size: 26px; flex: none; width: 26px; min-width: 26px; height: 26px; margin: 0; }
.dialer-emergency textarea.form-control { height: 72px; min-height: 72px; font-size: 16px; }
.dialer-emergency .dialer-numbers { display: flex; flex-wrap: wrap; gap: 8px 24px; margin: 12px 0 0; }
.dialer-emergency .dialer-numbers b { display: block; font-size: 26px; line-height: 1.1; }
.dialer-emergency [data-groups] .btn { display: inline-flex; align-items: center; min-height: 44px; font-size: 16px; }
.dialer-emergency .dialer-problem { color: #8f1c1c; }
[data-theme=dark] .dialer-emergency .dialer-problem { color: #ff9e9e; }
@media (max-width: 575px) { [data-page-route="dialer-emergency"] .page-head .page-title { min-width: 0; } }`;

	const heading = (part, words) =>
		`<h4 id="dialer-emergency-${part}" class="mb-3" tabindex="-1">${words}</h4>`;
	const clock = (value) => html(moment(value).format("LT"));

	emergency.people = (item) => {
		if (item.kind === "Staff safety")
			return item.people === 1 ? __("1 person of the staff") : __("{0} of the staff", [item.people]);
		return item.people === 1 ? __("1 phone number") : __("{0} phone numbers", [item.people]);
	};

	const as = (item) => (item.channel === "Text" ? __("text") : __("call"));

	// The person who can mend it gets the way there.
	const nothing = () =>
		frappe.model.can_create("Dialer Emergency Kit Item")
			? `<p>${__("There is nothing here that you may start.")}</p><a class="btn btn-default" href="/${frappe.boot.school_dialer.desk}/dialer-emergency-kit-item">${__("Prepare the emergency kit")}</a>`
			: `<p class="mb-0">${__("There is nothing here that you may start. A manager prepares the emergency kit.")}</p>`;

	emergency.items = (items) => {
		if (!items.length) return `${heading("pick", __("What Happened?"))}${nothing()}`;
		const buttons = items.map((item) => {
			const why = item.problem || (item.ready ? "" : __("Not approved as it is now"));
			const about = [item.school, emergency.people(item), as(item)]
				.filter(Boolean)
				.map(html)
				.join(" · ");
			return `<button type="button" class="btn btn-default dialer-big" data-pick="${html(item.name)}" ${why ? "disabled" : ""}>${html(item.title)}<small>${about}</small>${why ? `<small class="dialer-problem">${html(why)}</small>` : ""}</button>`;
		});
		return `${heading("pick", __("What Happened?"))}${buttons.join("")}`;
	};

	emergency.details_about = ({ details_missing, language }) =>
		(details_missing || []).length
			? __("Families who speak {0} get the message in their language and these details in {1}.", [
					html(details_missing.map(school_dialer.language_name).join(", ")),
					html(school_dialer.language_name(language)),
				])
			: "";

	emergency.confirm = (item, longest) => {
		const details = item.details
			? `<label for="dialer-emergency-details">${__("Details, if there are any")}</label>
				<textarea id="dialer-emergency-details" class="form-control mb-2" rows="2" maxlength="${cint(longest)}" aria-describedby="dialer-emergency-details-about"></textarea>
				<p class="text-muted" id="dialer-emergency-details-about">${emergency.details_about(item)}</p>`
			: "";
		return `${heading("confirm", html(item.title))}
			<p class="mb-1">${__("In {0}:", [html(school_dialer.language_name(item.language))])}</p>
			<blockquote lang="${html(item.language)}" dir="auto">${html(item.words)}</blockquote>
			<p class="text-muted">${item.languages.length ? __("Also written in: {0}.", [html(item.languages.map(school_dialer.language_name).join(", "))]) : ""} ${__("A second person approves it before the first call.")}</p>
			${item.outdated ? `<p class="dialer-problem">${html(item.outdated)}</p>` : ""}
			${details}
			<label class="dialer-sure"><input type="checkbox" data-sure> <span>${__("This message, to {0}", [`<b>${html(emergency.people(item))}</b>`])}</span></label>
			<button type="button" class="btn dialer-big dialer-go" data-start disabled>${__("Start")}</button>
			${item.drill ? `<button type="button" class="btn btn-default dialer-big dialer-back" data-drill>${__("Start a drill instead")}</button>` : ""}
			<button type="button" class="btn btn-default dialer-big dialer-back" data-back>${__("Back")}</button>`;
	};

	emergency.confirm_drill = (item) => `${heading("confirm", __("Drill: {0}", [html(item.title)]))}
		<p class="mb-1">${__("In {0}:", [html(school_dialer.language_name(item.language))])}</p>
		<blockquote lang="${html(item.language)}" dir="auto">${html(item.drill)}</blockquote>
		<p class="text-muted">${__("A drill says so first and last, in each language, and nothing else. Consent and calling hours hold for it.")}</p>
		<label class="dialer-sure"><input type="checkbox" data-sure> <span>${__("This drill, to {0}", [`<b>${html(emergency.people(item))}</b>`])}</span></label>
		<button type="button" class="btn btn-primary dialer-big dialer-back" data-start data-is-drill disabled>${__("Start the drill")}</button>
		<button type="button" class="btn btn-default dialer-big dialer-back" data-back>${__("Back")}</button>`;

	emergency.asked = (request, questions) => `${heading("sent", html(request.title))}
		<p><b>${__("Is this right?")}</b></p><ul class="pl-3">${questions.map((one) => `<li>${html(one.sentence)}</li>`).join("")}</ul>
		<button type="button" class="btn btn-primary dialer-big dialer-back" data-agree>${__("Yes, start the drill")}</button>
		<button type="button" class="btn btn-default dialer-big dialer-back" data-drop>${__("Do not send it")}</button>`;

	emergency.waiting = (request) => `${heading("sent", html(request.title))}
		<p class="mb-1"><b>${__("Not received by the server yet.")}</b></p>
		<p class="text-muted">${__("Pressed at {0}. This phone keeps sending it. Leave this page open.", [clock(request.pressed)])}</p>
		<button type="button" class="btn btn-default dialer-big dialer-back" data-drop>${__("Do not send it")}</button>`;

	emergency.old = (request) => `${heading("sent", html(request.title))}
		<p><b>${__("This has waited in the phone since {0}.", [clock(request.pressed)])}</b> ${__("Is it still meant?")}</p>
		<button type="button" class="btn dialer-big dialer-go" data-again>${__("Yes, start it now")}</button>
		<button type="button" class="btn btn-default dialer-big dialer-back" data-drop>${__("Do not send it")}</button>`;

	emergency.refused = (request, why) => `${heading("sent", html(request.title))}
		<p class="dialer-problem"><b>${__("Not started.")}</b> ${html(why)}</p>
		<button type="button" class="btn btn-default dialer-big dialer-back" data-back>${__("Back")}</button>`;

	const number = (count, label) => `<span><b>${cint(count)}</b> ${label}</span>`;

	emergency.state = (start) => {
		const numbers = start.planned
			? `<div class="dialer-numbers">${[
					number(start.reached, __("reached")),
					number(start.open, __("waiting")),
					number(start.not_reached, __("not reached")),
					start.not_called ? number(start.not_called, __("not called")) : "",
				].join("")}</div>`
			: "";
		const where = start.waits
			? __("Waiting for the second person.")
			: start.planned
				? __(start.status)
				: start.ended
					? __(start.status)
					: __("Approved. The first calls are about to start.");
		return `<p class="mb-1"><b>${__("Received at {0} by the server.", [clock(start.received_at)])}</b></p>
			<p class="mb-0">${html(where)} ${html(start.message)}</p>${numbers}${emergency.asks(start)}`;
	};

	emergency.started = (start) => `${heading("sent", html(start.title))}
		<div data-state aria-live="polite">${emergency.state(start)}</div>
		<div data-groups></div>
		<button type="button" class="btn btn-default dialer-big dialer-back mt-3" data-back>${__("Back to the buttons")}</button>`;

	emergency.recent = (starts) =>
		starts.length
			? `${heading("recent", __("Started Today"))}${starts
					.map(
						(start) =>
							`<button type="button" class="btn btn-default dialer-big" data-follow="${html(start.name)}">${html(start.title)}<small>${clock(start.received_at)} · ${html(start.waits ? __("Waiting for the second person.") : __(start.status))}</small></button>`,
					)
					.join("")}`
			: "";
})();
