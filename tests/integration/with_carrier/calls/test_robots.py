"""Robots that reply to everything the school sends.

The conversation ends after a few texts, and a request to stop counts even if the reply to it was held back.
"""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle

import frappe
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dev.demo.stage import SENDER
from school_dialer.base import clock
from school_dialer.calls import inbound, inbound_calls
from school_dialer.consent import ledger
from school_dialer.consent.choices import preference_link
from school_dialer.consent.replies import answer_limits
from school_dialer.consent.replies import confirmation_requests as asked_for
from school_dialer.followup import confirmations
from school_dialer.messages import store
from school_dialer.messages import text as texts
from school_dialer.settings import school_numbers
from tests.effort import examples
from tests.integration import factories as make

pytestmark = pytest.mark.exhaustive

FEW = answer_limits.NUMBER_A_DAY
LONG = 60
"""Number of turns after which a conversation counts as endless."""


@pytest.fixture
def number(school) -> str:
	phone = make.phone()
	make.consent(phone)
	return phone


def hear(number: str, body: str, to: str = SENDER) -> list[str]:
	"""Return all texts that the school sends in reply to a text."""
	reply = inbound.reply_to_text(f"SM{secrets.token_hex(16)}", number, to, body)
	return [*([reply] if reply else []), *sent_notices(number)]


def sent_notices(number: str) -> Iterator[str]:
	for name in frappe.get_all(
		"Dialer Notice", {"phone": number, "status": "Waiting"}, pluck="name", order_by="creation"
	):
		yield confirmations.body(frappe.get_doc("Dialer Notice", name))
		confirmations.set_status(name, "Sent")


def talk(robot: Callable[[str], str | None], number: str, first: str) -> list[str]:
	"""Return what the school sends to a robot that begins with `first` and replies to each of its texts."""
	waiting, said = [first], []
	for _turn in range(LONG):
		if not waiting:
			return said
		answers = hear(number, waiting.pop(0))
		said += answers
		waiting += [words for words in map(robot, answers) if words]
	pytest.fail(f"still talking after {len(said)} texts of the school")


def opted_out(number: str) -> bool:
	return bool(ledger.read([number])[number].opt_outs)


def each_in_turn(*words: str) -> Callable[[str], str]:
	turns = cycle(words)
	return lambda _heard: next(turns)


ROBOTS = {
	"echo": lambda: lambda heard: heard,
	"quotes": lambda: lambda heard: f"> {heard}",
	"likes": lambda: lambda heard: f"Liked “{heard}”",
	"stops": lambda: each_in_turn("STOP"),
	"stops in other words": lambda: each_in_turn("stop", "please stop texting me", "unsubscribe", "basta"),
	"starts": lambda: each_in_turn("START"),
	"changes its mind": lambda: each_in_turn("STOP", "START"),
	"asks for help": lambda: each_in_turn("HELP"),
	"answers questions": lambda: each_in_turn("1", "2", "3"),
	"stops and answers": lambda: each_in_turn("STOP", "3", "2", "1"),
	"says wrong number": lambda: each_in_turn("wrong number", "1", "2"),
	"is away": lambda: each_in_turn("I am driving and cannot answer now."),
	"does everything": lambda: each_in_turn("HELP", "STOP", "1", "START", "wrong number", "2", "ok", "3"),
}


@pytest.mark.story
@pytest.mark.parametrize("first", ["STOP", "START", "HELP", "wrong number", "hello"])
@pytest.mark.parametrize("kind", ROBOTS)
def test_the_talk_with_a_robot_ends(number, kind, first):
	assert len(talk(ROBOTS[kind](), number, first)) <= FEW
	hear(number, "STOP")
	assert opted_out(number)


def test_a_robot_that_comes_back_each_day_is_answered_no_more_in_the_end(number, pass_time):
	answers = 0
	for day in range(29):
		pass_time(days=day, hours=1)
		answers += len(talk(each_in_turn("START", "STOP"), number, "STOP"))
	assert answers <= answer_limits.NUMBER_A_MONTH
	pass_time(days=60)
	assert hear(number, "HELP")


WORDS = (
	"STOP",
	"START",
	"HELP",
	"1",
	"2",
	"3",
	"wrong number",
	"ok",
	"stop everything",
	"UNSTOP",
	"ayuda",
	"?",
)


