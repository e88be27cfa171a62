"""Calls and texts whose response or last callback was lost: the carrier is queried and nothing is guessed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import frappe
import pytest

from dev.carrier.client import client
from dev.demo.stage import SENDER
from school_dialer.base import states
from school_dialer.campaigns import actions
from school_dialer.outbound.attempts import reconciler, uncounted
from school_dialer.outbound.attempts.matching import REST
from school_dialer.outbound.attempts.status_updates import StatusUpdate, apply
from school_dialer.outbound.dispatch import dispatcher
from school_dialer.outbound.dispatch.chunk_sender import ChunkSender
from school_dialer.outbound.pace import limits, pacer
from school_dialer.privacy import retention
from tests.integration import factories as make
from tests.integration.with_carrier.lost import LOST, UNHEARD, campaign_to, later, settle, states_of
from tests.integration.with_carrier.running import prepare

pytestmark = pytest.mark.exhaustive

IS_OVER = retention.KINDS[0].over
"""The condition under which retention deletes a call log."""


def text_many(carrier, count: int) -> None:
	"""Send `count` texts to other numbers from the school's number."""

	def send(index: int) -> None:
		twilio.messages.create(
			to=f"+1907555{2000 + index}", from_=SENDER, body="x", address_retention="obfuscate"
		)

	twilio = client(carrier.url, carrier.account, carrier.token)
	with ThreadPoolExecutor(4) as people:
		list(people.map(send, range(count)))
	carrier.wait_until_idle()


def test_a_lost_text_is_found_behind_a_thousand_later_ones(carrier, posted, neighbours):
	doc = campaign_to(neighbours[:1], carrier, LOST)
	text_many(carrier, 1_010)
	later(doc, minutes=2)
	settle()
	assert states_of(doc) == {"Reached": 1}
	dispatcher.run()
	assert len(posted(neighbours[0])) == 1


def test_a_silent_text_is_found_behind_a_thousand_later_ones(carrier, neighbours):
	doc = campaign_to(neighbours[:1], carrier, UNHEARD)
	text_many(carrier, 1_010)
	later(doc, minutes=11)
	settle()
	assert states_of(doc) == {"Reached": 1}


@pytest.mark.story
@pytest.mark.parametrize("hidden", [1, 0])
def test_neighbours_are_not_mistaken_for_each_other(carrier, posted, neighbours, hide, hidden):
	"""Check four texts in one chunk whose worker was killed before it began the last two."""
	hide(hidden)
	doc = make.campaign(neighbours, channel="Text")
	prepare(doc)
	carrier.control("faults", LOST)
	with pytest.MonkeyPatch.context() as patch:
		patch.setattr(ChunkSender, "post_and_record", killed_after_two)
		with pytest.raises(KilledError, match="killed"):
			dispatcher.run()
	carrier.control("faults", {})
	carrier.wait_until_idle()
	frappe.db.rollback()
	later_by_order(doc, minutes=2)
	settle()
	dispatcher.run()
	carrier.wait_until_idle()
	assert {number: len(posted(number)) for number in neighbours} == dict.fromkeys(neighbours, 1)


def test_a_neighbours_text_on_its_way_is_not_taken_for_a_lost_one(carrier, posted, neighbours):
	"""Check the carrier's list as read before the response for the neighbor's text was written."""
	never_arrived = campaign_to(neighbours[:1], carrier, {"lose_request": 1.0})
	later(never_arrived, minutes=1)
	on_its_way = campaign_to(neighbours[1:2], carrier, UNHEARD)
	log = frappe.get_last_doc("Dialer Call Log", {"campaign": on_its_way.name})
	write_answer(log.name, states.PLACING, None)
	settle()
	assert states_of(never_arrived) == {"Unknown": 1}
	write_answer(log.name, "queued", log.carrier_sid)
	settle()
	dispatcher.run()
	carrier.wait_until_idle()
	assert [len(posted(number)) for number in neighbours[:2]] == [1, 1]


