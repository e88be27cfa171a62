"""A campaign that ran, written by the code that plans and dials, without a carrier and without a commit."""

import secrets
from collections.abc import Iterator
from datetime import datetime, timezone
from types import SimpleNamespace

import frappe
import pytest

from dev.demo import stage
from school_dialer import gate
from school_dialer.audience.base import source_of
from school_dialer.base import clock, states
from school_dialer.campaigns.parties import asking
from school_dialer.campaigns.planning import planner, recipients
from school_dialer.consent import ledger
from school_dialer.outbound.attempts import call_logs, status_updates
from school_dialer.outbound.attempts.status_updates import StatusUpdate
from tests.integration import factories as make

SENDER = "+13125550100"
CHICAGO = "312"


@pytest.fixture
def morning(monkeypatch: pytest.MonkeyPatch) -> None:
	"""Set the clock to 10:30 a.m. in Chicago, on a school day."""
	monkeypatch.setitem(frappe.conf, stage.CLOCK_KEY, stage.to_morning(datetime.now(timezone.utc)))


@pytest.fixture
def prices() -> Iterator[None]:
	before = frappe.db.get_singles_dict("Dialer Settings")
	for field, value in {"price_per_minute": 0.02, "price_per_segment": 0.01, "currency": "USD"}.items():
		frappe.db.set_single_value("Dialer Settings", field, value)
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
	yield
	for field in ("price_per_minute", "price_per_segment", "currency"):
		frappe.db.set_single_value("Dialer Settings", field, before.get(field))
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


@pytest.fixture
def identity() -> None:
	"""Set the caller identity, the sending number and the call-back number, which every message needs."""
	number = {"phone_number": SENDER, "channel": "Voice and Text", "calls_per_second": 40, "enabled": 1}
	settings = frappe.get_doc("Dialer Settings")
	settings.update(
		{
			"school_name": "Riverside School District",
			"caller_identity": "Riverside School District",
			"call_back_number": "+18005550142",
			"sending_numbers": [number],
		}
	)
	settings.save()


ANSWERED = (30, 61, 125)
"""Durations in seconds of the calls that people answered. They add up to six started minutes."""


@pytest.fixture
def ran(morning: None) -> SimpleNamespace:
	"""Return a campaign that ran, with the numbers of its ten people.

	Three answered, one had voicemail, one did not answer, one number does not exist, two have no consent, one
	opted out before, and one has no number.
	"""
	fine, dead = make.many_phones(5), make.phone(CHICAGO)
	answered, voicemail, silent = fine[:3], fine[3], fine[4]
	unasked, stopped = [make.phone("617"), make.phone("206")], make.phone("303")
	for number in (*fine, dead, stopped):
		make.consent(number)
	ledger.opt_out(stopped, evidence=make.evidence("Text", wording="STOP"))
	doc = make.campaign([*answered, voicemail, silent, dead, *unasked, stopped, "call the office"])
	started = clock.db_now()
	begin(doc, started)
	call(
		doc,
		{
			**{
				number: StatusUpdate("completed", answered_by="human", duration=seconds)
				for number, seconds in zip(answered, ANSWERED, strict=True)
			},
			voicemail: StatusUpdate("completed", answered_by="machine_end_beep", duration=20),
			silent: StatusUpdate("no-answer"),
			dead: StatusUpdate(states.REFUSED, error_code="21211", error_message="Invalid 'To' Phone Number"),
		},
	)
	return SimpleNamespace(
		doc=doc, name=doc.name, answered=answered, voicemail=voicemail, silent=silent, dead=dead,
		unasked=unasked, stopped=stopped, started=started,
	)  # fmt: skip


def begin(doc, started: datetime) -> None:
	"""Put the campaign into the state after Start and planning."""
	values = {
		"status": states.RUNNING,
		"started_at": started,
		"requested_by": frappe.session.user,
		"requested_at": started,
	}
	frappe.db.set_value("Dialer Campaign", doc.name, values)
	doc.reload()
	households, _cursor = source_of(doc).households("", 1000)
	recipients.add_candidates(doc, planner.decide(doc, households))


def call(doc, news: dict[str, StatusUpdate]) -> None:
	"""Call all pending recipients, and apply the carrier's report for each.

	`news` is `{phone: status update}`.
	"""
	rows = frappe.get_all(
		"Dialer Recipient",
		{"campaign": doc.name, "status": states.PENDING},
		["name", "phone", "person_doctype", "person", "person_name", "students", "language", "attempts"],
		order_by="name",
	)
	assert {row.phone for row in rows} == set(news)
	for row in rows:
		row.log = secrets.token_hex(8)
	asking.attach(rows)
	answers = asking.ask(gate.CallContext.of(doc), rows, clock.now())
	frappe.db.sql(
		"update `tabDialer Recipient` set status = 'Dialing' where name in %s", ([row.name for row in rows],)
	)
	call_logs.write_logs(doc, rows, answers, SENDER, clock.now())
	frappe.db.sql(
		"update `tabDialer Call Log` set content = 'Full' where name in %s", ([row.log for row in rows],)
	)
	status_updates.apply_all([(row.log, news[row.phone]) for row in rows])