@settings(max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck))
@given(said=st.lists(st.sampled_from(WORDS), min_size=1, max_size=25))
def test_whatever_is_said_the_answers_are_few_and_stop_holds(school, said):
	number = make.phone()
	make.consent(number)
	assert sum(len(hear(number, words)) for words in said) <= FEW
	hear(number, "STOP")
	assert opted_out(number)


@pytest.fixture
def other_school(monkeypatch):
	"""Return the number of a second school with this app, and a function by which it replies.

	It receives our texts as texts from our number.
	"""
	theirs = make.phone("617")
	ours = store.school()
	their_school = replace(ours, name="Lincoln High", identity="Lincoln High", call_back_number=theirs)

	def answers(body: str) -> list[str]:
		with monkeypatch.context() as patch:
			patch.setattr(store, "school", lambda *_of: their_school)
			patch.setattr(school_numbers, "own_numbers", lambda: {theirs})
			return hear(SENDER, body, theirs)

	return theirs, answers


@pytest.mark.parametrize(
	"first",
	["STOP", "START", "HELP", "stop calling me", "Lincoln High: The concert is on Thursday.", "wrong number"],
)
def test_two_schools_that_call_each_other_fall_silent(school, other_school, first):
	"""Check two schools that take each other for a person."""
	theirs, answers = other_school
	to_us, texts_sent = [first], 0
	for _turn in range(LONG):
		if not to_us:
			break
		to_them = hear(theirs, to_us.pop(0))
		texts_sent += len(to_them)
		to_us += [words for heard in to_them for words in answers(heard)]
	assert not to_us and texts_sent <= FEW


def count_of(number: str, kind: str = asked_for.OPT_OUT_CONFIRMATION) -> int:
	return frappe.db.count("Dialer Notice", {"phone": number, "kind": kind})


def test_an_opt_out_that_stands_is_confirmed_once(number, as_role):
	for body in ("STOP", "stop", "STOP", "unsubscribe"):
		hear(number, body)
	ledger.opt_out(number, evidence=make.evidence("Preference Page"))
	ledger.opt_out(number, scope="this purpose", purpose="Fees", evidence=make.evidence("E-mail"))
	ledger.opt_out(number, channel="Voice", evidence=make.evidence("Keypad"))
	as_role("Dialer Agent")
	ledger.opt_out(number, evidence=make.evidence("Agent"))
	frappe.set_user("Administrator")
	assert count_of(number) == 1
	assert frappe.db.count("Consent Event", {"phone": number, "kind": "Opt Out"}) == 8


def test_a_wider_or_a_new_opt_out_is_confirmed_again(number):
	ledger.opt_out(number, scope="this purpose", purpose="Fees", evidence=make.evidence("Keypad"))
	ledger.opt_out(number, scope="this purpose", purpose="Event", evidence=make.evidence("Keypad"))
	assert count_of(number) == 2
	hear(number, "STOP")
	assert count_of(number) == 3
	hear(number, "START")
	hear(number, "STOP")
	assert count_of(number) == 4


def test_one_channel_after_the_other_covers_both(number):
	for channel in ("Voice", "Text", "Any"):
		ledger.opt_out(number, channel=channel, evidence=make.evidence("Preference Page"))
	assert count_of(number) == 2


def test_a_grant_by_others_makes_no_second_confirmation(number):
	hear(number, "STOP")
	make.consent(number, at=clock.now())
	hear(number, "STOP")
	assert count_of(number) == 1


def test_a_confirmation_that_could_not_be_sent_may_be_asked_for_again(number):
	ledger.opt_out(number, evidence=make.evidence("Text"))
	frappe.db.set_value("Dialer Notice", {"phone": number}, "status", "Not Sent")
	ledger.opt_out(number, evidence=make.evidence("Text"))
	assert count_of(number) == 2


def test_an_opt_out_of_another_system_is_confirmed_to_the_person_who_says_stop(number):
	ledger.opt_out(number, evidence=make.evidence("Import"))
	hear(number, "STOP")
	assert count_of(number) == 1