def one_of_two_arrived(carrier, posted, neighbours):
	"""Return a campaign of texts to two neighbors without responses.

	Only the second text reached the carrier.
	"""
	doc = campaign_to(neighbours[:2], carrier, {"lose_request": 1.0})
	assert states_of(doc) == {"Unknown": 2} and not posted(neighbours[0]) and not posted(neighbours[1])
	twilio = client(carrier.url, carrier.account, carrier.token)
	twilio.messages.create(to=neighbours[1], from_=SENDER, body="x", address_retention="obfuscate")
	carrier.wait_until_idle()
	return doc


@pytest.fixture
def one_at_a_time(monkeypatch):
	"""Let a number send nothing while a response is missing, however slow this machine is."""

	def opens_in(window, _calls_per_second):
		return 0.0 if all(len(times) == 2 for times in window.sent) else None

	monkeypatch.setattr(pacer.ArrivalWindow, "opens_in", opens_in)


@pytest.mark.usefixtures("one_at_a_time")
def test_after_a_lost_answer_the_next_text_waits_and_time_tells_them_apart(carrier, posted, neighbours):
	doc = one_of_two_arrived(carrier, posted, neighbours)
	lost = {"campaign": doc.name, "status": states.LOST}
	first, second = sorted(frappe.get_all("Dialer Call Log", lost, pluck="placed_at", order_by="name"))
	assert second - first >= REST
	later_by_order(doc, minutes=2)
	settle()
	assert states_by_number(doc) == {neighbours[0]: "Pending", neighbours[1]: "Reached"}
	dispatcher.run()
	carrier.wait_until_idle()
	assert [len(posted(number)) for number in neighbours[:2]] == [1, 1]


def test_of_two_sent_at_once_neither_is_said_to_be_reached(carrier, posted, neighbours, monkeypatch):
	doc = one_of_two_arrived(carrier, posted, neighbours)
	later(doc, minutes=2)
	settle()
	assert states_of(doc) == {"Unknown": 2}
	monkeypatch.setattr(reconciler, "TIED", timedelta(minutes=1))
	settle()
	assert states_of(doc) == {"Not Reached": 2}
	outcomes = {row.outcome for row in make.recipients(doc.name, "outcome")}
	assert outcomes == {"not known whether it was sent"}
	assert frappe.db.get_value("Dialer Campaign", doc.name, "status") == states.COMPLETED


def test_a_callback_tells_which_of_two_arrived(carrier, posted, neighbours):
	doc = one_of_two_arrived(carrier, posted, neighbours)
	later(doc, minutes=2)
	(sid,) = {entry["sid"] for entry in posted(neighbours[1])}
	apply(
		frappe.db.get_value("Dialer Call Log", {"campaign": doc.name, "phone": neighbours[1]}),
		StatusUpdate("delivered", sid=sid),
	)
	frappe.db.commit()
	settle()
	assert states_by_number(doc) == {neighbours[0]: "Pending", neighbours[1]: "Reached"}


def test_in_an_emergency_both_are_told_again(carrier, posted, neighbours):
	doc = one_of_two_arrived(carrier, posted, neighbours)
	frappe.db.sql("update `tabDialer Call Log` set purpose = 'Emergency' where campaign = %s", doc.name)
	later(doc, minutes=2)
	settle()
	assert states_of(doc) == {"Pending": 2}


def states_by_number(doc) -> dict[str, str]:
	return {row.phone: row.status for row in make.recipients(doc.name)}


def write_answer(log: str, status: str, sid: str | None) -> None:
	frappe.db.sql(
		"update `tabDialer Call Log` set status = %s, status_rank = %s, carrier_sid = %s where name = %s",
		(status, states.rank(status), sid, log),
	)
	frappe.db.commit()


class KilledError(BaseException):
	pass


