"""The recogniser in fourteen languages: `languages/*.txt` hold messages as families send them, by what they should come to.

Every other message of a section is for developing the lexicons, the rest is held out: its words were not looked at while the
lexicons were corrected, only how many were right.
"""

from pathlib import Path

import pytest

from school_dialer.consent.opt_out import recognise
from school_dialer.consent.recogniser import lexicon, plain_text

FOLDER = Path(__file__).parent / "languages"
SECTIONS = ("opt_out", "wrong_number", "start", "help", "none")
FOUND = {"en": 0.95, "es": 0.95}


def messages(name: str) -> dict[str, list[str]]:
	sections: dict[str, list[str]] = {}
	for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
		if line.startswith("# "):
			sections[line[2:]] = found = []
		else:
			found.append(line)
	return sections


def share(texts: list[str], is_right) -> float:
	return sum(1 for text in texts if is_right(recognise(text))) / len(texts)


@pytest.mark.parametrize("name", lexicon.LANGUAGES)
def test_every_language_has_its_messages(name):
	sections = messages(name)
	assert set(sections) == set(SECTIONS)
	assert (
		len(sections["opt_out"]) >= 60 and len(sections["none"]) >= 25 and len(sections["wrong_number"]) >= 8
	)
	assert all(text.strip() for texts in sections.values() for text in texts)


@pytest.mark.parametrize("half", (0, 1), ids=("developed on", "held out"))
@pytest.mark.parametrize("name", lexicon.LANGUAGES)
def test_opt_outs_and_wrong_numbers_are_found(name, half):
	sections = messages(name)
	wanted = (sections["opt_out"] + sections["wrong_number"])[half::2]
	assert share(wanted, lambda said: said.opt_out) >= FOUND.get(name, 0.85) - 0.1 * half


@pytest.mark.parametrize("name", lexicon.LANGUAGES)
def test_start_and_help_are_answered(name):
	sections = messages(name)
	for outcome in ("start", "help"):
		assert share(sections[outcome], lambda said, outcome=outcome: said.outcome == outcome) >= 0.8


def test_ordinary_messages_are_never_certain_and_seldom_doubtful():
	ordinary = [text for name in lexicon.LANGUAGES for text in messages(name)["none"]]
	said = [recognise(text) for text in ordinary]
	assert sum(1 for each in said if each.opt_out and not each.review) <= 0.005 * len(ordinary)
	assert sum(1 for each in said if each.review) <= 0.08 * len(ordinary)
	assert not any(each.outcome in ("start", "help") for each in said)
	assert sum(1 for each in said if not each.understood) <= 0.02 * len(ordinary)


@pytest.mark.parametrize("name", lexicon.LANGUAGES)
def test_every_entry_is_found_again_in_a_message(name):
	words = lexicon.lexicon(name)
	for kind, entry in lexicon.entries(lexicon.FOLDER / f"{name}.txt"):
		if kind not in ("prefixes", "negation"):
			assert kind in lexicon.SYMBOLS or kind in lexicon.WHOLE, kind
			assert "*" not in entry.rstrip("*") and not ("*" in entry and " " in entry), entry
			assert words.symbols(plain_text.words_of(entry.rstrip("*"))), entry
