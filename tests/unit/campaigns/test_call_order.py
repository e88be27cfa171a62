"""Who is called next, without Frappe.

Never beyond a budget, each line once before any is called twice, and the calls always end.
"""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.base import states
from school_dialer.campaigns.call_order import (
	BUSY,
	FAILED,
	HUNG_UP,
	NO_ANSWER,
	NOT_ACKNOWLEDGED,
	NOT_CONFIRMED,
	NOT_FETCHED,
	OF_THE_PERSON,
	REPEATABLE,
	UNUSABLE,
	VOICEMAIL,
	WITHDRAWN,
	ContactPoint,
	by_person,
	following,
	joined,
	outcome,
)
from school_dialer.messages.spoken.ivr_state import NO_PIN, PIN_LOCKED, WRONG_PIN

RESULTS = (*REPEATABLE, *OF_THE_PERSON, WRONG_PIN, UNUSABLE, WITHDRAWN)
FINAL = sorted(status for status in states.RANK if states.is_final(status))


def line(number: int, person: str) -> ContactPoint:
	return ContactPoint(f"+1312555010{number}", "Guardian", person, f"Guardian {person}", "en", ("Ana",))


MOBILE, HOME, FATHER = line(1, "A"), line(2, "A"), line(3, "B")
orders = st.lists(
	st.tuples(st.integers(0, 9), st.sampled_from("ABC")), min_size=1, max_size=6, unique_by=lambda one: one[0]
).map(lambda drawn: [line(number, person) for number, person in drawn])


@given(orders, st.integers(1, 4), st.data())
def test_the_budget_holds_and_every_chain_of_calls_ends(order, most, data):
	tries: Counter = Counter()
	current, lines = order[0], list(order)
	while current:
		tries[current.key] += 1
		persons = Counter()
		for (_phone, *owner), count in tries.items():
			persons[tuple(owner)] += count
		assert max(persons.values()) <= most
		result = data.draw(st.sampled_from(RESULTS))
		if result == UNUSABLE:
			lines = [one for one in lines if one.phone != current.phone]
		chosen = following(lines, current, tries, most, result)
		if result == WITHDRAWN:
			assert chosen is None
		if chosen and result == UNUSABLE:
			assert chosen.phone != current.phone
		current = chosen


@given(orders, st.integers(1, 3))
def test_everybody_is_tried_before_anybody_is_tried_twice(order, most):
	tries: Counter = Counter()
	current = order[0]
	while current:
		tries[current.key] += 1
		current = following(order, current, tries, most, NO_ANSWER)
		if current and tries[current.key]:
			left = [one for one in order if not tries[one.key]]
			spent = Counter(one.owner for one in order for _ in range(tries[one.key]))
			assert all(spent[one.owner] >= most for one in left)


@pytest.mark.parametrize(
	("result", "tried", "most", "expected"),
	[
		(NO_ANSWER, [MOBILE], 2, HOME),
		(VOICEMAIL, [MOBILE], 2, HOME),
		(BUSY, [MOBILE], 2, MOBILE),
		(BUSY, [MOBILE, MOBILE], 2, FATHER),
		(UNUSABLE, [MOBILE], 2, HOME),
		(NO_ANSWER, [MOBILE], 1, FATHER),
		(FAILED, [MOBILE, HOME, FATHER], 2, FATHER),
		(NO_ANSWER, [MOBILE, HOME, FATHER, FATHER], 2, None),
		(WITHDRAWN, [MOBILE], 5, None),
	],
)
def test_who_is_next(result, tried, most, expected):
	tries = Counter(one.key for one in tried)
	assert following([MOBILE, HOME, FATHER], tried[-1], tries, most, result) == expected


def test_a_number_that_the_campaign_calls_for_somebody_else_is_passed_over():
	tries = Counter({MOBILE.key: 1})
	assert following([MOBILE, HOME, FATHER], MOBILE, tries, 2, NO_ANSWER, {HOME.phone}) == FATHER


@pytest.mark.parametrize(
	("channel", "status", "answered_by", "acknowledged", "expected"),
	[
		("Voice", "completed", "human", True, None),
		("Voice", "completed", None, True, None),
		("Voice", "completed", "human", False, NOT_ACKNOWLEDGED),
		("Voice", "completed", "machine_start", True, VOICEMAIL),
		("Voice", "completed", "fax", True, VOICEMAIL),
		("Voice", "busy", None, True, BUSY),
		("Voice", "no-answer", None, True, NO_ANSWER),
		("Voice", "canceled", None, True, WITHDRAWN),
		("Voice", "refused", None, True, FAILED),
		("Text", "delivered", None, True, None),
		("Text", "read", None, True, None),
		("Text", "undelivered", None, True, FAILED),
		("Text", "failed", None, True, FAILED),
		("Text", "canceled", None, True, WITHDRAWN),
	],
)
def test_what_an_attempt_came_to(channel, status, answered_by, acknowledged, expected):
	assert outcome(channel, status, answered_by, acknowledged) == expected


