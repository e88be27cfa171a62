"""The dialog on the phone: no child without a proof, no report without a confirmation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.messages.model import School
from school_dialer.messages.phrases import languages
from school_dialer.messages.spoken import absence_line, absence_state
from school_dialer.messages.spoken.absence_line import Caller
from school_dialer.messages.spoken.absence_state import (
	CHILD,
	CONFIRM,
	OVER,
	PROVE,
	REASON,
	REPORT,
	STAGES,
	WHAT,
	Move,
	State,
	hear,
)
from school_dialer.messages.spoken.ivr_state import LOCKED, RIGHT, WRONG

SCHOOL = School("Riverside", "Riverside School", "+18005550142")
SECRET = "05012016"
KEYS = st.sampled_from(["", "0", "1", "2", "3", "4", "5", "8", "9", "*", "#", SECRET, "05012017", "x", "٣"])


def prove(digits: str) -> str:
	return RIGHT if digits == SECRET else WRONG


def play(keys: list[str], children: int = 2) -> list[Move]:
	state, moves = State(), []
	for one in keys:
		moves.append(hear(state, one, children, prove))
		state = moves[-1].state
	return moves


def test_the_way_through():
	stages = [move.state.stage for move in play([SECRET, "2", "1", "3", "1"])]
	assert stages == [CHILD, WHAT, REASON, CONFIRM, OVER]
	last = play([SECRET, "2", "1", "3", "1"])[-1]
	assert (last.action, last.state.child, last.state.what, last.state.reason) == (REPORT, 2, 1, 3)


def test_an_only_child_is_not_asked_for():
	assert play([SECRET], 1)[-1].state.stage == WHAT


def test_zero_starts_again_without_what_was_chosen():
	state = play([SECRET, "2", "3", "4", "0"])[-1].state
	assert (state.stage, state.child, state.what, state.reason) == (CHILD, 0, 0, 0)


@given(st.lists(KEYS, max_size=30), st.integers(1, 8))
def test_no_report_without_proof_choice_and_confirmation(keys, children):
	before = State()
	for move in play(keys, children):
		if move.action == REPORT:
			assert SECRET in keys and before.stage == CONFIRM
			assert 1 <= move.state.child <= children
			assert move.state.what in absence_state.WHATS and 1 <= move.state.reason <= absence_state.REASONS
		assert move.state.stage == OVER or move.state.turn < absence_state.MOST_TURNS
		before = move.state


@given(st.lists(KEYS, max_size=30))
def test_without_the_right_keys_nothing_is_chosen(keys):
	for move in play([one for one in keys if one != SECRET]):
		assert move.state.stage in (PROVE, OVER) and not move.state.child


def test_three_wrong_proofs_or_a_lock_end_it():
	assert play(["1", "2", "3"])[-1].action == absence_state.OFFICE
	assert hear(State(), "1", 1, lambda _digits: LOCKED).action == absence_state.OFFICE


@given(st.builds(State, st.sampled_from(STAGES), *[st.integers(0, 99)] * 5))
def test_a_state_is_read_as_it_was_written(state):
	assert State.of(state.text) == state


@given(st.none() | st.text(max_size=40))
def test_another_dialogs_state_is_not_taken_for_it(text):
	assert State.of(text) is None


@pytest.mark.parametrize("language", sorted(languages()))
@pytest.mark.parametrize("stage", [PROVE, CHILD, WHAT, REASON, CONFIRM])
def test_every_stage_is_spoken_in_every_language(language, stage):
	caller = Caller(["Ana", "Luis"], absence_line.MONTH_FIRST, language)
	state = State(stage, child=2, what=1, reason=1)
	xml = absence_line.answer(SCHOOL, caller, Move(state, absence_state.ASK), "https://school.example/x")
	assert "<Gather" in xml and ("Luis" in xml) is (stage in (CHILD, CONFIRM))


def test_no_name_before_the_proof():
	caller = Caller(["Ana", "Luis"], absence_line.PIN)
	for action in (absence_state.ASK, absence_state.AGAIN, absence_state.NO_MATCH):
		xml = absence_line.answer(SCHOOL, caller, Move(State(), action), "https://school.example/x")
		assert "Ana" not in xml and "Luis" not in xml
