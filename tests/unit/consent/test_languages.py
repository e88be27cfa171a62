"""The recogniser in fourteen languages: `languages/*.txt` hold messages as families send them, by what they should come to.

In a first section every other message is for developing the lexicons and the rest held out: those were not looked at while the
lexicons were corrected, only how many were right. The second sections are for developing. The third were written when the lexicons
were finished and are held out as well.
"""

from pathlib import Path

import pytest

from school_dialer.consent.opt_out import recognise
from school_dialer.consent.recogniser import lexicon, plain_text

FOLDER = Path(__file__).parent / "languages"
SECTIONS = ("opt_out", "wrong_number", "start", "help", "none")
PARTS = ("developed", "held out")
FOUND = {"developed": 0.95, "held out": 0.85}


def messages(name: str) -> dict[str, list[str]]:
	"""{section: messages} of a language."""
	sections: dict[str, list[str]] = {}
	for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
		if line.startswith("# "):
			sections[line[2:]] = found = []
		else:
			found.append(line)
	return sections


def of_part(name: str, part: str, section: str) -> list[str]:
	"""The messages of a section that were "developed" on or "held out"."""
	sections = messages(name)
	if part == "developed":
		return sections[section][::2] + sections.get(f"second {section}", [])
	return sections[section][1::2] + sections.get(f"third {section}", [])


def share(texts: list[str], is_right) -> float:
	return sum(1 for text in texts if is_right(recognise(text))) / len(texts)


@pytest.mark.parametrize("name", lexicon.LANGUAGES)
def test_every_language_has_its_messages(name):
	sections = messages(name)
	assert set(SECTIONS) <= set(sections)
	assert (
		len(sections["opt_out"]) >= 60 and len(sections["none"]) >= 25 and len(sections["wrong_number"]) >= 8
	)
	assert all(text.strip() for texts in sections.values() for text in texts)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("name", lexicon.LANGUAGES)
def test_opt_outs_and_wrong_numbers_are_found(name, part):
	wanted = of_part(name, part, "opt_out") + of_part(name, part, "wrong_number")
	assert share(wanted, lambda said: said.opt_out) >= FOUND[part]


@pytest.mark.parametrize("name", lexicon.LANGUAGES)
def test_start_and_help_are_answered(name):
	sections = messages(name)
	for outcome in ("start", "help"):
		assert share(sections[outcome], lambda said, outcome=outcome: said.outcome == outcome) >= 0.8


@pytest.mark.parametrize("part", PARTS)
def test_ordinary_messages_are_never_certain_and_seldom_doubtful(part):
	ordinary = [text for name in lexicon.LANGUAGES for text in of_part(name, part, "none")]
	said = [recognise(text) for text in ordinary]
	assert sum(1 for each in said if each.opt_out and not each.review) <= 0.005 * len(ordinary)
	assert sum(1 for each in said if each.review) <= 0.08 * len(ordinary)
	assert not any(each.outcome in ("start", "help") for each in said)
	assert sum(1 for each in said if not each.understood) <= 0.05 * len(ordinary)


@pytest.mark.parametrize("name", lexicon.LANGUAGES)
def test_every_entry_is_found_again_in_a_message(name):
	words = lexicon.lexicon(name)
	for kind, entry in lexicon.entries(lexicon.FOLDER / f"{name}.txt"):
		if kind not in lexicon.OPTIONS:
			assert kind in lexicon.SYMBOLS or kind in lexicon.WHOLE, kind
			assert "*" not in entry.rstrip("*") and not ("*" in entry and " " in entry), entry
			assert words.symbols(plain_text.words_of(entry.rstrip("*"))), entry
