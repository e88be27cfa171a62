"""The recognizer on a labeled corpus and on arbitrary input."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from school_dialer.consent.replies.opt_out import edits, recognise
from tests.effort import examples

CORPUS = [json.loads(line) for line in (Path(__file__).parent / "corpus.jsonl").read_text().splitlines()]
CHECKED = ("outcome", "opt_out", "scope", "purpose", "why", "review")
OUTCOMES = {"opt_out", "wrong_number", "start", "help", "none"}
SCOPES = {None, "this purpose", "all non-emergency", "everything"}


def test_the_corpus_is_large_and_in_both_languages():
	assert len(CORPUS) >= 300
	assert {line["lang"] for line in CORPUS} == {"en", "es"}
	assert len({line["text"] for line in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("label", CORPUS, ids=lambda label: ascii(label["text"])[:60])
def test_each_message_of_the_corpus(label):
	said = recognise(label["text"]).as_dict()
	expected = {name: label[name] for name in CHECKED if name in label}
	assert {name: said[name] for name in expected} == expected


def test_precision_and_recall_over_the_corpus():
	found = [(label["opt_out"], recognise(label["text"]).opt_out) for label in CORPUS]
	true_positives = sum(1 for wanted, got in found if wanted and got)
	assert true_positives / sum(1 for _wanted, got in found if got) >= 0.99
	assert true_positives / sum(1 for wanted, _got in found if wanted) >= 0.99


messages = st.one_of(
	st.text(max_size=300),
	st.sampled_from([label["text"] for label in CORPUS]),
	st.lists(
		st.sampled_from(
			"stop text me don't no more please end ? . , alto deja de mensajes 9 wrong number the".split()
		),
		max_size=30,
	).map(" ".join),
)


@settings(max_examples=examples(600), deadline=None)
@given(messages | st.binary(max_size=300))
def test_never_raises_and_always_answers_in_full(message):
	said = recognise(message)
	assert said == recognise(message)
	assert said.outcome in OUTCOMES and said.scope in SCOPES and said.why in {"keyword", "phrase", "none"}
	assert said.opt_out == (said.outcome in {"opt_out", "wrong_number"}) == (said.scope is not None)
	assert not (said.review and not said.opt_out)
	assert (said.scope == "this purpose") == (said.purpose is not None)
	json.dumps(said.as_dict())


ascii_messages = st.text("abcdefghijklmnopqrstuvwxyzSTOP '.,?!", max_size=80) | st.sampled_from(
	[label["text"] for label in CORPUS if label["text"].isascii()]
)


@settings(max_examples=examples(400), deadline=None)
@given(ascii_messages, st.sampled_from((str.upper, str.lower, str.title, str.swapcase)))
def test_capitals_do_not_matter(text, recase):
	assert without_text(recognise(recase(text))) == without_text(recognise(text))


@settings(max_examples=examples(400), deadline=None)
@given(
	st.lists(
		st.sampled_from("stop texting me please don't no more end quit deja de llamarme the bus".split()),
		max_size=12,
	),
	st.lists(st.sampled_from((" ", "  ", "\t", "\u00a0", " \t ")), min_size=13, max_size=13),
)
def test_white_space_does_not_matter(words, gaps):
	spread = gaps[0] + "".join(word + gap for word, gap in zip(words, gaps[1:], strict=False))
	assert without_text(recognise(spread)) == without_text(recognise(" ".join(words)))


def without_text(said) -> dict:
	return {name: value for name, value in said.as_dict().items() if name != "text"}


@pytest.mark.parametrize("mark", ["\u200b", "\u200d", "\u2060", "\u00ad", "\ufe0f", "\u202e", "\u0336"])
def test_invisible_marks_hide_nothing(mark):
	assert recognise(mark.join("STOP")).opt_out
	assert recognise(f"{mark}don't text me anymore{mark}").opt_out


def test_very_long_messages_are_read_in_a_moment():
	for text in ("stop " * 200_000, "x" * 5_000_000, "don't " * 100_000, "a.b-c " * 100_000, '"' * 100_000):
		recognise(text)
	assert recognise("please stop texting me " + "because " * 50_000).opt_out


def test_utf_16_and_broken_bytes_are_read():
	assert recognise("STOP".encode("utf-16")).opt_out
	assert recognise(b"STOP \xff\xfe").opt_out
	assert recognise("número equivocado".encode()).outcome == "wrong_number"


@pytest.mark.parametrize(
	("a", "b", "distance"),
	[
		("stop", "stop", 0),
		("cancle", "cancel", 1),
		("cancl", "cancel", 1),
		("unsuscirbe", "unsubscribe", 2),
		("", "ab", 2),
	],
)
def test_edit_distance(a, b, distance):
	assert edits(a, b, 3) == distance


def test_command_line_reads_bytes_and_writes_one_object_a_line():
	lines = [
		b"STOP",
		b"",
		b"\xff\xfe\x00\x80",
		b"deja de enviarme mensajes",
		b"see you at 5",
		b"wrong number\r",
	]
	done = subprocess.run(
		[sys.executable, "-m", "school_dialer.consent.replies.opt_out"],
		input=b"\n".join(lines) + b"\n",
		capture_output=True,
		cwd=Path(__file__).parents[4],
		check=True,
	)
	answers = [json.loads(line) for line in done.stdout.splitlines()]
	assert [answer["opt_out"] for answer in answers] == [True, False, False, True, False, True]
	assert set(answers[0]) >= {"text", "opt_out", "scope", "why", "review", "outcome"}
	assert answers[0] | {"text": "", "purpose": None} == {
		"text": "",
		"opt_out": True,
		"scope": "all non-emergency",
		"why": "keyword",
		"review": False,
		"outcome": "opt_out",
		"purpose": None,
	}
