"""What a guardian hears who reports an absence by phone. Pure Python with twilio's builder.

A child is named only after the guardian has shown who they are (`absence_state`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from school_dialer.messages.model import School
from school_dialer.messages.spoken import absence_state as dialog
from school_dialer.messages.spoken.absence_state import Move, State
from school_dialer.messages.spoken.question import REASONS
from school_dialer.messages.spoken.speaker import Speaker
from school_dialer.messages.spoken.voices import VOICES
from school_dialer.messages.template.values import clean, without_emoji

PROOF_DIGITS = 8
WHAT = {1: "absence_today", 2: "absence_tomorrow", 3: "absence_late"}
PIN, MONTH_FIRST, DAY_FIRST = "absence_pin", "absence_birth_mdy", "absence_birth_dmy"
"""The phrases that ask for a proof."""


@dataclass(frozen=True, slots=True)
class Caller:
	"""Who calls: the children's first names in the order of their keys, and the phrase to ask for proof."""

	names: Sequence[str]
	proof: str
	language: str = ""


def greet(school: School, caller: Caller, state: State, url: str) -> str:
	"""Return the first words: what the line is for, and what proves who calls."""
	return _spoken(school, caller, state, url, "absence_line")


def answer(school: School, caller: Caller, move: Move, url: str) -> str:
	"""Return what follows a move. `url` takes the next keys."""
	if move.action == dialog.REPORT:
		return _end(school, caller, "absence_done")
	if move.action == dialog.OFFICE:
		return office(school, caller.language)
	if move.action == dialog.GOODBYE:
		return _end(school, caller)
	before = {dialog.AGAIN: "unknown_key", dialog.NO_MATCH: "absence_no_match"}.get(move.action, "")
	return _spoken(school, caller, move.state, url, before)


def office(school: School, language: str) -> str:
	"""Return that the report cannot be taken here, and whom to call."""
	speaker = Speaker(school, language, VOICES)
	speaker.say_phrase(speaker.response, "absence_office", number=speaker.number)
	return speaker.goodbye()


def _end(school: School, caller: Caller, *phrases: str) -> str:
	speaker = Speaker(school, caller.language, VOICES)
	for key in (*phrases, "goodbye"):
		speaker.say_phrase(speaker.response, key)
	speaker.response.hangup()
	return speaker.xml()


def _spoken(school: School, caller: Caller, state: State, url: str, before: str) -> str:
	speaker = Speaker(school, caller.language, VOICES)
	proving = state.stage == dialog.PROVE
	gather = speaker.gather(url, PROOF_DIGITS if proving else 1)
	if before:
		speaker.say_phrase(gather, before)
	_ask(speaker, gather, caller, state)
	speaker.response.redirect(url, method="POST")
	return speaker.xml()


def _ask(speaker: Speaker, gather, caller: Caller, state: State) -> None:
	if state.stage == dialog.PROVE:
		speaker.say_phrase(gather, caller.proof)
	elif state.stage == dialog.CHILD:
		for key, name in enumerate(caller.names, 1):
			speaker.say_phrase(gather, "absence_child", child=_said(name))
			speaker.say_phrase(gather, "press", digit=str(key))
	elif state.stage == dialog.WHAT:
		_choices(speaker, gather, list(WHAT.values()))
	elif state.stage == dialog.REASON:
		speaker.say_phrase(gather, "reason_question")
		_choices(speaker, gather, REASONS)
	elif state.stage == dialog.CONFIRM:
		speaker.say_phrase(gather, "absence_child", child=_said(caller.names[state.child - 1]))
		speaker.say_phrase(gather, WHAT[state.what])
		speaker.say_phrase(gather, REASONS[state.reason - 1])
		speaker.say_phrase(gather, "absence_confirm")


def _choices(speaker: Speaker, gather, keys: Sequence[str]) -> None:
	for key, label in enumerate(keys, 1):
		speaker.say_phrase(gather, label)
		speaker.say_phrase(gather, "press", digit=str(key))


def _said(name: str) -> str:
	return without_emoji(clean(name)).strip() or "-"
