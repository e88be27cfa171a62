"""The building blocks of a call: the question, the keys, and what is spoken in between and at the end.

They speak into a TwiML verb, in the listener's language.
"""

from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.messages.model import MissingData, Outgoing
from school_dialer.messages.sound.recorded import Body
from school_dialer.messages.spoken import ivr_state, question
from school_dialer.messages.spoken.question import Question
from school_dialer.messages.spoken.speaker import Speaker
from school_dialer.messages.template.values import clean, without_emoji


def listen(speaker: Speaker, stage: str, keypress_url: str):
	"""Return a <Gather> for one key, or for a PIN followed by the key that ends it.

	That key also ends a single opt-out key.
	"""
	several = stage in (ivr_state.PIN, *ivr_state.WITHHELD)
	return speaker.gather(keypress_url, ivr_state.PIN_DIGITS.stop if several else 1)


def ask_again(speaker: Speaker, parent, outgoing: Outgoing, stage: str) -> None:
	"""Say which keys can be pressed in this stage."""
	asked = question.spoken(outgoing)
	if stage in ivr_state.WITHHELD:
		withhold(speaker, parent)
	elif stage in ivr_state.UNCONFIRMED:
		again = "pin_again" if stage == ivr_state.PIN else "gate_again"
		speaker.say_phrase(parent, again, person=person(outgoing))
		office_key(speaker, parent, outgoing)
	elif stage == ivr_state.AGREE:
		speaker.say_phrase(parent, "record_told")
	elif asked:
		ask_question(speaker, parent, outgoing, asked)
	else:
		speaker.say_phrase(parent, "again")


def withhold(speaker: Speaker, parent) -> None:
	speaker.say_phrase(parent, "voicemail")
	speaker.say_phrase(parent, "call_back", number=speaker.number)


def is_emergency(outgoing: Outgoing) -> bool:
	return outgoing.template.purpose == EMERGENCY


def offers_office(outgoing: Outgoing) -> bool:
	school = outgoing.school
	return school.office and (school.office_in_emergencies or not is_emergency(outgoing))


def office_key(speaker: Speaker, parent, outgoing: Outgoing) -> None:
	"""Say the key that connects to the office, if this call offers it."""
	if offers_office(outgoing):
		speaker.say_phrase(parent, "office_key")


def ask_question(speaker: Speaker, parent, outgoing: Outgoing, asked: Question) -> None:
	speaker.say(parent, asked.text, asked.language)
	for key, label in enumerate(asked.labels, 1):
		speaker.say(parent, label, asked.language)
		speaker.say_phrase(parent, "press", digit=str(key))
	if is_recorded(outgoing, asked):
		speaker.say_phrase(parent, "reason_spoken")
		speaker.say_phrase(parent, "press", digit=str(question.SPOKEN_REASON))
	speaker.say_phrase(parent, "again_zero")


def noted(speaker: Speaker, parent, outgoing: Outgoing, answer: int) -> None:
	asked = question.spoken(outgoing)
	speaker.say_phrase(parent, "noted")
	if answer <= len(asked.labels):
		speaker.say(parent, asked.labels[answer - 1], asked.language)
	speaker.say_phrase(parent, "change_answer")
	speaker.say_phrase(parent, "again_zero")


def is_recorded(outgoing: Outgoing, asked: Question | None) -> bool:
	return asked is not None and asked.kind == question.REASON and outgoing.record_reason


def say_and_play(speaker: Speaker, parent, body: Body, language: str, outgoing: Outgoing) -> None:
	if body.text:
		speaker.say(parent, body.text, language)
	if body.recording:
		speaker.play(parent, outgoing.play_url(body.recording.name), body.recording.seconds)


def say_body(speaker: Speaker, parent, body: Body, language: str, outgoing: Outgoing) -> float:
	"""Say the body, its question and the keys. Return the seconds after which the body has been heard.

	An emergency is said twice: to whom it reaches in the middle of something, and to a machine that records
	only what comes after its greeting.
	"""
	say_and_play(speaker, parent, body, language, outgoing)
	heard = speaker.seconds
	if is_emergency(outgoing):
		say_and_play(speaker, parent, body, language, outgoing)
	asked = question.spoken(outgoing)
	if asked:
		ask_question(speaker, parent, outgoing, asked)
	elif outgoing.acknowledge:
		speaker.say_phrase(parent, "acknowledge")
	speaker.say_phrase(parent, "call_back", number=speaker.number)
	office_key(speaker, parent, outgoing)
	if not asked:
		speaker.say_phrase(parent, "again")
	speaker.say_phrase(parent, "stop_menu")
	if outgoing.only_school:
		speaker.say_phrase(parent, "stop_menu_school", school=sayable(outgoing.only_school))
	return heard


def stop_phrase(outgoing: Outgoing) -> str:
	return "stop_key_emergency" if is_emergency(outgoing) else "stop_key"


def sayable(name: str) -> str:
	return without_emoji(clean(name)).strip()


def person(outgoing: Outgoing) -> str:
	name = without_emoji(clean(getattr(outgoing.person_name, "spoken", outgoing.person_name))).strip()
	if not name:
		raise MissingData("recipient_name")
	return name
