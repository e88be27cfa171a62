"""Correct this: exactly those who heard or may have heard it, once, and the rest is canceled."""

import frappe
import pytest

from dev.patience import eventually
from school_dialer.base import states
from school_dialer.campaigns import actions
from school_dialer.campaigns.corrections import making
from school_dialer.campaigns.due import due_campaigns
from school_dialer.consent import ledger
from school_dialer.outbound.dispatch import dispatcher
from tests.integration import factories as make
from tests.integration.with_carrier.corrections import (
	WORDS,
	carry_out,
	correct,
	plan,
	prepared,
	speaks,
	status_at,
	statuses,
)
from tests.integration.with_carrier.lost import LOST, campaign_to
from tests.integration.with_carrier.running import dial, prepare, state_of, texts_to

HEARING = {
	"answers": {},
	"voicemail": {},
	"hangs up": {"after": 2},
	"presses": {"key": "9", "after": 2},
}
DEAF = ("busy", "no answer", "fails")


def numbers(count: int) -> list[str]:
	found = [make.phone() for _ in range(count)]
	for number in found:
		make.consent(number)
	return found


def said_to(posted, people: list[str]) -> list[int]:
	return [len(posted(number)) for number in people]


def test_it_reaches_exactly_those_who_heard_it(carrier, posted, answering):
	heard, deaf = numbers(3), numbers(3)
	blocked, refuser = make.phone(), numbers(1)[0]
	for number, behaviour in zip(heard, ("answers", "voicemail", "hangs up"), strict=True):
		answering(number, behaviour, **HEARING[behaviour])
	for number, behaviour in zip(deaf, DEAF, strict=True):
		answering(number, behaviour)
	answering(refuser, "answers")
	doc = make.campaign([*heard, *deaf, blocked, refuser])
	prepare(doc)
	dial(carrier)
	ledger.opt_out(refuser, scope="all non-emergency", evidence=make.evidence("Agent"))
	found = making.propose(doc.name)
	assert (found["people"], found["emails"], found["more"], found["waiting"]) == (4, 0, False, 0)
	correction = correct(doc, confirmed=4)
	before = said_to(posted, [*heard, *deaf, blocked, refuser])
	carry_out(correction, carrier)
	after = said_to(posted, [*heard, *deaf, blocked, refuser])
	assert [two - one for one, two in zip(before, after, strict=True)] == [1, 1, 1, 0, 0, 0, 0, 0]
	found = statuses(correction)
	assert set(found) == {*heard, refuser} and found[refuser] == "Blocked" and found[heard[0]] == "Reached"
	assert (correction.corrects, correction.mass_count) == (doc.name, 4)
	assert state_of(correction) == states.COMPLETED and state_of(doc) == states.COMPLETED


def test_the_rest_is_canceled_and_calls_under_way_count(carrier, posted, answering, set_pace):
	people = numbers(4)
	for number in people:
		answering(number, "answers")
	doc = make.campaign(people)
	prepare(doc)
	later = make.recipients(doc.name)[-1]
	frappe.db.set_value("Dialer Recipient", later.name, "not_before", "2099-01-01")
	frappe.db.commit()
	dispatcher.run()
	called = [number for number in people if number != later.phone]
	eventually(
		"The calls", lambda: {status_at(number, doc) for number in called} <= {"in-progress", "completed"}
	)
	correction = correct(doc)
	assert state_of(doc) == states.CANCELLED
	plan(correction)
	carrier.wait_until_idle()
	frappe.db.rollback()
	carry_out(correction, carrier)
	assert statuses(correction) == dict.fromkeys(called, "Reached")
	assert said_to(posted, called) == [2, 2, 2] and not posted(later.phone)
	assert state_of(correction) == states.COMPLETED


def test_what_the_carrier_never_answered_counts(carrier, posted):
	(number,) = numbers(1)
	doc = campaign_to([number], carrier, LOST)
	assert statuses(doc) == {number: "Unknown"}
	correction = correct(doc)
	carry_out(correction, carrier)
	assert statuses(correction) == {number: "Reached"}
	assert texts_to(carrier, number)[-1].startswith("Riverside") and len(posted(number)) == 2


def test_each_hears_it_in_their_own_language(carrier, answering):
	people = dict(zip(("en", "es", "zh", "ar", "vi"), numbers(5), strict=True))
	doc = make.campaign(list(people.values()), channel="Text")
	prepare(doc)
	for language, number in people.items():
		carrier.control("people", {number: {"behaviour": "answers", "text": {"delivery": "delivered"}}})
		speaks(number, language)
	dial(carrier)
	found = {row["language"]: row["people"] for row in making.propose(doc.name)["languages"]}
	assert found == dict.fromkeys(people, 1)
	said = prepared(doc)
	carry_out(correct(doc, said), carrier)
	for language, number in people.items():
		assert said[language] in texts_to(carrier, number)[-1]


def test_it_goes_ahead_of_other_campaigns(carrier, answering):
	people = numbers(2)
	for number in people:
		answering(number, "answers")
	doc, other = make.campaign(people[:1]), make.campaign(people[1:])
	prepare(doc)
	dial(carrier)
	prepare(other)
	correction = correct(doc)
	plan(correction)
	assert [one.name for one in due_campaigns()] == [correction.name]
	dial(carrier)
	assert state_of(other) == state_of(correction) == states.COMPLETED


def test_a_correction_is_corrected_and_no_campaign_twice(carrier, posted, answering):
	(number,) = numbers(1)
	answering(number, "answers")
	doc = make.campaign([number])
	prepare(doc)
	dial(carrier)
	first = correct(doc)
	with pytest.raises(frappe.ValidationError, match="corrected already"):
		making.correct(doc.name, WORDS, 1)
	carry_out(first, carrier)
	second = correct(first)
	carry_out(second, carrier)
	assert second.corrects == first.name and len(posted(number)) == 3


def test_undo_before_anyone_was_called(carrier, posted, answering):
	(number,) = numbers(1)
	answering(number, "answers")
	doc = make.campaign([number])
	prepare(doc)
	dial(carrier)
	correction = correct(doc)
	making.undo(correction.name)
	frappe.db.commit()
	carry_out(correction, carrier)
	assert state_of(correction) == states.CANCELLED and len(posted(number)) == 1
	again = correct(doc)
	carry_out(again, carrier)
	with pytest.raises(frappe.ValidationError, match="has begun"):
		making.undo(again.name)
	assert len(posted(number)) == 2


def test_nothing_to_correct(carrier):
	doc = make.campaign(numbers(1))
	with pytest.raises(frappe.ValidationError, match="No one has heard"):
		making.correct(doc.name, WORDS, 1)
	prepare(doc)
	frappe.db.sql("update `tabDialer Recipient` set not_before = '2099-01-01' where campaign = %s", doc.name)
	actions.pause(doc.name)
	correction = correct(doc)
	assert state_of(doc) == states.CANCELLED
	plan(correction)
	assert not statuses(correction) and state_of(correction) == states.COMPLETED


def test_words_are_linted_and_nothing_is_stopped_before(carrier):
	doc = make.campaign(numbers(1))
	prepare(doc)
	with pytest.raises(frappe.ValidationError):
		making.correct(doc.name, {"en": "{{ no_such_field }}"}, 1)
	with pytest.raises(frappe.ValidationError, match="own language"):
		making.correct(doc.name, {"vi": "Xin quý vị bỏ qua."}, 1)
	frappe.db.rollback()
	assert state_of(doc) == states.RUNNING
