"""A line written by outsiders: no browser takes any part for HTML, and people read it as it was meant."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.base.bounds import plain_text

RIGHT = (
	"O'Brien",
	"Müller & Söhne",
	'Anna "Ann" Lee',
	"I <3 chess",
	"a < b > c",
	"5<6",
	"محمد علي",
	"می‌خواهم",
	"Zoë 🎻👩‍👩‍👧",
	"田中 さくら",
	"&lt;img&gt;",
)
HOSTILE = (
	"<img src=x onerror=alert(1)>",
	'"><svg onload=alert(1)>',
	"<img src=x onerror=alert(1) ",
	"<<b>script>alert(1)</script>",
	"<!--<img src=x>",
	"<?xml ?>",
	"</textarea><script>",
	"<\x00img src=x onerror=alert(1)>",
	"<\u202eimg src=x>",
	"<iMg/src=x/onerror=alert(1)>",
)


class Tags(HTMLParser):
	"""What a parser finds besides text."""

	def __init__(self):
		super().__init__(convert_charrefs=False)
		self.found: list[str] = []

	def handle_starttag(self, tag, attrs):
		self.found.append(tag)

	handle_endtag = handle_decl = handle_comment = handle_pi = unknown_decl = lambda self, what: (
		self.found.append(what)
	)


def tags(text: str) -> list[str]:
	parser = Tags()
	parser.feed(text + "</a>")
	parser.close()
	return parser.found[:-1]


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_name_stays_as_it_is(name):
	assert plain_text.line(name) == name
	assert plain_text.text(name) == name


@pytest.mark.parametrize("written", HOSTILE)
def test_no_tag_is_left(written):
	for cleaned in (plain_text.line(written), plain_text.text(written)):
		assert not tags(cleaned)
		assert "‹" in cleaned


@given(st.text(alphabet="<>/!?abIMG=\"' \x00\n\u202e&;", max_size=60))
def test_no_text_opens_a_tag(written):
	cleaned = plain_text.line(written)
	assert not tags(cleaned)
	assert plain_text.line(cleaned) == cleaned


def test_a_line_is_one_line_and_no_longer_than_asked():
	assert plain_text.line(" Ana \n\t Ruiz ") == "Ana Ruiz"
	assert plain_text.line("x" * 200, 140) == "x" * 140
	assert plain_text.line(None) == "" and plain_text.line(7) == "7"


def test_a_text_keeps_its_lines():
	assert plain_text.text("one\r\ntwo\tthree\x07") == "one\r\ntwo\tthree"
