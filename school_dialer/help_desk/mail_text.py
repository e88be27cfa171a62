"""Split an HTML or plain-text message into its writer's words and quoted words. Pure Python.

One pass over the text from tag to tag takes time linear in its length, whatever is nested, unclosed or
crossed in it: each tag is pushed once and popped once. No tree is built. Markup that no mail program writes
is read as well as possible; no message is refused.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from html import unescape

_TAG = re.compile(
	r"""<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9:-]{0,30})(?P<attributes>(?:[^<>"']|"[^"<]*"|'[^'<]*')*)>"""
)
_ATTRIBUTE = re.compile(r"""\b(class|id)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_LONG_ENTITY = re.compile(r"&#[xX]?[0-9a-fA-F]{8,};?")
_BLANK_LINES = re.compile(r"\n[ \n]*\n")
_PICTURE = re.compile(r"data:[\w/+.-]{0,100};base64,[A-Za-z0-9+/=]*")
_SPACES = re.compile(r"[ \t\r\f\v\xa0]+")
VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
UNSEEN = frozenset("style script head title template noscript".split())
BLOCKS = frozenset("p div br li tr h1 h2 h3 h4 h5 h6 table ul ol pre blockquote hr section article".split())
QUOTING = frozenset(("blockquote",))
QUOTING_CLASSES = frozenset(
	"gmail_quote gmail_attr moz-cite-prefix yahoo_quoted protonmail_quote zmail_extra".split()
)
FROM_HERE_ON = frozenset(("appendonsend", "divRplyFwdMsg"))
"""Ids of elements in Outlook's markup after which the quoted message follows as sibling elements."""
UNSEEN_WORDS, STRONG, WEAK = "unseen", "strong", "weak"
MARK = "\n>\n"
"""Marks, as plain text does, where a quotation was among the writer's own words."""


@dataclass(frozen=True, slots=True)
class Read:
	"""The words of a message: ``own`` and ``quoted``, one line per block.

	Words below a quotation are the writer's own; a line ">" takes the quotation's place.
	"""

	own: str
	quoted: str


def read_words(markup: str) -> Read:
	reader = _Reader()
	at, length = 0, len(markup)
	while at < length:
		opens = markup.find("<", at)
		if opens < 0:
			opens = length
		reader.text(markup[at:opens])
		if opens == length:
			break
		if markup.startswith("<!--", opens):
			at = _after(markup, "-->", opens + 4)
		elif markup.startswith(("<!", "<?"), opens):
			at = _after(markup, ">", opens + 2)
		elif tag := _TAG.match(markup, opens):
			reader.tag(tag)
			at = tag.end()
		else:
			reader.text("<")
			at = opens + 1
	return reader.read()


def _after(markup: str, mark: str, at: int) -> int:
	"""Return the position after the `mark` that ends a construct, or the end of the text if there is none."""
	end = markup.find(mark, at)
	return end + len(mark) if end >= 0 else len(markup)


@dataclass
class _Reader:
	"""The open elements, and which of them hide or quote their content."""

	own: list[str] = field(default_factory=list)
	quoted: list[str] = field(default_factory=list)
	open: list[tuple[str, str]] = field(default_factory=list)
	"""Element name, and what it does with its words: UNSEEN_WORDS, STRONG, WEAK or ""."""
	names: Counter = field(default_factory=Counter)
	does: Counter = field(default_factory=Counter)
	released: bool = False
	"""Whether a STRONG quotation has ended inside a WEAK element.

	Gmail puts a reply below the quotation into the same element.
	"""
	rest_from: int | None = None
	"""The number of open elements at a FROM_HERE_ON mark, whose later siblings are quoted; or None."""

	@property
	def quotes(self) -> bool:
		weakly = self.does[WEAK] and not self.released
		return bool(self.does[STRONG] or weakly) or self.rest_from is not None

	def text(self, words: str) -> None:
		if words and not self.does[UNSEEN_WORDS]:
			(self.quoted if self.quotes else self.own).append(words)

	def tag(self, tag: re.Match) -> None:
		name = tag["name"].lower()
		if name in BLOCKS:
			self.text("\n")
		if tag["end"]:
			self.close(name)
		elif name not in VOID and not tag["attributes"].endswith("/"):
			self.begin(name, tag["attributes"])

	def begin(self, name: str, attributes: str) -> None:
		marks = self.marks(attributes) if attributes else frozenset()
		does = STRONG if name in QUOTING else ""
		if name in UNSEEN:
			does = UNSEEN_WORDS
		if not does and marks & QUOTING_CLASSES:
			does = WEAK
		if (does in (STRONG, WEAK) or marks & FROM_HERE_ON) and not self.quotes:
			self.text(MARK)
		if marks & FROM_HERE_ON and self.rest_from is None:
			self.rest_from = len(self.open)
		self.open.append((name, does))
		self.names[name] += 1
		self.does[does] += 1

	def close(self, name: str) -> None:
		"""Close the element and everything left open inside it. Ignore an end tag without a start tag."""
		if not self.names[name]:
			return
		closed = None
		while closed != name:
			closed, does = self.open.pop()
			self.names[closed] -= 1
			self.does[does] -= 1
			if does == STRONG and not self.does[STRONG]:
				self.released = True
		self.released = self.released and bool(self.does[WEAK])
		if self.rest_from is not None and len(self.open) < self.rest_from:
			self.rest_from = None

	@staticmethod
	def marks(attributes: str) -> frozenset[str]:
		"""Return an element's classes and ids."""
		pairs = _ATTRIBUTE.findall(attributes)
		return frozenset(word for _name, *values in pairs for value in values for word in value.split())

	def read(self) -> Read:
		return Read(plain("".join(self.own)), plain("".join(self.quoted)))


def plain(text: str) -> str:
	"""Decode entities; one with an impossible code point becomes a space. Collapse spaces and blank lines."""
	return _BLANK_LINES.sub("\n\n", _SPACES.sub(" ", unescape(_LONG_ENTITY.sub(" ", text))))


def content_of(doc) -> str:
	"""Return the HTML or text of a Communication.

	Frappe fills in the content of a mail that has no HTML only after the mail was inserted.
	"""
	return doc.content or doc.get("text_content") or ""


def without_pictures(markup: str) -> str:
	"""Return the markup without inline image data."""
	return _PICTURE.sub("", markup)
