"""The text of an e-mail: who wrote it, and that no markup takes longer than its length allows."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("frappe", reason="it is pure, but lives beside what is not")

from school_dialer.help_desk import mail_text, own_words

NESTED = 4_000


@pytest.mark.parametrize(
	("markup", "own"),
	[
		("plain words", "plain words"),
		("<p>one</p><p>two</p>", "one two"),
		("<p>stop&nbsp;calling&#32;me", "stop calling me"),
		("a < b and c > d", "a < b and c > d"),
		("<style>x{}</style><script>y()</script>kept<!-- not --> too", "kept too"),
		("<STYLE>p > a {}</STYLE>kept", "kept"),
		('<a title="a > b" href=x>link</a>', "link"),
		("<p>Thanks<blockquote>theirs</blockquote>mine", "Thanks > mine"),
		('<div class="x gmail_quote">theirs</div>mine', "> mine"),
		(
			'<div class="gmail_quote"><div class="gmail_attr">On Monday X wrote:</div>'
			"<blockquote>theirs</blockquote><div>mine</div></div>",
			"> mine",
		),
		('top<div><div id="appendonsend"></div><hr><div>theirs</div></div>', "top >"),
		("</div></p>mine</blockquote>", "mine"),
		("<blockquote><p>theirs</blockquote></p>mine", "> mine"),
		("&#x0;&#99999999999999999999;mine &#" + "9" * 10_000 + ";", "\ufffd mine"),
		("<p", "<p"),
		("", ""),
	],
)
def test_the_writers_words(markup, own):
	assert " ".join(mail_text.read_words(markup).own.split()) == own


def steps(call) -> int:
	"""Count the Python and built-in calls that `call` makes: its work, whatever else the machine does."""
	count = 0

	def trace(_frame, event, _argument):
		nonlocal count
		count += event in ("call", "c_call")

	sys.setprofile(trace)
	try:
		call()
	finally:
		sys.setprofile(None)
	return count


HOSTILE = {
	"nested": lambda n: "<div>" * n + "stop" + "</div>" * n,
	"nested and never closed": lambda n: "<b><i>" * n,
	"closed and never opened": lambda n: "<b>" * n + "</i>" * n,
	"crossed": lambda n: "<b><i></b>" * n,
	"quotations": lambda n: "<blockquote>" * n + "x" + "</blockquote>" * n,
	"classes": lambda n: '<div class="gmail_quote">' * n,
	"one with many classes": lambda n: '<div class="' + "gmail_quote " * n + '">x',
	"brackets": lambda n: "<" * n,
	"brackets with a name": lambda n: "<a " * n,
	"quotes": lambda n: "<a '\"" * n,
	"comments": lambda n: "<!--" * n,
	"declarations": lambda n: "<![CDATA[" * n,
	"entities": lambda n: "&amp" * n,
	"Outlook": lambda n: '<div id="appendonsend"></div>' * n,
	"styles": lambda n: "<style>" * n + "</style>" * n,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_the_work_grows_with_the_length_and_no_faster(kind):
	make = HOSTILE[kind]
	small, large = (steps(lambda n=n: mail_text.read_words(make(n))) for n in (NESTED // 4, NESTED))
	assert large <= 5 * small + 1_000


def test_no_step_is_longer_than_its_text(monkeypatch):
	"""A single step looks no further than the next bracket, so the built-in search is linear as well."""
	pattern = mail_text._TAG
	looked = []

	class Counting:
		def match(self, text, at):
			end = text.find("<", at + 1)
			looked.append((end if end >= 0 else len(text)) - at)
			return pattern.match(text, at)

	monkeypatch.setattr(mail_text, "_TAG", Counting())
	for make in HOSTILE.values():
		looked.clear()
		markup = make(NESTED)
		mail_text.read_words(markup)
		assert sum(looked) <= len(markup)


@given(st.text(alphabet="<>/ab!-\"'= &#;\n", max_size=300))
def test_any_markup_is_read(markup):
	found = mail_text.read_words(markup)
	assert len(found.own) + len(found.quoted) <= 2 * len(markup) + 10 * markup.count("<")


OURS = "Riverside: The concert is on Thursday at six in the hall.\nReply STOP to stop."


@pytest.mark.parametrize(
	"text",
	[
		"On Monday, 3 November the school wrote:\n> Reply STOP to stop.\n\nplease stop calling me",
		"\nOn Monday the school wrote:\n\n> one\n> two\n\nplease stop calling me\n\n> three",
		"<p>On Monday the school wrote:</p><blockquote>x</blockquote><p>please stop calling me</p>",
		"<p>Hi</p><p>On Monday the school wrote:</p><blockquote>x</blockquote><p>please stop calling me</p>",
		"> ours\nplease stop calling me\n> ours",
		"please stop calling me\n\nFrom: School\nTo: Rosa\n\nwhatever",
	],
)
def test_what_stands_above_below_or_between_our_words_is_theirs(text):
	message = own_words.message_of(text)
	assert "please stop calling me" in message.above + message.below
	assert "Reply STOP" not in message.above + message.below + message.unsure


def test_below_a_quotation_without_marks_no_one_can_say():
	message = own_words.message_of("Hello\nFrom: School\nTo: Rosa\n\nsee you\n\nplease stop calling me")
	assert "please stop" in message.unsure and "please stop" not in message.above + message.below


def test_our_own_lines_and_sentences_are_taken_out():
	message = own_words.message_of(
		f"Hello\nFrom: School\n\n{OURS}\nplease stop calling me", OURS, "Riverside"
	)
	assert " ".join(message.unsure.split()) == "please stop calling me"
	message = own_words.message_of(
		f"<blockquote><p>{OURS}</p><p>please stop calling me</p></blockquote>", OURS
	)
	assert "please stop calling me" in message.unsure and "concert" not in message.unsure
