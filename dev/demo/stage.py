"""The stage: carrier, school, settings, web server and workers.

What was started is stopped again, and the site configuration is restored.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import frappe

from dev.carrier import server as carrier_server
from dev.days import last_ordinary, next_ordinary
from dev.school import users
from dev.school.load import load
from dev.site import services
from dev.site.desk import note_logins
from dev.site.layout import OWN, Bench, current

UTC = timezone.utc
MORNING = time(16, 30)
"""In UTC: half past ten in Chicago, half past six in Honolulu, so that some people are asleep."""
WESTERNMOST = ZoneInfo("Pacific/Honolulu")
"""Where a day begins last."""
SENDER = "+13125550100"
TOLL_FREE = "+18005550143"
"""The opt-out number left on voicemail."""
CARRIER_KEY, CLOCK_KEY = "school_dialer_carrier_url", "school_dialer_clock_offset"
WORKERS = 2


@dataclass
class Stage:
	bench: Bench
	carrier: carrier_server.Handle
	url: str
	offset: float


@contextmanager
def set_up(seed: int) -> Iterator[Stage]:
	"""Start everything on loopback, with the site's clock at a school morning."""
	bench = current()
	if bench.owned:
		services.up()
	offset = to_last_morning(datetime.now(UTC))
	with ExitStack() as stack:
		journal = OWN / "carrier.jsonl"
		journal.unlink(missing_ok=True)
		carrier = carrier_server.start(seed=seed, clock_offset=offset, log=journal)
		stack.callback(carrier.stop)
		stack.enter_context(site_config(bench, {CARRIER_KEY: carrier.url, CLOCK_KEY: offset}))
		stack.enter_context(connection(bench))
		frappe.flags.mute_emails = True
		load()
		settle_settings(carrier)
		frappe.db.commit()
		if bench.owned:
			note_logins(users.logins())
		web = services.start_web()
		stack.callback(web.stop)
		set_public_url(web.details["url"])
		register(carrier, web.details["url"])
		for worker in services.start_worker(n=WORKERS):
			stack.callback(worker.stop)
		yield Stage(bench, carrier, web.details["url"], offset)


def to_morning(now: datetime) -> float:
	"""Return the seconds from now to half past ten, Chicago time, of the next ordinary day."""
	return seconds_to(next_ordinary(now.date()), now)


def to_last_morning(now: datetime) -> float:
	"""Return the seconds from now, usually negative, to half past ten of the last ordinary day.

	That day has begun everywhere. For taking attendance: Education takes none for a future day, and it does
	not use the dialer's clock.
	"""
	return seconds_to(last_ordinary(now.astimezone(WESTERNMOST).date()), now)


def seconds_to(day: date, now: datetime) -> float:
	return round((datetime.combine(day, MORNING, UTC) - now).total_seconds(), 3)


@contextmanager
def site_config(bench: Bench, values: dict) -> Iterator[None]:
	"""Put these values into the site configuration, and restore it at the end."""
	before = json.loads(bench.site_config.read_text())
	write(bench.site_config, before | values)
	try:
		yield
	finally:
		after = json.loads(bench.site_config.read_text())
		for key in values:
			after.pop(key, None)
			if key in before:
				after[key] = before[key]
		write(bench.site_config, after)


def write(path: Path, config: dict) -> None:
	draft = path.with_suffix(".new")
	draft.write_text(json.dumps(config, indent=1, sort_keys=True))
	draft.replace(path)


@contextmanager
def connection(bench: Bench) -> Iterator[None]:
	import os

	came_from = Path.cwd()
	os.chdir(bench.sites)
	frappe.init(bench.site, sites_path=".")
	frappe.connect()
	try:
		yield
	finally:
		frappe.destroy()
		os.chdir(came_from)


def settle_settings(carrier: carrier_server.Handle) -> None:
	"""Set the demo school's settings. Exits on a site in Live mode.

	Only the demo's own values are set. Does not commit.
	"""
	settings = frappe.get_doc("Dialer Settings")
	if settings.mode == "Live":
		raise SystemExit("This site is in Live mode: the demonstration does not run on it.")
	settings.update(
		{
			"school_name": "Riverside School District",
			"caller_identity": "Riverside School District",
			"call_back_number": "+18005550142",
			"opt_out_number": TOLL_FREE,
			"default_language": "en",
			"account_sid": carrier.account,
			"auth_token": carrier.token,
			"api_key": "",
			"ring_timeout": 25,
			"detect_voicemail": 1,
			"max_attempts": 1,
			"sending_numbers": [
				{
					"phone_number": SENDER,
					"channel": "Voice and Text",
					"calls_per_second": 40,
					"segments_per_second": 80,
					"enabled": 1,
				}
			],
			"account_calls_per_second": 100,
		}
	)
	settings.save()


def register(carrier: carrier_server.Handle, url: str) -> None:
	"""Set at the carrier where replies and calls to the school's numbers go.

	The carrier leaves stop words to the site.
	"""
	webhook = f"{url}/api/method/school_dialer.webhooks.twilio"
	hooks = {"sms_url": f"{webhook}.inbound_text", "voice_url": f"{webhook}.inbound_call"}
	carrier.control("numbers", {SENDER: hooks, TOLL_FREE: hooks})
	carrier.control("account", {"opt_out_handling": False})


def set_public_url(url: str) -> None:
	"""Set the site's public URL for the carrier's webhooks. Commits."""
	frappe.db.set_single_value("Dialer Settings", "public_url", url)
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
