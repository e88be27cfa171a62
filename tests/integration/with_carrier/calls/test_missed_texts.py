"""Texts that arrived while the site did not answer the carrier: read from its list, and handled late."""

from datetime import datetime, timedelta
from functools import partial

import frappe
import pytest

from dev.demo.stage import SENDER
from school_dialer.base import clock
from school_dialer.base.database.db_thread import DbThread
from school_dialer.calls import inbound, missed_texts
from school_dialer.carriers.base import ReceivedText
from school_dialer.carriers.twilio import TwilioCarrier
from school_dialer.consent import ledger, lock
from school_dialer.health import waiting
from school_dialer.messages.spoken.question import POLL
from tests.integration import errors
from tests.integration import factories as make
from tests.integration.with_carrier.keypad import VOTE, template
from tests.integration.with_carrier.running import dial, prepare, texts_to


@pytest.fixture(autouse=True)
def list_is_read(nothing_left):
	"""Let the list be read from now on, and forget the texts of other tests."""
	missed_texts.forget()
	missed_texts.run()
	yield
	frappe.db.rollback()
	missed_texts.forget()
	frappe.db.commit()


@pytest.fixture
def read_later(set_clock):
	"""Return a function that lets some minutes pass and runs the job."""

	def read(minutes: int = 5) -> None:
		set_clock(clock.now() + timedelta(minutes=minutes))
		missed_texts.run()

	return read


def scopes(number: str) -> set[str]:
	return {opt_out.scope for opt_out in ledger.read([number])[number].opt_outs}


def kept_from(number: str) -> list[tuple[str, bool]]:
	rows = frappe.get_all(
		"Dialer Conversation Message",
		{"phone": number, "direction": "Received"},
		["words", "unsure"],
		order_by="said_at, creation",
	)
	return [(row.words, bool(row.unsure)) for row in rows]


def waits(number: str) -> bool:
	return bool(frappe.db.exists("Dialer Conversation", {"phone": number, "status": "Waiting"}))


def received_at(at: datetime, number: str, body: str) -> ReceivedText:
	return ReceivedText(f"SM{frappe.generate_hash(length=32)}", number, SENDER, body, 0, at)


def asked_by_text(carrier, number: str):
	"""Ask the number something in a text of a campaign, and return the campaign."""
	vote = template(asks=POLL, **VOTE)
	doc = make.campaign([number], template=vote, channel="Text")
	prepare(doc)
	dial(carrier)
	return doc


def test_an_opt_out_takes_effect_as_of_when_it_was_written(carrier, number, unheard, read_later):
	written = clock.now()
	unheard(number, "please stop texting me")
	read_later()
	assert scopes(number) == {"all non-emergency"}
	(event,) = frappe.get_all(
		"Consent Event", {"phone": number, "kind": "Opt Out"}, ["received_at", "wording"]
	)
	assert abs(clock.from_db(event.received_at) - written) < timedelta(minutes=1)
	assert event.wording == "please stop texting me" and not kept_from(number)


def test_a_message_waits_for_staff_once_and_gets_no_answer(carrier, number, unheard, read_later):
	sids = unheard(number, "Ana is sick today", "She has a fever")
	read_later()
	assert kept_from(number) == [("Ana is sick today", False), ("She has a fever", False)] and waits(number)
	missed_texts.run()
	again = carrier.control("inbound_text", {"sid": sids[0]})
	frappe.db.rollback()
	assert again["http_status"] == 200 and not again["replies"]
	assert len(kept_from(number)) == 2 and not texts_to(carrier, number)


def test_a_text_whose_webhook_comes_while_the_list_is_read_is_handled_once(
	number, unheard, read_later, monkeypatch
):
	(sid,) = unheard(number, "Ana is sick today")
	real = missed_texts.missing

	def webhook() -> None:
		inbound.reply_to_text(sid, number, SENDER, "Ana is sick today")
		frappe.db.commit()

	def listed(*arguments):
		found = real(*arguments)
		with DbThread() as another:
			another.submit(webhook).result()
		return found

	monkeypatch.setattr(missed_texts, "missing", listed)
	read_later()
	assert frappe.db.count("Dialer Call Log", {"carrier_sid": sid}) == 1


def test_a_text_that_may_still_be_on_its_way_is_left_alone(number, unheard, read_later):
	unheard(number, "Ana is sick today")
	read_later(minutes=1)
	assert not kept_from(number)
	read_later(minutes=5)
	assert len(kept_from(number)) == 1


def test_an_older_stop_does_not_undo_a_start_since(number, unheard, say, read_later):
	unheard(number, "STOP")
	say(number, "START")
	read_later()
	assert not scopes(number)
	kinds = frappe.get_all("Consent Event", {"phone": number}, pluck="kind", order_by="seq")
	assert kinds[-3:] == ["Opt In", "Opt Out", "Opt In"]


def test_a_stop_after_a_start_counts_whenever_an_older_one_is_read(number, unheard, say, read_later):
	unheard(number, "STOP")
	say(number, "START")
	say(number, "stop calling")
	read_later()
	assert scopes(number) == {"all non-emergency"}


