"""The stage of a run: settings, clock, carrier, web server, and the database and Redis that are restarted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import frappe

from dev.carrier import server as carrier_server
from dev.chaos.people import EASTERN
from dev.days import next_ordinary
from dev.demo import stage as demo
from dev.site import processes, services
from dev.site.layout import OWN, Bench
from school_dialer.base.clock import OFFSET_KEY
from school_dialer.consent.integrity import outside

UTC = timezone.utc
SENDERS = (demo.SENDER, "+13125550101")
NEEDED_PACE = 1.3
"""Requests per recipient, including retries."""
PART_OF_TIME = 0.3
"""The fraction of the time in which all requests would be made if nothing broke."""
CALLS_PER_SECOND, SLOW_CALLS, SLOW_SEGMENTS = 100, 0.2, 5
CLOSES, EVENING = time(21), timedelta(minutes=40)
TRANSACTIONS = (
	"Dialer Campaign",
	"Dialer Recipient",
	"Dialer Party",
	"Dialer Call Log",
	"Dialer Notice",
	"Dialer Review",
	"Dialer Absence Report",
	"Dialer Conversation",
	"Dialer Conversation Message",
	"Dialer Manual Call",
	"Dialer Preference Link",
	"Consent Event",
	"Consent Head",
	"Consent Anchor",
	"Contact Consent",
	"Dialer Proof Log",
	"Dialer Proof Leaf",
	"Dialer Proof Node",
	"Dialer Proof Checkpoint",
)


@dataclass
class Stage:
	bench: Bench
	carrier: carrier_server.Handle
	day: date
	"""The day, in New York, on whose evening the run begins."""

	def set_clock(self, moment: datetime) -> None:
		"""Set the clock of the site and the carrier, which share it."""
		offset = (moment - datetime.now(UTC)).total_seconds()
		config = self.bench.site_config
		demo.write(config, {**frappe.parse_json(config.read_text()), OFFSET_KEY: offset})
		frappe.conf[OFFSET_KEY] = offset
		self.carrier.control("time", {"clock_offset": offset})

	def slow_account(self) -> None:
		"""Slow the carrier down, so what the site sends at its own pace waits in the carrier's queues."""
		self.carrier.control("account", {"calls_per_second": SLOW_CALLS})
		self.carrier.control(
			"numbers", {number: {"segments_per_second": SLOW_SEGMENTS} for number in SENDERS}
		)

	def usual_account(self) -> None:
		self.carrier.control("account", {"calls_per_second": CALLS_PER_SECOND})
		self.usual_senders()

	def usual_senders(self) -> None:
		self.carrier.control("numbers", {number: {"segments_per_second": 0} for number in SENDERS})

	def forward(self, minutes: float) -> None:
		self.set_clock(self.now() + timedelta(minutes=minutes))

	def now(self) -> datetime:
		return datetime.now(UTC) + timedelta(seconds=float(frappe.conf[OFFSET_KEY]))

	@property
	def closes(self) -> datetime:
		"""The end (aware) of New York's calling hours on that evening."""
		return datetime.combine(self.day, CLOSES, EASTERN)

	def waits(self, what: str) -> int:
		"""Return how much waits at the carrier: "queued" calls or "texts" in transit."""
		return self.carrier.control("stats")["busy"][what]

	def next_morning(self, zone: ZoneInfo) -> datetime:
		"""Return five past eight of the next morning in this zone, in aware UTC."""
		return datetime.combine(self.day + timedelta(days=1), time(8, 5), zone).astimezone(UTC)


@contextmanager
def set_up(bench: Bench, seed: int, recipients: int, seconds: float, fresh: bool) -> Iterator[Stage]:
	"""Start everything but the workers, on loopback.

	It is evening in New York, shortly before the end of calling hours.
	"""
	services.up()
	day = next_ordinary(datetime.now(EASTERN).date(), in_a_row=2)
	evening = datetime.combine(day, CLOSES, EASTERN) - EVENING
	offset = (evening - datetime.now(UTC)).total_seconds()
	with ExitStack() as stack:
		journal = OWN / "chaos-carrier.jsonl"
		journal.unlink(missing_ok=True)
		carrier = carrier_server.start(seed=seed, clock_offset=offset, log=journal)
		stack.callback(carrier.stop)
		stack.enter_context(demo.site_config(bench, {demo.CARRIER_KEY: carrier.url, OFFSET_KEY: offset}))
		stack.enter_context(demo.connection(bench))
		frappe.flags.mute_emails = True
		if fresh:
			forget_everything()
		settle_settings(carrier, recipients * NEEDED_PACE / (seconds * PART_OF_TIME))
		web = services.start_web(services.ports.any_free(), name="chaos-web", door=True)
		stack.callback(lambda: processes.find("chaos-web") and web.kill())
		demo.set_public_url(web.details["url"])
		register(carrier, web.details["url"])
		yield Stage(bench, carrier, day)


def forget_everything() -> None:
	"""Empty the app's tables, as on the day of installation, so that a seed always starts from the same site.

	TRUNCATE fires no triggers: for this site only.
	"""
	for doctype in TRANSACTIONS:
		frappe.db.sql_ddl(f"truncate table `tab{doctype}`")
	frappe.db.commit()
	outside.forget()


def settle_settings(carrier: carrier_server.Handle, calls_per_second: float) -> None:
	demo.settle_settings(carrier)
	settings = frappe.get_doc("Dialer Settings")
	settings.sending_numbers = []
	for number in SENDERS:
		settings.append(
			"sending_numbers",
			{
				"phone_number": number,
				"channel": "Voice and Text",
				"calls_per_second": round(calls_per_second / len(SENDERS), 1),
				"segments_per_second": round(2 * calls_per_second / len(SENDERS), 1),
				"enabled": 1,
			},
		)
	settings.account_calls_per_second = calls_per_second
	for field in (
		"retry_after_minutes",
		"busy_after_minutes",
		"voicemail_after_minutes",
		"failed_after_minutes",
	):
		settings.set(field, 1)
	settings.save()
	frappe.db.commit()


def register(carrier: carrier_server.Handle, url: str) -> None:
	demo.register(carrier, url)
	webhook = f"{url}/api/method/school_dialer.webhooks.twilio"
	for number in SENDERS:
		carrier.control(
			"numbers",
			{number: {"sms_url": f"{webhook}.inbound_text", "voice_url": f"{webhook}.inbound_call"}},
		)
