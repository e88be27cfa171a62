"""Words of a machine stand in no row without the name of the person who accepted them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.messages.template import made_from
from school_dialer.messages.template.accepted import NAMED, Draft, note, waits
from school_dialer.messages.template.made_from import DETAILS, WORDS, version_of

ANA, LUIS = ("ana@school.example", "first"), ("luis@school.example", "second")


class Row(dict):
	__getattr__ = dict.get
	__setattr__ = dict.__setitem__


def row(language: str = "es", **values) -> Row:
	return Row(language=language, **{"still_right": 0, "accept_draft": 0, **values})


def drafted(text: str, source: str = "The concert is at six.") -> str:
	return json.dumps({"by": "DeepL", "words": {"voice": text}, "from": {"voice": source}, "left": []})


def saved(one: Row, before: Row | None, source: str, by=ANA, is_known=lambda _row: False) -> Row:
	"""Save a translation as a form of a message does, and return it as it is then."""
	english, known = row("en", voice=source), None if before is None else {before.language: before}
	version = version_of(english, WORDS)
	made_from.note([one], known, version, version, WORDS)
	note([one], known, english, WORDS, by, is_known)
	return one


SOURCE = "The concert is at six."


def test_a_draft_waits_and_says_nothing():
	waiting = saved(row(draft=drafted("El concierto")), None, SOURCE)
	assert waits(waiting, WORDS) and waiting.draft and not waiting.accepted_by


def test_an_accepted_draft_has_the_name_of_the_person_and_no_draft_is_left():
	waiting = saved(row(draft=drafted("El concierto")), None, SOURCE)
	taken = saved(Row(waiting, voice="El concierto", accept_draft=1), waiting, SOURCE)
	assert [taken[name] for name in NAMED] == ["DeepL", *ANA]
	assert not taken.draft and not taken.accept_draft and not waits(taken, WORDS)
	assert made_from.outdated([taken], version_of(row("en", voice=SOURCE), WORDS), WORDS) == []


def test_words_of_a_draft_that_are_pasted_have_a_name_too():
	waiting = saved(row(draft=drafted("El concierto")), None, SOURCE)
	assert saved(Row(waiting, voice=" El  concierto "), waiting, SOURCE).accepted_by == ANA[0]


def test_older_words_are_said_until_the_draft_is_accepted():
	old = saved(row(voice="A las cinco."), None, "At five.")
	waiting = saved(Row(old, draft=drafted("A las seis.", "At six.")), old, "At six.")
	assert waiting.voice == "A las cinco." and not waits(waiting, WORDS) and not waiting.accepted_by


def test_a_draft_of_older_words_leaves_the_translation_outdated():
	waiting = saved(row(draft=drafted("El concierto")), None, SOURCE)
	later = "The concert is at eight."
	taken = saved(Row(waiting, voice="El concierto", accept_draft=1), waiting, later)
	assert made_from.outdated([taken], version_of(row("en", voice=later), WORDS), WORDS) == ["es"]


def test_the_last_person_who_changed_them_answers_for_them():
	first = saved(row(voice="El concierto", draft=drafted("El concierto"), accept_draft=1), None, SOURCE)
	assert saved(Row(first), first, SOURCE, LUIS).accepted_by == ANA[0]
	assert saved(Row(first, voice="El concierto es hoy."), first, SOURCE, LUIS).accepted_by == LUIS[0]


def test_a_form_cannot_name_another_person():
	own = saved(row(voice="Hola"), None, SOURCE)
	forged = dict(zip(NAMED, ("DeepL", *LUIS), strict=True))
	assert not saved(Row(own, **forged), own, SOURCE).accepted_by
	assert saved(row(voice="Hola", **forged), None, SOURCE).accepted_by == ANA[0]
	assert not saved(row(**forged), None, SOURCE).accepted_by


def test_a_copy_keeps_the_name():
	named = dict(zip(NAMED, ("DeepL", *LUIS), strict=True))
	assert saved(row(voice="Hola", **named), None, SOURCE, is_known=lambda _row: True).accepted_by == LUIS[0]


def test_details_are_made_from_the_details_of_their_document():
	draft = json.dumps({"by": "DeepL", "words": {"details": "Hoy"}, "from": {"details": "Today"}, "left": []})
	one, doc = row(details="Hoy", draft=draft, accept_draft=1), Row(details="Today")
	note([one], None, doc, DETAILS, ANA, lambda _row: False)
	assert one.accepted_by == ANA[0] and one.made_from == version_of(doc, DETAILS)


@pytest.mark.parametrize(
	"draft",
	[
		"",
		"{",
		"[]",
		"null",
		'{"by": "DeepL"}',
		'{"by": "", "words": {}, "from": {}}',
		'{"by": 1, "words": {"voice": "x"}, "from": {}}',
		'{"by": "DeepL", "words": {"voice": 1}, "from": {}}',
		'{"by": "DeepL", "words": [], "from": {}}',
		"[" * 100_000,
	],
)
def test_what_is_no_draft_is_dropped(draft):
	assert Draft.read(draft) is None
	assert not saved(row(draft=draft), None, SOURCE).draft


@given(
	st.text(alphabet="ab ", max_size=4),
	st.text(alphabet="ab ", min_size=1, max_size=4),
	st.booleans(),
	st.booleans(),
)
def test_no_words_of_a_draft_are_ever_said_without_a_name(voice: str, text: str, accept: bool, is_new: bool):
	waiting = None if is_new else saved(row(draft=drafted(text)), None, SOURCE)
	one = saved(row(voice=voice, draft=drafted(text), accept_draft=int(accept)), waiting, SOURCE)
	is_machines = voice.strip() and voice.split() == text.split()
	assert one.accepted_by == ANA[0] if is_machines or (accept and voice.strip()) else not one.accepted_by
