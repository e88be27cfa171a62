import pytest

from school_dialer.consent.recogniser import phrases, words
from school_dialer.consent.recogniser.patterns import Match, find_all, found, read_pattern
from school_dialer.consent.recogniser.plain_text import clauses, latin, plain, squeeze, tokens


def test_words_sets_gaps_and_ends():
	assert found("STOP ..1 CONTACTING", "please stop all calling".split())
	assert not found("STOP ..1 CONTACTING", "stop all of this calling".split())
	assert found("^ go away $", ["go", "away"]) and not found("^ go away $", ["go", "away", "now"])
	assert found("not|never here? again", ["never", "again"])
	assert list(find_all("a ..2 c", ["a", "b", "c", "a"])) == [Match(0, 3, ("b",))]


@pytest.mark.parametrize(
	"pattern",
	[pattern for pattern, _certain in phrases.STOP_PATTERNS]
	+ [
		*phrases.WRONG_NUMBER_PATTERNS,
		*phrases.IDIOMS,
		*phrases.WRONG_NUMBER_IDIOMS,
		*phrases.EVEN_EMERGENCY_PATTERNS,
	],
)
def test_every_pattern_names_only_sets_that_exist(pattern):
	assert read_pattern(pattern)
	for part in pattern.split():
		for choice in part.rstrip("?").split("|"):
			assert choice in {*words.SETS, "NAME"} or not choice.isupper(), choice


def test_no_table_holds_what_plain_text_would_never_leave():
	for name, found_words in words.SETS.items():
		for word in found_words:
			assert tokens(plain(word)) == [squeeze(word)], (name, word)


def test_plain_text_undoes_disguises():
	assert plain("Ｄｏｎ’ｔ Niño\u200b") == "dont nino"
	assert squeeze("stoooop") == "stop" and squeeze("all") == "all" and squeeze("5550000") == "5550000"
	assert latin("ѕтор") == "stop" and latin("спасибо") == "спасибо"
	assert clauses(plain("Stop. Who is this?")) == [(["stop"], False), (["who", "is", "this"], True)]
	assert clauses("s t o p now") == [(["stop", "now"], False)]
