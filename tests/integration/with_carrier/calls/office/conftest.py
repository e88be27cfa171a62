"""A school whose office can be called, and families who are connected to it."""

from collections.abc import Callable, Iterator

import frappe
import pytest

from tests.integration import factories as make
from tests.integration.with_carrier.keypad import the_log
from tests.integration.with_carrier.running import dial, prepare

FIELDS = (
	"connect_office",
	"office_number",
	"office_ring_seconds",
	"office_calls_at_once",
	"office_not_in_emergencies",
	"no_office_messages",
	"office_opens",
	"office_closes",
)


def set_settings(values: dict) -> None:
	frappe.db.set_single_value("Dialer Settings", values)
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


@pytest.fixture
def settings(school) -> Iterator[Callable[[dict], None]]:
	before = {field: frappe.db.get_single_value("Dialer Settings", field, cache=False) for field in FIELDS}
	yield set_settings
	frappe.db.rollback()
	set_settings(before)


@pytest.fixture
def office(carrier, settings, answering) -> str:
	"""Return the office's number, at which someone takes each call and talks for 40 seconds."""
	number = make.phone()
	settings(
		{
			"connect_office": 1,
			"office_number": number,
			"office_ring_seconds": 20,
			"office_calls_at_once": 2,
			"office_not_in_emergencies": 0,
			"no_office_messages": 0,
			"office_opens": "08:00:00",
			"office_closes": "16:00:00",
		}
	)
	answering(number, "presses", digits=["1"], talks=40)
	return number


@pytest.fixture
def called(carrier, answering) -> Callable:
	"""Return a function that calls a family, who behave as given, and returns the log of the call."""

	def call(doc=None, number: str = "", prepared: bool = False, **behaviour):
		if doc is None:
			number = number or make.phone()
			make.consent(number)
			doc = make.campaign([number], text_fallback=0, max_attempts=1)
		answering(number, "presses", **behaviour)
		if not prepared:
			prepare(doc)
		dial(carrier)
		return the_log(doc)

	return call


@pytest.fixture
def dials(carrier) -> Callable[[str], list[dict]]:
	"""Return a function that lists what became of each <Dial> in a carrier's call."""

	def of(sid: str) -> list[dict]:
		return [entry for entry in carrier.log("dial") if entry["sid"] == sid]

	return of


@pytest.fixture
def messages() -> Callable[[str], list]:
	"""Return a function that reads what a number's conversation received, the first message first."""

	def of(number: str) -> list:
		frappe.db.rollback()
		return frappe.get_all(
			"Dialer Conversation Message",
			{"phone": number, "direction": "Received"},
			["name", "conversation", "channel", "words", "recording", "language", "reference_name"],
			order_by="creation",
		)

	return of


@pytest.fixture(autouse=True)
def none_left_open(nothing_left) -> Iterator[None]:
	yield
	frappe.db.rollback()
	frappe.db.sql(
		"update `tabDialer Conversation` set status = 'Closed', open_mark = null where phone in %s",
		(tuple(make.GIVEN) or ("",),),
	)
	frappe.db.sql(
		"""update `tabDialer Call Log` set transfer_state = 'Not known'
		where transfer_state in ('Ringing', 'Talking')"""
	)
	frappe.db.commit()
