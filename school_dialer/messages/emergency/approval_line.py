"""What an approver hears who is called about an emergency, and reads in the text with the link. Pure Python.

Nothing about the emergency is said before the PIN, since anyone may pick up.
"""

from dataclasses import dataclass

from school_dialer.messages.emergency import approval_state as dialog
from school_dialer.messages.emergency.approval_state import Move
from school_dialer.messages.model import School
from school_dialer.messages.phrases import language_for, phrase
from school_dialer.messages.spoken.speaker import Speaker
from school_dialer.messages.spoken.voices import VOICES
from school_dialer.messages.template.values import clean, without_emoji
from school_dialer.messages.text import framed

PIN_DIGITS, LONGEST = 8, 700
"""Characters of the message that are read out, some 50 seconds."""


@dataclass(frozen=True, slots=True)
class Waiting:
	"""The emergency that waits. `words` are in the language `language`, the school's."""

	title: str
	words: str
	language: str
	people: int
	outdated: str = ""
	"""Says which languages of the message are older than the school's own words, or ""."""
	details_missing: tuple[str, ...] = ()
	"""Languages of the message in which its details are not written: these families get them in `language`.
	"""


def text(school: School, language: str, title: str, people: int, url: str, minutes: int) -> str:
	"""Return the text that brings the link."""
	spoken = language_for(language, school.language)
	values = {"title": title, "people": str(people), "url": url, "minutes": str(minutes)}
	return framed(school, phrase("approval_text", spoken, **values))


def greet(school: School, language: str, url: str) -> str:
	"""Return the first words: who calls, and the request for the PIN. Said twice, then the call ends."""
	speaker = Speaker(school, language, VOICES)
	for _time in range(2):
		gather = speaker.gather(url, PIN_DIGITS)
		speaker.say_phrase(gather, "identity", identity=speaker.identity)
		speaker.say_phrase(gather, "approval_pin")
	return speaker.goodbye()


def answer(school: School, language: str, move: Move, waiting: Waiting, url: str) -> str:
	"""Return what follows a move. `url` takes the next keys."""
	speaker = Speaker(school, language, VOICES)
	sentence = {
		dialog.APPROVE: "approval_done",
		dialog.REJECT: "approval_rejected",
		dialog.LOCKED: "approval_locked",
	}.get(move.action)
	if sentence or move.state.stage == dialog.OVER:
		if sentence:
			speaker.say_phrase(speaker.response, sentence)
		return speaker.goodbye()
	if move.state.stage == dialog.PROVE:
		gather = speaker.gather(url, PIN_DIGITS)
		if move.action == dialog.WRONG:
			speaker.say_phrase(gather, "approval_wrong_pin")
		speaker.say_phrase(gather, "approval_pin")
	else:
		gather = speaker.gather(url)
		if move.action == dialog.AGAIN:
			speaker.say_phrase(gather, "unknown_key")
		_tell(speaker, gather, waiting)
	speaker.response.redirect(url, method="POST")
	return speaker.xml()


def over(school: School, language: str) -> str:
	"""Return that it was decided meanwhile, or cannot be decided by this call."""
	speaker = Speaker(school, language, VOICES)
	speaker.say_phrase(speaker.response, "approval_over")
	return speaker.goodbye()


def _tell(speaker: Speaker, gather, waiting: Waiting) -> None:
	speaker.say_phrase(gather, "approval_about", people=str(waiting.people))
	for words in (waiting.title, waiting.words):
		spoken = without_emoji(clean(words[:LONGEST])).strip()
		if spoken:
			speaker.say(gather, spoken, waiting.language)
	if waiting.details_missing:
		speaker.say_phrase(gather, "approval_details")
	speaker.say_phrase(gather, "approval_keys")
