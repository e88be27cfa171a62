"""The dialog of an approver: the PIN first, then one key, and an end whatever is pressed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.messages.emergency import approval_state as dialog
from school_dialer.messages.emergency.approval_state import State
from school_dialer.messages.spoken.ivr_state import LOCKED, RIGHT, WRONG


def prove(digits: str) -> str:
	return RIGHT if digits == "4829" else WRONG


def run(*keys: str, prove=prove) -> list[str]:
	state, actions = State(), []
	for pressed in keys:
		move = dialog.hear(state, pressed, prove)
		state = State.of(move.state.text)
		assert state == move.state
		actions.append(move.action)
	return actions


@pytest.mark.parametrize(
	("keys", "last"),
	[
		(["4829", "1"], dialog.APPROVE),
		(["4829", "2"], dialog.REJECT),
		(["4829", "0", "5", "1"], dialog.APPROVE),
		(["1111", "4829", "1"], dialog.APPROVE),
		(["4829", "11"], dialog.AGAIN),
		(["", "", "4829"], dialog.ASK),
		(["1", "1", "1"], dialog.LOCKED),
		(["4829", "1", "1"], dialog.GOODBYE),
		(["4829", "2", "1"], dialog.GOODBYE),
	],
)
def test_moves(keys, last):
	assert run(*keys)[-1] == last


def test_a_locked_pin_ends_the_call():
	assert run("4829", "1", prove=lambda _digits: LOCKED) == [dialog.LOCKED, dialog.GOODBYE]


@given(st.lists(st.sampled_from(["", "0", "1", "2", "9", "12", "1111", "#", "*"]), max_size=30))
def test_without_the_pin_nothing_is_decided(keys):
	assert not {dialog.APPROVE, dialog.REJECT} & set(run(*keys))


@given(st.lists(st.sampled_from(["", "0", "1", "2", "4829"]), max_size=40))
def test_it_decides_once_at_most_and_ends(keys):
	actions = run(*keys)
	assert sum(one in (dialog.APPROVE, dialog.REJECT) for one in actions) <= 1
	assert all(one == dialog.GOODBYE for one in actions[dialog.MOST_TURNS :])


@given(st.text(max_size=40))
def test_any_stored_text_is_read(text):
	state = State.of(text)
	if text and not text.startswith(f"{dialog.MARK}:"):
		assert state.stage == dialog.OVER