def killed_after_two(self, campaign, requests, line):
	sent = []
	self.post(campaign, requests[:2], line, sent)
	for answer in sent:
		answer.result()
	raise KilledError("killed")


def later_by_order(doc, minutes: int) -> None:
	frappe.db.sql(
		"update `tabDialer Call Log` set placed_at = placed_at - interval %s minute where campaign = %s",
		(minutes, doc.name),
	)
	frappe.db.commit()


def test_a_text_without_a_receipt_ends_and_is_not_asked_for_again(carrier, answering, neighbours):
	number = neighbours[0]
	answering(number, "answers", text={"delivery": "sent"})
	doc = campaign_to([number], carrier, {})
	assert states_of(doc) == {"Dialing": 1}
	later(doc, minutes=11)
	settle()
	assert states_of(doc) == {"Reached": 1}
	assert frappe.db.get_value("Dialer Campaign", doc.name, "status") == states.COMPLETED
	assert ended(doc) == [(states.UNREPORTED, "reached", True)]
	assert limits.spent(doc, 1.0) == (1.0, 0.0), "it is paid for, and reserves nothing"
	asked = len(carrier.log("fetch", "list"))
	later(doc, hours=2)
	settle()
	assert len(carrier.log("fetch", "list")) == asked
	log = frappe.db.get_value("Dialer Call Log", {"campaign": doc.name})
	apply(log, StatusUpdate("delivered"))
	assert frappe.db.get_value("Dialer Call Log", log, "status") == "delivered", "a late receipt still counts"


def ended(doc) -> list[tuple[str, str, bool]]:
	"""Return (status, result, whether retention deletes it) of each text of the campaign."""
	rows = frappe.db.sql(
		f"""select status, result, ended_at is not null and {IS_OVER} from `tabDialer Call Log`
		where campaign = %s""",
		doc.name,
	)
	return [(status, result, bool(over)) for status, result, over in rows]


def test_a_text_ends_though_the_carrier_cannot_be_asked(carrier, answering, neighbours):
	number = neighbours[0]
	answering(number, "answers", text={"delivery": "sent"})
	doc = campaign_to([number], carrier, {})
	frappe.db.set_value("Dialer Call Log", {"campaign": doc.name}, {"status": "sent", "status_rank": 30})
	carrier.control("faults", {"http_500": 1.0})
	later(doc, hours=24)
	settle()
	assert states_of(doc) == {"Dialing": 1}
	later(doc, hours=26)
	settle()
	assert states_of(doc) == {"Reached": 1} and ended(doc) == [(states.UNREPORTED, "reached", True)]


def test_a_deadlock_gives_up_no_text(carrier, neighbours, monkeypatch):
	def held(*_arguments) -> None:
		raise frappe.QueryDeadlockError

	doc = campaign_to(neighbours[:1], carrier, UNHEARD)
	later(doc, hours=26)
	with monkeypatch.context() as patch:
		patch.setattr(reconciler, "ask_about", held)
		settle()
	assert states_of(doc) == {"Dialing": 1}
	settle()
	assert states_of(doc) == {"Reached": 1}


def test_a_receipt_that_says_not_delivered_comes_late(carrier, answering, neighbours):
	number = neighbours[0]
	answering(number, "answers", text={"delivery": "sent"})
	doc = campaign_to([number], carrier, {})
	later(doc, minutes=11)
	settle()
	log = frappe.db.get_value("Dialer Call Log", {"campaign": doc.name})
	apply(log, StatusUpdate("undelivered", error_code="30003"))
	assert frappe.db.get_value("Dialer Call Log", log, "status") == "undelivered"