def test_staff_make_so_many_texts_a_day_and_every_opt_out_holds(monkeypatch, school, as_role):
	monkeypatch.setattr(answer_limits, "AGENT_A_DAY", 3)
	numbers = [make.phone() for _ in range(5)]
	make.consents(numbers)
	as_role("Dialer Agent")
	for each in numbers:
		ledger.opt_out(each, evidence=make.evidence("Agent"))
	assert sum(map(count_of, numbers)) == 3 and all(map(opted_out, numbers))
	as_role("Dialer Agent")
	assert preference_link.send_by_text(numbers[0])


def test_all_together_are_so_many_a_day_and_links_of_families_are_none_of_them(monkeypatch, number):
	monkeypatch.setattr(answer_limits, "ALL_A_DAY", 0)
	assert hear(number, "STOP") == [] and opted_out(number)
	assert hear(number, "HELP") == []
	assert preference_link.send_by_text(number)


def test_links_use_up_nothing_of_what_confirmations_need(monkeypatch, number):
	others = frappe.db.count("Dialer Notice", {"kind": ("!=", answer_limits.PREFERENCE_LINK)})
	monkeypatch.setattr(answer_limits, "ALL_A_DAY", others + 1)
	for _ in range(2):
		assert preference_link.send_by_text(make.phone())
	assert not answer_limits.day_is_full()


def test_what_staff_type_sends_no_text_to_a_strangers_number(school, as_role):
	stranger = make.phone()
	as_role("Dialer Agent")
	ledger.opt_out(stranger, evidence=make.evidence("Agent"))
	assert opted_out(stranger) and not count_of(stranger)


def test_our_own_numbers_are_no_persons(school, monkeypatch):
	doc = frappe.get_cached_doc("Dialer Settings")
	off = doc.append("sending_numbers", {"phone_number": make.phone(), "enabled": 0, "channel": "Text"})
	monkeypatch.setattr(doc, "opt_out_number", make.phone())
	monkeypatch.setattr(frappe, "get_cached_doc", lambda *_: doc)
	for own in (SENDER, doc.call_back_number, doc.opt_out_number, off.phone_number):
		assert hear(own, "STOP") == [] and hear(own, "HELP") == []
		sid = f"CA{secrets.token_hex(16)}"
		inbound_calls.answer(sid, own, SENDER)
		inbound_calls.key(sid, "9")
		assert not opted_out(school_numbers.e164(own))
		ledger.opt_out(school_numbers.e164(own), evidence=make.evidence("Keypad"))
		assert not count_of(school_numbers.e164(own))


def test_the_numbers_of_a_messaging_service_are_learned_from_what_comes_in(number):
	pool = [make.phone() for _ in range(3)]
	for each in pool:
		hear(number, "ok", each)
	assert set(pool) <= school_numbers.own_numbers()
	assert hear(pool[0], "STOP", pool[1]) == [] and not opted_out(pool[0])
	school_numbers.forget()
	assert not set(pool) & school_numbers.own_numbers()


def test_a_text_to_itself_is_no_persons(school):
	itself = make.phone()
	assert hear(itself, "STOP", itself) == [] and not opted_out(itself)


@pytest.mark.parametrize(
	"body",
	[
		"{us}: STOP",
		"{us}: please stop calling me",
		"{us}: The concert is on Thurs\nplease stop calling me",
		"> {us}: The concert is on Thurs\nplease stop calling me",
		"“{us}: The concert is on Thursday. Reply STOP to stop.” stop calling me",
		"stop\n> {us}: The concert is on Thursday.\n> Reply STOP to stop.",
	],
)
def test_a_wish_beside_our_words_is_heard(number, body):
	hear(number, body.format(us=store.school().identity))
	assert opted_out(number)


def test_every_text_of_ours_that_comes_back_is_ours(number):
	school = store.school()
	for language in ("en", "es", "vi", "ar", "zh"):
		for words in (
			texts.opt_out_confirmation(school, language),
			texts.opt_out_confirmation(school, language, "everything"),
			texts.help_text(school, language),
			texts.opted_in(school, language),
			texts.wrong_number_question(school, language),
			texts.ask_the_school(school, language),
			texts.scope_changed(school, "this purpose", language),
			texts.preference_link(school, preference_link.sample(), language),
		):
			assert hear(number, words) == []
			assert hear(number, words.replace(school.identity, "Lincoln High")) == []
	assert not opted_out(number)
