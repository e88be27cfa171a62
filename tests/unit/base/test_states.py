"""The state machines, without Frappe: they only move forward, whatever the order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.base import states

STATUSES = sorted(states.RANK)
CAMPAIGN_STATES = sorted(states.CAMPAIGN_MOVES)


def furthest(statuses: list[str]) -> str:
	"""Return the status that these reports leave on a log: the first of the highest rank."""
	return max([states.PLACING, *statuses], key=states.rank)


@given(st.lists(st.sampled_from(STATUSES), min_size=1), st.randoms())
def test_order_and_copies_make_no_difference_to_the_rank(statuses, random):
	shuffled = statuses * 3
	random.shuffle(shuffled)
	assert states.rank(furthest(shuffled)) == states.rank(furthest(statuses))


@given(st.lists(st.sampled_from(STATUSES)))
def test_a_final_status_is_never_replaced(statuses):
	first_final = next((status for status in statuses if states.is_final(status)), None)
	if first_final == states.UNREPORTED:
		later = [status for status in statuses if states.rank(status) > states.FINAL_RANK]
		assert furthest(statuses) == (later or [first_final])[0], "a late receipt still counts"
	elif first_final:
		assert furthest(statuses) == first_final


@given(st.text(max_size=30))
def test_words_that_are_no_status_are_refused(word):
	if word not in states.RANK:
		with pytest.raises(states.UnknownStatus):
			states.rank(word)


def test_the_event_name_answered_is_no_status():
	with pytest.raises(states.UnknownStatus):
		states.rank("answered")


def test_ended_campaigns_stay_ended():
	for state in states.ENDED:
		assert not states.CAMPAIGN_MOVES[state]


@given(st.lists(st.sampled_from(CAMPAIGN_STATES), max_size=12))
def test_a_cancelled_campaign_never_calls_again(targets):
	state, cancelled = states.DRAFT, False
	for target in targets:
		if target in states.CAMPAIGN_MOVES.get(state, ()):
			state = target
		cancelled = cancelled or state == states.CANCELLED
		assert not (cancelled and state in states.CALLING)


def test_every_state_can_reach_an_end():
	for start in CAMPAIGN_STATES:
		seen, edge = {start}, {start}
		while edge:
			edge = {target for state in edge for target in states.CAMPAIGN_MOVES[state]} - seen
			seen |= edge
		assert seen & set(states.ENDED)


def test_a_text_is_not_final_when_sent():
	assert not states.is_final("sent")


def test_a_text_that_nothing_will_be_reported_about_is_between_sent_and_delivered():
	assert states.is_final(states.UNREPORTED)
	assert states.rank("sent") < states.rank(states.UNREPORTED) < states.rank("delivered")
	assert furthest(["sent", states.UNREPORTED, "delivered"]) == "delivered"
