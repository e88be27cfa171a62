"""The words of a message in HTML or plain text: those of its writer, and those that it quotes. Pure Python.

One pass over the text from tag to tag, in time linear in its length whatever is nested, unclosed or crossed in it: each tag is pushed once
and popped once. No tree is built. Markup that no mail program writes is read as best it can be; no message is refused.
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
"""Ids of elements of Outlook, after which the message that is answered follows as their sibling."""
UNSEEN_WORDS, STRONG, WEAK = "unseen", "strong", "weak"
MARK = "\n>\n"
"""Where a quotation stood among the writer's own words, as plain text marks it."""


@dataclass(frozen=True, slots=True)
class Read:
	"""``own`` and ``quoted``, a line for each block. What stands below a quotation is the writer's own; a line ">" is in its place."""

	own: str
	quoted: str


def read_words(markup: str) -> Read:
	"""The words of a message."""
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
	"""Where what begins before `at` has ended. Without its end it takes the rest."""
	end = markup.find(mark, at)
	return end + len(mark) if end >= 0 else len(markup)


@dataclass
class _Reader:
	"""The open elements, and which of them hide or quote what stands in them."""

	own: list[str] = field(default_factory=list)
	quoted: list[str] = field(default_factory=list)
	open: list[tuple[str, str]] = field(default_factory=list)
	"""Name, and what it does with its words: UNSEEN_WORDS, STRONG, WEAK or ""."""
	names: Counter = field(default_factory=Counter)
	does: Counter = field(default_factory=Counter)
	released: bool = False
	"""Whether the quotation proper has ended in an element that is named after it: Gmail puts an answer below it into the same one."""
	rest_from: int | None = None
	"""How many elements are open around those that follow as siblings and are quoted, or None."""

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
		does = UNSEEN_WORDS if name in UNSEEN else STRONG if name in QUOTING else ""
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
		"""The element and what was left open in it. An end without a beginning is passed over."""
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
		"""The classes and ids that an element has."""
		found = _ATTRIBUTE.findall(attributes)
		return frozenset(word for _name, *values in found for value in values for word in value.split())

	def read(self) -> Read:
		return Read(plain("".join(self.own)), plain("".join(self.quoted)))


def plain(text: str) -> str:
	"""Entities as the characters they stand for; a number that is no character's is a space."""
	return _BLANK_LINES.sub("\n\n", _SPACES.sub(" ", unescape(_LONG_ENTITY.sub(" ", text))))


def without_pictures(markup: str) -> str:
	"""Without the bytes of pictures that stand in the markup itself."""
	return _PICTURE.sub("", markup)