@pytest.mark.parametrize(
	("channel", "status"),
	[("Voice", "refused"), ("Voice", "failed"), ("Text", "failed"), ("Text", "undelivered")],
)
def test_only_a_code_that_blames_the_number_makes_it_unusable(channel, status):
	assert outcome(channel, status, None, unusable=True) == UNUSABLE
	assert outcome(channel, status, None) == FAILED


@pytest.mark.parametrize(
	("stage", "expected"),
	[
		("", None),
		("message", None),
		("answered", None),
		("over", None),
		("confirm", NOT_CONFIRMED),
		("pin", NOT_CONFIRMED),
		(NO_PIN, NO_PIN),
		(PIN_LOCKED, PIN_LOCKED),
		(WRONG_PIN, WRONG_PIN),
	],
)
def test_who_answered_and_heard_no_message_was_not_reached(stage, expected):
	assert outcome("Voice", "completed", "human", stage=stage) == expected
	assert outcome("Voice", "completed", "machine_start", stage=stage) == VOICEMAIL


@pytest.mark.parametrize(
	("result", "expected"),
	[(NOT_CONFIRMED, HOME), (WRONG_PIN, HOME), (NO_PIN, FATHER), (PIN_LOCKED, FATHER)],
)
def test_whose_pin_is_missing_or_locked_is_not_called_at_another_number_for_it(result, expected):
	tries = Counter({MOBILE.key: 1})
	assert following([MOBILE, HOME, FATHER], MOBILE, tries, 2, result) == expected


@given(st.sampled_from(["Voice", "Text"]), st.sampled_from(FINAL), st.sampled_from([None, "human", "fax"]))
def test_every_final_status_has_a_meaning(channel, status, answered_by):
	assert outcome(channel, status, answered_by) in (None, *RESULTS)


@given(orders)
def test_a_number_is_one_line_for_the_students_of_all_who_have_it(order):
	both = [*order, *(replace(one, person="Z", students=("Mia",)) for one in order)]
	assert joined(both) == [replace(one, students=("Ana", "Mia")) for one in order]
	assert by_person([*both, *both]) == both
	assert joined(both, order[0].phone) == joined(both)[1:]


@pytest.mark.parametrize(
	("facts", "expected"),
	[
		({}, None),
		({"heard": False}, HUNG_UP),
		({"fetched": False, "duration": 9}, NOT_FETCHED),
		({"fetched": False, "duration": 0}, NOT_FETCHED),
		({"fetched": False, "duration": 2}, NOT_FETCHED),
		({"answered_by": None, "fetched": False, "duration": 2}, HUNG_UP),
		({"answered_by": "unknown", "fetched": False, "duration": 2}, HUNG_UP),
		({"answered_by": "machine_end_beep", "heard": False}, VOICEMAIL),
		({"answered_by": "machine_end_beep", "fetched": False}, NOT_FETCHED),
		({"heard": False, "stage": "confirm"}, HUNG_UP),
		({"stage": "confirm"}, NOT_CONFIRMED),
		({"heard": False, "stage": NO_PIN}, NO_PIN),
		({"heard": False, "acknowledged": False}, HUNG_UP),
		({"status": "busy", "fetched": False, "heard": False}, BUSY),
		({"channel": "Text", "status": "delivered", "fetched": False, "heard": False}, None),
	],
)
def test_reached_is_what_a_person_heard(facts, expected):
	call = {"channel": "Voice", "status": "completed", "answered_by": "human", **facts}
	assert outcome(**call) == expected


@given(
	st.sampled_from([None, "", "human", "unknown", "machine_start", "fax"]),
	st.sampled_from(["", "message", "over", "confirm", "pin", NO_PIN, PIN_LOCKED, WRONG_PIN]),
	st.booleans(),
	st.one_of(st.none(), st.integers(0, 600)),
)
def test_no_one_is_reached_by_words_that_were_not_fetched_or_not_heard(answered_by, stage, acked, duration):
	call = ("Voice", "completed", answered_by, acked, stage)
	assert outcome(*call, fetched=False, heard=True, duration=duration) in (HUNG_UP, NOT_FETCHED)
	assert outcome(*call, fetched=True, heard=False, duration=duration) is not None


@pytest.mark.parametrize(
	("tried", "hung_up", "expected"),
	[
		([MOBILE], (), FATHER),
		([MOBILE, FATHER], (MOBILE.owner,), FATHER),
		([MOBILE, FATHER, MOBILE], (MOBILE.owner,), FATHER),
		([FATHER, MOBILE, FATHER], (FATHER.owner,), HOME),
		([MOBILE, FATHER, FATHER, MOBILE], (MOBILE.owner, FATHER.owner), None),
	],
)
def test_who_hangs_up_is_called_once_more_at_that_number_and_then_left_alone(tried, hung_up, expected):
	tries = Counter(one.key for one in tried)
	assert following([MOBILE, HOME, FATHER], tried[-1], tries, 5, HUNG_UP, hung_up=hung_up) == expected


@given(orders, st.sampled_from(REPEATABLE), st.integers(1, 9))
def test_anyone_who_hung_up_in_an_earlier_call_is_not_called_again(order, result, most):
	tries = Counter({order[0].key: 1})
	chosen = following(order, order[0], tries, most, result, hung_up={order[0].owner})
	assert chosen is None or chosen.owner != order[0].owner