def test_many_that_stay_silent_keep_no_one_from_being_asked_for(carrier, neighbours, monkeypatch):
	monkeypatch.setattr(reconciler, "MOST", 2)
	doc = campaign_to(neighbours, carrier, UNHEARD)
	later(doc, minutes=11)
	logs = frappe.get_all("Dialer Call Log", {"campaign": doc.name}, pluck="name", order_by="name")
	for log in logs[:2]:
		values = {
			"carrier_sid": for_tomorrow(carrier),
			"placed_at": frappe.utils.add_to_date(make.clock.db_now(), hours=-2),
		}
		frappe.db.set_value("Dialer Call Log", log, values)
	frappe.db.commit()
	for _ in range(2):
		settle()
	assert states_of(doc) == {"Dialing": 2, "Reached": 2}


def test_the_call_of_another_campaign_is_not_taken_for_a_lost_one(
	carrier, posted, answering, neighbours, monkeypatch
):
	"""Check two requests without responses, of which only the later one arrived.

	One run of the reconciler does not reach both.
	"""
	monkeypatch.setattr(reconciler, "MOST", 1)
	number = neighbours[:1]
	answering(number[0], "busy", rings=0)
	lost = campaign_to(number, carrier, {"lose_request": 1.0}, channel="Voice")
	placed = campaign_to(number, carrier, LOST, channel="Voice")
	later(lost, minutes=4, seconds=30)
	later(placed, minutes=4)
	settle()
	assert states_of(lost) == {"Pending": 1}
	monkeypatch.setattr(reconciler, "MOST", 2)
	settle()
	assert frappe.get_all(
		"Dialer Call Log", {"campaign": placed.name, "carrier_sid": ("is", "set")}, pluck="recipient"
	) == [row.name for row in make.recipients(placed.name)]
	assert len(posted(number[0])) == 1


def for_tomorrow(carrier) -> str:
	"""Schedule a text that waits at the carrier until tomorrow, and return its SID."""
	twilio = client(carrier.url, carrier.account, carrier.token)
	at = make.clock.now() + timedelta(days=1)
	service = "MG" + "0" * 32
	return twilio.messages.create(
		to="+14045552000", messaging_service_sid=service, body="x", schedule_type="fixed", send_at=at
	).sid


@pytest.mark.story
def test_what_was_lost_just_now_is_not_looked_up_yet(carrier, neighbours):
	doc = campaign_to(neighbours[:1], carrier, {"lose_request": 1.0})
	settle()
	assert states_of(doc) == {"Unknown": 1}
	later(doc, seconds=45)
	settle()
	assert states_of(doc) == {"Pending": 1}


def test_a_word_from_the_carrier_wins_over_the_look_up(carrier, neighbours):
	doc = campaign_to(neighbours[:1], carrier, {"lose_request": 1.0})
	row = make.recipients(doc.name)[0]
	apply(row.last_call_log, StatusUpdate("delivered", sid="SM1"))
	for _ in range(2):
		uncounted.mark_not_sent([row.last_call_log], "Never reached the carrier")
	row = make.recipients(doc.name, "status", "attempts")[0]
	assert (row.status, row.attempts) == ("Reached", 1)
	frappe.db.commit()


def test_not_sent_counts_once(carrier, neighbours):
	doc = campaign_to(neighbours[:1], carrier, {"lose_request": 1.0})
	log = make.recipients(doc.name)[0].last_call_log
	for _ in range(2):
		uncounted.mark_not_sent([log], "Never reached the carrier")
	row = make.recipients(doc.name, "status", "attempts")[0]
	assert (row.status, row.attempts) == ("Pending", 0)
	frappe.db.commit()


def test_no_one_waits_in_a_campaign_that_has_ended(carrier, neighbours):
	doc = campaign_to(neighbours[:2], carrier, {"lose_request": 1.0})
	actions.cancel(doc.name)
	frappe.db.sql(
		"update `tabDialer Recipient` set status = 'Deferred' where campaign = %s limit 1", doc.name
	)
	frappe.db.commit()
	later(doc, minutes=2)
	settle()
	assert states_of(doc) == {"Cancelled": 2}
