// Who is being asked to approve, and an approver's own phone and PIN.
frappe.provide("school_dialer.emergency");

(() => {
	const { emergency } = school_dialer;
	const html = (value) => school_dialer.plain.html(value);
	const METHODS = "school_dialer.desk.emergency_kit.items.";

	emergency.asks = (start) => {
		if (!start.waits) return "";
		if (!start.listed)
			return `<p class="mt-2 mb-0 dialer-problem">${__("No one is on call. Ask an emergency approver to open the dialer.")}</p>`;
		const how = (one) => (one.outcome === "Not asked" ? "" : `${__(one.way)}, `);
		const rows = start.asks.map(
			(one) =>
				`<li>${html(one.name)}: ${html(__(one.outcome))}${one.reason ? ` (${html(__(one.reason))})` : ""} <span class="text-muted">${html(how(one) + moment(one.at).format("LT"))}</span></li>`,
		);
		const asking = start.asks.some((one) => one.outcome === "Asked");
		const over = start.asks.length && !asking && !start.asks.some((one) => one.outcome === "No answer");
		const none = over
			? `<p class="dialer-problem mb-0">${__("No one could be asked. Phone an emergency approver.")}</p>`
			: "";
		return `<div class="mt-3"><b>${__("Asked to approve")}</b><ul class="pl-3 mb-1">${rows.join("") || `<li>${__("The first person is asked now.")}</li>`}</ul>${none}</div>`;
	};

	const PINS = { "no PIN": __("You have no PIN yet."), "PIN locked": __("Your PIN is locked for today.") };

	emergency.own = (
		own,
	) => `<h4 id="dialer-emergency-own" class="mb-2" tabindex="-1">${__("When You Are on Call")}</h4>
		<p class="mb-2">${own.number ? __("You are asked at {0}.", [html(own.number)]) : __("You have not verified a phone, so no one can ask you there.")} ${PINS[own.pin] || __("You have a PIN for approvals by call.")}</p>
		<button type="button" class="btn btn-default" data-own-number>${__("My Phone")}</button>
		<button type="button" class="btn btn-default" data-own-pin>${__("Choose a PIN")}</button>`;

	emergency.show_own = async ($part) => {
		if (!frappe.user.has_role("Dialer Emergency Approver")) return;
		try {
			const { message: own } = await frappe.call({
				method: `${METHODS}own_approvals`,
				type: "GET",
			});
			$part.removeClass("hidden").html(emergency.own(own));
		} catch {
			return;
		}
		$part.find("[data-own-number]").on("click", async () => {
			await school_dialer.own_number.change();
			emergency.show_own($part);
		});
		$part.find("[data-own-pin]").on("click", () => ask_pin(() => emergency.show_own($part)));
	};

	function ask_pin(done) {
		school_dialer.prompt(
			[
				{
					fieldname: "pin",
					fieldtype: "Password",
					label: __("PIN of 4 to 8 digits"),
					reqd: 1,
					no_validate: 1,
					description: __(
						"In a call you enter it before you hear what waits. Three wrong ones lock it for the day.",
					),
				},
			],
			async ({ pin }) => {
				await frappe.xcall(`${METHODS}choose_pin`, { pin });
				done();
			},
			__("Choose a PIN"),
			__("Save"),
		);
	}
})();
