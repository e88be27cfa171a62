// Is the dialer well: each check with its state and what to do, the worst first. It looks when it is opened, and when asked again.
frappe.pages["dialer-health"].on_page_load = (wrapper) => {
	wrapper.health = new DialerHealth(wrapper);
};
frappe.pages["dialer-health"].on_page_show = (wrapper) => wrapper.health.look();

const HEALTH_STATES = {
	fail: [__("Needs attention now"), "red", 0],
	warn: [__("Look at this soon"), "orange", 1],
	ok: [__("Fine"), "green", 2],
};
const HEALTH_CHECKS = {
	safe_mode: __("After a restore"),
	settings: __("Settings"),
	scheduler: __("Scheduler"),
	workers: __("Background workers"),
	due: __("Calls that are due"),
	callbacks: __("Reports of the carrier"),
	notices: __("Confirmation texts"),
	late_texts: __("Texts that came late"),
	queue_redis: __("Queue's Redis"),
	job_ids: __("Jobs of the scheduler"),
	failed_jobs: __("Failed jobs"),
	disk: __("Disk"),
	database: __("Protection in the database"),
	anchors: __("Signature of the consent ledger"),
	policies: __("Rules of law"),
	court_orders: __("Numbers under court orders"),
	desk_rules: __("Rules of the Desk"),
	area_codes: __("Area codes"),
	pdf: __("PDF files"),
	incoming: __("Where texts and calls go"),
	declined: __("Calls that phones decline"),
	rosters: __("Nightly roster import"),
	alert_feeds: __("Feeds of public alerts"),
	proof: __("Proof log"),
	accounts: __("Answers of the carriers"),
	carrier: __("Carrier and clock"),
	certificate: __("Certificate"),
};

class DialerHealth {
	constructor(wrapper) {
		this.page = frappe.ui.make_app_page({
			parent: wrapper,
			title: __("Dialer Health"),
			single_column: true,
		});
		this.page.set_primary_action(__("Check again"), () => this.look(), "refresh");
		this.$found = $(`<div class="frappe-card p-3 dialer-health" aria-live="polite"></div>`).appendTo(
			this.page.main,
		);
	}

	async look() {
		if (this.looking) return;
		this.looking = true;
		this.page.btn_primary.prop("disabled", true);
		this.show_text(__("Checking. This takes a few seconds."));
		try {
			const { message } = await frappe.call({ method: "school_dialer.desk.health.look", type: "POST" });
			this.show(message);
		} catch {
			this.show_text(
				__(
					"The checks did not answer. Check again in a minute; if it stays so, ask IT to look at the server.",
				),
			);
		} finally {
			this.looking = false;
			this.page.btn_primary.prop("disabled", false);
		}
	}

	show_text(text) {
		this.$found.html(`<p class="text-muted py-4 mb-0">${frappe.utils.escape_html(text)}</p>`);
	}

	show(answer) {
		if (!answer || !answer.checks.length) return this.show_text(__("Nothing was checked."));
		const rows = [...answer.checks].sort(
			(one, other) => HEALTH_STATES[one.state][2] - HEALTH_STATES[other.state][2],
		);
		this.$found.html(`
			<h5 class="mb-3">${answer.state === "ok" ? __("All is well.") : HEALTH_STATES[answer.state][0]}</h5>
			<ul class="list-unstyled mb-0">${rows.map(health_row).join("")}</ul>`);
	}
}

function health_row(one) {
	const [words, color] = HEALTH_STATES[one.state];
	const escape = frappe.utils.escape_html;
	return `<li class="py-2" data-check="${escape(one.name)}" data-state="${escape(one.state)}" style="border-top: 1px solid var(--border-color)">
		<div class="d-flex flex-wrap align-items-center" style="gap: var(--margin-sm)">
			<strong>${escape(HEALTH_CHECKS[one.name] || one.name)}</strong>
			<span class="indicator-pill ${color}">${words}</span>
		</div>
		<div style="overflow-wrap: anywhere">${escape(one.text)}</div></li>`;
}
