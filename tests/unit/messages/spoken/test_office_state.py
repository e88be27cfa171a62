"""A caller on the way to the office: every caller gets to an end, and nothing is recorded without consent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.messages.spoken import ivr_state, office_state
from school_dialer.messages.spoken.ivr_state import Script, State
from school_dialer.messages.spoken.office_state import (
	AGREE_KEY,
	BACK,
	DIALING,
	ENDS,
	KEPT,
	MOST_TURNS,
	OFFER,
	OVER,
	RECORD,
	STAGES,
	STOPPED,
	OfficeState,
)

DIALED, SILENT, SPOKEN, AGAIN = "dialed", "silent", "spoken", "again"
KEYS = st.text("0123456789*#", max_size=3)
STATES = st.builds(
	OfficeState,
	st.sampled_from(["", *STAGES]),
	st.integers(0, 99),
	st.sampled_from(["", "Attendance", "this purpose"]),
)
OFFERS = st.fixed_dictionaries({"records": st.booleans(), "returns": st.booleans()})


@given(STATES)
def test_a_state_survives_its_text(state):
	assert OfficeState.of(state.text) == state
	assert OfficeState.of(None) == OfficeState()


@given(
	st.booleans(),
	OFFERS,
	st.lists(st.one_of(KEYS, st.sampled_from([DIALED, SILENT, SPOKEN, AGAIN])), max_size=60),
	st.booleans(),
)
def test_every_caller_gets_to_an_end_and_agrees_before_a_recording(dials, offers, events, own_call):
	state, agreed = office_state.begin(OfficeState(), dials=dials), False
	for event in events:
		before = state
		if event == DIALED:
			state = office_state.ended(state, False)
		elif event in (SILENT, SPOKEN):
			state = office_state.recorded(state, event == SPOKEN)
		elif event == AGAIN:
			state = office_state.begin(state, dials=dials) if not state.is_open else state
		else:
			stops = office_state.stop_keys(own_call)
			state = office_state.hear_key(state, event, stops=stops, **offers).state
			agreed = agreed or (before.stage == OFFER and event[:1] == AGREE_KEY)
		assert state.turn >= before.turn
		assert not (state.stage in (RECORD, KEPT) and not (agreed and offers["records"]))
		if before.stage in ENDS:
			assert state.stage in (before.stage, STOPPED)
	assert state.stage in (DIALING, *ENDS) or state.turn <= MOST_TURNS


@given(STATES, st.sampled_from("789"), OFFERS)
def test_the_keys_that_stop_calls_work_in_every_stage(state, key, offers):
	move = office_state.hear_key(state, key, stops=office_state.stop_keys(True), **offers)
	assert (move.state.stage, move.scope) == (STOPPED, ivr_state.STOP_SCOPES[key])
	assert move.state.about == move.scope


@pytest.mark.parametrize("key", "78")
def test_in_a_call_to_us_only_the_key_that_was_explained_stops(key):
	stops = office_state.stop_keys(False)
	assert (
		office_state.hear_key(OfficeState(OFFER, 1), key, records=True, returns=False, stops=stops).scope
		== ""
	)
	assert stops == "9"


def test_a_caller_who_was_connected_is_done_and_another_is_offered_a_message():
	dialing = office_state.begin(OfficeState(), dials=True, about="Event")
	assert dialing == OfficeState(DIALING, 1, "Event")
	assert office_state.ended(dialing, True).stage == OVER
	assert office_state.ended(dialing, False).stage == OFFER


def test_the_end_of_the_office_call_counts_once():
	later = OfficeState(RECORD, 3)
	assert office_state.ended(later, True) == later


def test_a_caller_may_go_back_to_the_words_of_our_call_only():
	at = OfficeState(OFFER, 2)
	stops = office_state.stop_keys(True)
	assert office_state.hear_key(at, "2", records=True, returns=True, stops=stops).state.stage == BACK
	assert office_state.hear_key(at, "2", records=True, returns=False, stops=stops).state.stage == OFFER
	assert not OfficeState(BACK, 3).is_open and not OfficeState().is_open


WITH_OFFICE = Script(office=True)


@pytest.mark.parametrize("stage", [one for one in ivr_state.STAGES if one != ivr_state.OVER])
def test_six_connects_from_every_stage_and_opens_nothing(stage):
	move = ivr_state.hear_keys(State(stage, 3), "6", Script(pin=True, office=True))
	assert (move.action, move.state) == (ivr_state.CONNECT, State(stage, 4))
	assert not ivr_state.is_private(State(stage, 3), "6", Script(pin=True, office=True))


@given(st.text("0123456789", min_size=2, max_size=9))
def test_keys_that_may_be_part_of_a_pin_never_connect(digits):
	for stage in (ivr_state.PIN, *ivr_state.WITHHELD):
		asks = ivr_state.asks_for_office(State(stage), digits, WITH_OFFICE)
		assert asks == (set(digits) == {"6"})


def test_six_has_no_meaning_where_the_office_is_not_offered_or_the_call_is_over():
	assert ivr_state.hear_keys(State(ivr_state.MESSAGE), "6", Script()).action == ivr_state.UNKNOWN
	assert ivr_state.hear_keys(State(ivr_state.OVER), "6", WITH_OFFICE).action == ivr_state.GOODBYE


def test_an_answer_may_connect_too():
	asked = Script(choices=2, office=True, connects=2)
	move = ivr_state.hear_keys(State(ivr_state.MESSAGE), "2", asked)
	assert (move.action, move.answer, move.state.stage) == (ivr_state.CONNECT, 2, ivr_state.ANSWERED)
	assert ivr_state.hear_keys(State(ivr_state.MESSAGE), "1", asked).action == ivr_state.ANSWER
	without = Script(choices=2, connects=2)
	assert ivr_state.hear_keys(State(ivr_state.MESSAGE), "2", without).action == ivr_state.ANSWER


def test_a_call_ends_after_its_turns_even_for_one_who_asks_for_the_office_forever():
	last = State(ivr_state.MESSAGE, ivr_state.MOST_TURNS - 1)
	assert ivr_state.hear_keys(last, "6", WITH_OFFICE).action == ivr_state.GOODBYE
	assert office_state.begin(OfficeState(BACK, MOST_TURNS), dials=True).stage == OVER