def test_a_start_counts_that_the_site_dated_with_a_clock_ahead_of_time(number, set_clock):
	"""Such a START cannot be recorded a second time as it is, and the older STOP has to be."""
	now = clock.now()
	set_clock(now + timedelta(hours=1))
	inbound.late_text(received_at(now + timedelta(minutes=50), number, "START"))
	set_clock(now)
	inbound.late_text(received_at(now - timedelta(hours=1), number, "STOP"))
	kinds = frappe.get_all("Consent Event", {"phone": number}, pluck="kind", order_by="seq")
	assert kinds[-2:] == ["Opt Out", "Opt In"] and not scopes(number)


@pytest.mark.parametrize("later", ["stop calling", "Thanks!"])
def test_an_older_start_does_not_undo_what_was_said_since(number, unheard, say, read_later, later):
	ledger.opt_out(number, evidence=ledger.Evidence(source="Text", actor="person", wording="STOP"))
	frappe.db.commit()
	unheard(number, "START")
	say(number, later)
	read_later()
	assert scopes(number) == {"all non-emergency"} and ("START", False) in kept_from(number)


@pytest.mark.parametrize(
	("written", "stopped"),
	[(("STOP", "START"), set()), (("START", "STOP"), {"all non-emergency"})],
	ids=["START", "STOP"],
)
def test_the_last_of_several_late_texts_counts(number, written, stopped):
	at = clock.now() - timedelta(hours=1)
	for minute, body in enumerate(written):
		inbound.late_text(received_at(at + timedelta(minutes=minute), number, body))
	assert scopes(number) == stopped


def test_a_late_answer_to_a_poll_counts(carrier, number, unheard, read_later):
	doc = asked_by_text(carrier, number)
	unheard(number, "1")
	read_later()
	answers = frappe.get_all("Dialer Answer", {"campaign": doc.name}, pluck="answer")
	assert answers == [1] and not kept_from(number)


def test_a_digit_answers_no_poll_that_was_sent_later(carrier, number, unheard, read_later, set_clock):
	unheard(number, "1")
	set_clock(clock.now() + timedelta(minutes=1))
	doc = asked_by_text(carrier, number)
	read_later()
	assert not frappe.db.exists("Dialer Answer", {"campaign": doc.name})
	assert kept_from(number) == [("1", False)]


def test_our_own_words_are_neither_kept_nor_an_opt_out(carrier, number, unheard, read_later):
	asked_by_text(carrier, number)
	(ours,) = texts_to(carrier, number)
	unheard(number, ours)
	read_later()
	assert not scopes(number) and not waits(number)


def test_nothing_from_before_the_first_run_is_read(number, unheard, read_later):
	missed_texts.forget()
	unheard(number, "STOP")
	read_later()
	assert not scopes(number) and missed_texts.read_until()


def test_the_list_is_read_again_when_the_carrier_did_not_answer(number, carrier, unheard, read_later):
	unheard(number, "STOP")
	before = missed_texts.read_until()
	carrier.control("faults", {"http_500": 1.0})
	read_later()
	assert not scopes(number) and missed_texts.read_until() == before
	carrier.control("faults", {})
	missed_texts.run()
	assert scopes(number)


def test_a_text_that_meets_another_process_is_tried_again_at_once(number, unheard, read_later, monkeypatch):
	unheard(number, "STOP")
	errors.fail_once(monkeypatch, inbound, "late_text", frappe.QueryDeadlockError)
	read_later()
	assert scopes(number)


def test_a_number_that_is_busy_is_read_again(number, unheard, read_later, monkeypatch):
	unheard(number, "STOP")
	before = missed_texts.read_until()
	monkeypatch.setattr(inbound, "number_lock", partial(lock.number_lock, timeout=0))
	with DbThread() as beside:
		(name,) = lock.lock_names([number])
		beside.submit(lambda: frappe.db.sql(f"select get_lock('{name}', 0)")).result()
		read_later()
	assert missed_texts.read_until() == before
	missed_texts.run()
	assert scopes(number)


def test_a_text_that_fails_holds_up_no_other(number, unheard, read_later, monkeypatch):
	other, real, before = make.phone(), inbound.late_text, missed_texts.read_until()
	unheard(number, "Ana is sick today")
	unheard(other, "STOP")

	def broken(given):
		if given.phone == number:
			raise ValueError("broken on purpose")
		return real(given)

	with monkeypatch.context() as patch:
		patch.setattr(inbound, "late_text", broken)
		read_later()
	assert scopes(other) and not kept_from(number) and missed_texts.read_until() == before
	missed_texts.run()
	assert kept_from(number) and missed_texts.read_until() > before


def test_a_carrier_of_another_app_need_not_list_texts(number, unheard, read_later, monkeypatch):
	monkeypatch.delattr(TwilioCarrier, "list_received")
	unheard(number, "STOP")
	read_later()
	assert not scopes(number) and missed_texts.read_until()


def test_the_health_page_counts_them(number, unheard, read_later):
	unheard(number, "Ana is sick today")
	read_later()
	found = waiting.late_texts()
	assert found.figures["late_texts"] >= 1 and found.state == "warn"


def test_reading_the_carriers_list_leaves_the_sites_caches(carrier, read_later):
	frappe.get_meta("User")
	read_later()
	assert frappe.cache.hget("doctype_meta", "User")
