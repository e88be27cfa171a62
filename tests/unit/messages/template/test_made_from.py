"""Each translation knows the version of the source text that it was made from."""

from types import SimpleNamespace

import pytest

from school_dialer.messages.template import made_from
from school_dialer.messages.template.made_from import WORDS, note, outdated, version_of


class Row(SimpleNamespace):
	def get(self, field):
		return getattr(self, field, None)


def row(language: str, voice: str, **more) -> Row:
	return Row(language=language, **{"voice": voice, "made_from": None, "still_right": 0, **more})


def saved(rows: list[Row], before: list[Row] | None, source: str, was: str) -> list[str]:
	"""Save translations of a source, and return which are outdated."""
	known = None if before is None else {one.language: one for one in before}
	versions = [version_of(row("en", text), WORDS) if text else "" for text in (source, was)]
	note(rows, known, *versions, WORDS)
	return outdated(rows, versions[0], WORDS)


def changed(rows: list[Row], **voices) -> list[Row]:
	"""Return copies as a form sends them, with these voices by language."""
	return [Row(**{**vars(one), "voice": voices.get(one.language, one.voice)}) for one in rows]


def test_what_is_written_together_is_as_new():
	rows = [row("es", "Hola"), row("vi", "Xin")]
	assert saved(rows, None, "Hello", "") == []
	assert saved(changed(rows), rows, "Hello", "Hello") == []


def test_a_source_that_changes_alone_leaves_its_translations_behind_until_each_is_written_again():
	first = [row("es", "Hola"), row("vi", "Xin")]
	saved(first, None, "Hello", "")
	second = changed(first)
	assert saved(second, first, "Good day", "Hello") == ["es", "vi"]
	third = changed(second, es="Buen día")
	assert saved(third, second, "Good day", "Good day") == ["vi"]
	fourth = changed(third)
	fourth[1].still_right = 1
	assert saved(fourth, third, "Good day", "Good day") == []
	assert not fourth[1].still_right


def test_a_source_that_is_changed_back_is_what_they_were_made_from():
	first = [row("es", "Hola")]
	saved(first, None, "Hello", "")
	second = changed(first)
	assert saved(second, first, "Good day", "Hello") == ["es"]
	assert saved(changed(second), second, " Hello ", "Good day") == []


def test_words_from_before_versions_were_kept_count_from_the_first_change():
	old = [row("es", "Hola")]
	assert outdated(old, version_of(row("en", "Hello"), WORDS), WORDS) == []
	new = changed(old)
	assert saved(new, old, "Good day", "Hello") == ["es"]


def test_a_copy_of_a_document_keeps_what_is_behind():
	first = [row("es", "Hola")]
	saved(first, None, "Hello", "")
	second = changed(first)
	saved(second, first, "Good day", "Hello")
	assert saved(changed(second), None, "Good day", "") == ["es"]


@pytest.mark.parametrize(
	("rows", "source"), [([], "Hello"), ([row("es", "")], "Hello"), ([row("es", "Hola", made_from="x")], "")]
)
def test_nothing_is_behind_nothing(rows, source):
	assert outdated(rows, version_of(row("en", source), WORDS) if source else "", WORDS) == []


def test_a_form_cannot_say_what_words_were_made_from():
	first = [row("es", "Hola")]
	saved(first, None, "Hello", "")
	forged = changed(first)
	forged[0].made_from = version_of(row("en", "Good day"), WORDS)
	assert saved(forged, first, "Good day", "Hello") == ["es"]


def test_all_that_is_said_makes_the_version():
	versions = {version_of({field: "x"}, made_from.WORDS) for field in made_from.WORDS}
	assert len(versions) == len(made_from.WORDS) and "" not in versions
