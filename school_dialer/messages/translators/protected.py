"""What a translator never sees, and whether all of it came back where it may stand. Pure Python.

Fields, conditions, names, numbers, dates, and addresses are replaced by marks. A script is translated line by
line. Every mark has to come back once, on its line. Conditions keep their order, and what stands inside one
stays inside, or words would be said to the wrong people. A draft that breaks this is refused, never mended.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from jinja2 import Environment, TemplateSyntaxError

from school_dialer.base.bounds import plain_text
from school_dialer.base.wording import Wording as _
from school_dialer.messages import dates
from school_dialer.messages.language import base
from school_dialer.messages.translators.base import MARK, NotTranslated

FIRST = 101
"""All marks have as many digits, so that none is part of another."""
MOST = 800
ADDRESS = r"(?:https?://|www\.)\S*[\w/]|(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.]*\w"
PHONE = r"\+?(?:1[ .-])?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}"
NUMBER = r"(?<![A-Za-z$€£#+-])[A-Za-z$€£#+-]*\d(?:[\dA-Za-z.,:/%–-]*[\dA-Za-z%])?|\d+"
CAPITALS = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")
JOINED = re.compile(r" (?:of|the|de|del|la|los|las|y|and|&) ?| ")
SENTENCE_BEGINS = re.compile(r"(?:^|[.!?:…¿¡\n]|(⟦\d+⟧))[\s\"'“”‘(«]*$")
TITLE = re.compile(r"\b(?:Mrs?|Ms|Dra?|Prof|Sra?|Srta|Mt|St|Sta)\.\s*$")
NOUNS_WITH_CAPITALS = frozenset({"de", "lb"})
LITERAL = re.compile(r"\b(?:default|plural)\b")
QUOTED = re.compile(r"\"((?:[^\"\\]|\\.)+)\"|'((?:[^'\\]|\\.)+)'")
TOUCHES = re.compile(r"[^\W\d_](?=⟦)|(?<=⟧)[^\W\d_]")
BY_MACHINE = re.compile(r"[<>{}⟦⟧‹]")


@dataclass
class Script:
	"""A script whose `text` has marks. `kept` says what each one stands for.

	`blocks` are the marks of conditions. `left` are words inside fields, which no one has translated.
	"""

	text: str = ""
	kept: dict[str, str] = field(default_factory=dict)
	blocks: set[str] = field(default_factory=set)
	left: list[str] = field(default_factory=list)

	def keep(self, written: str, first: int, is_block: bool = False) -> str:
		mark = f"⟦{first + len(self.kept)}⟧"
		self.kept[mark] = written
		if is_block:
			self.blocks.add(mark)
		return mark

	def lines(self) -> list[str]:
		return self.text.split("\n")


def protect(
	source: str,
	language: str,
	names: Iterable[str] = (),
	is_name: Callable[[str], bool] = lambda _word: False,
) -> Script:
	"""Return the script with marks. Raise `NotTranslated` for one whose braces cannot be read.

	`names` are names of the school. `is_name` tells whether a word is a person's first name.
	"""
	if "⟦" in source or "⟧" in source:
		raise NotTranslated(_("The words contain ⟦ or ⟧. Remove it."))
	script = Script()
	wanted = _wanted(language, names)
	for kind, written in _pieces(source.replace("\r\n", "\n")):
		if kind == "data":
			script.text += _prose(written, script, wanted, language, is_name)
		elif kind != "comment":
			script.text += script.keep(written, FIRST, kind == "block")
			if kind == "variable" and LITERAL.search(written):
				script.left += [quoted or other for quoted, other in QUOTED.findall(written)]
	if len(script.kept) > MOST:
		raise NotTranslated(_("The words are too long for the translator."))
	return script


def _pieces(source: str) -> Iterable[tuple[str, str]]:
	"""Yield what Jinja reads as words, fields, conditions, and remarks, each as it is written."""
	kind, written = "", ""
	try:
		for _line, token, value in Environment(keep_trailing_newline=True).lex(source):
			name, _underscore, end = token.rpartition("_")
			if end == "begin" and not kind:
				kind = name
			if not kind:
				yield "data", value
				continue
			written += value
			if end == "end" and name == kind:
				yield kind, written
				kind, written = "", ""
	except TemplateSyntaxError:
		raise NotTranslated(_("Put the fields right first: the braces cannot be read.")) from None
	if written:
		raise NotTranslated(_("Put the fields right first: the braces cannot be read."))


def _wanted(language: str, names: Iterable[str]) -> re.Pattern:
	stripped = sorted({name.strip() for name in names if name.strip()}, key=len, reverse=True)
	dated = dates.pattern(language)
	named = [rf"(?<!\w){re.escape(name)}(?!\w)" for name in stripped]
	plain = re.sub(r"\?P<\w+>", "", dated.pattern) if dated else None
	parts = [ADDRESS, *named, *([plain] if plain else []), dates.CLOCK.pattern, PHONE, NUMBER]
	return re.compile("|".join(f"(?:{part})" for part in parts), re.IGNORECASE)


def _prose(
	written: str, script: Script, wanted: re.Pattern, language: str, is_name: Callable[[str], bool]
) -> str:
	marked = wanted.sub(lambda match: script.keep(match[0], FIRST), written)
	if base(language) in NOUNS_WITH_CAPITALS:
		return marked
	before, place, out, shouted = script.text, 0, "", 0
	for capital in CAPITALS.finditer(marked):
		start, end = capital.start(), _end_of_name(marked, capital.end())
		if start < place or not _may_be_name(capital[0]):
			continue
		if not is_name(capital[0]):
			if " " in marked[start:end] and marked[start:end].isupper():
				shouted = end
			if start < shouted or _begins(before + marked[:start], script):
				continue
		out += marked[place:start] + script.keep(marked[start:end], FIRST)
		place = end
	return out + marked[place:]


def _begins(before: str, script: Script) -> bool:
	"""Return whether a sentence begins after these words, where a capital letter means nothing."""
	last = before[-60:]
	match = SENTENCE_BEGINS.search(last)
	return bool(match) and not TITLE.search(last) and (not match[1] or match[1] in script.blocks)


def _may_be_name(word: str) -> bool:
	return len(word) > 1 and word[0].isupper()


def _end_of_name(text: str, end: int) -> int:
	"""Return where a name ends whose first word ends here: "Lincoln High", "Bank of America"."""
	while joined := JOINED.match(text, end):
		word = CAPITALS.match(text, joined.end())
		if not word or not _may_be_name(word[0]):
			break
		end = word.end()
	return end


def restored(script: Script, lines: list[str], source: str, target: str) -> str:
	"""Return the draft in which fields and all else stand again. Raise `NotTranslated` with the reason.

	`lines` are the translated ones of the script, each for one of its own.
	"""
	drafts = []
	for line, given in zip(script.lines(), lines, strict=True):
		cleaned = plain_text.text(given).replace("\n", " ").strip()
		_check(line, cleaned, script)
		drafts.append(cleaned)
	text = "\n".join(drafts)

	def back(mark: re.Match) -> str:
		written = script.kept[mark[0]]
		if written.startswith("{"):
			return written
		date = dates.said_in(written, source, target)
		ends_twice = date != written and date.endswith(".") and text.startswith(".", mark.end())
		return date[:-1] if ends_twice else date

	return MARK.sub(back, text)


def _check(line: str, given: str, script: Script) -> None:
	"""Refuse a translated line in which something is missing, twice, out of place, or invented."""
	was, now = MARK.findall(line), MARK.findall(given)
	for number in was:
		shown = script.kept[f"⟦{number}⟧"]
		if number not in now:
			raise NotTranslated(_('"{0}" did not come back. Try again, or write the words yourself.', shown))
		if now.count(number) > 1:
			raise NotTranslated(_('"{0}" came back twice. Try again, or write the words yourself.', shown))
	words, before = MARK.sub("", given), MARK.sub("", line)
	if set(now) - set(was) or re.search(r"\d", words):
		raise NotTranslated(_("A number came back that is not in the words."))
	if any(sign not in before for sign in BY_MACHINE.findall(words)):
		raise NotTranslated(_("Signs came back that are not in the words."))
	if _regions(line, script) != _regions(given, script):
		raise NotTranslated(_("A field or a condition came back out of its place."))
	_check_edges(_without_blocks(line, script), _without_blocks(given, script))
	if any(map(str.isalpha, before)) and not any(map(str.isalpha, words)):
		raise NotTranslated(_("Nothing came back for some of the words."))
	if len(words) > 5 * len(before) + 200:
		raise NotTranslated(_("Far more came back than was sent."))


def _regions(line: str, script: Script) -> list:
	"""Return the conditions in their order, and between them what stands there in any order."""
	regions: list = [set()]
	for mark in MARK.finditer(line):
		if mark[0] in script.blocks:
			regions += [mark[0], set()]
		else:
			regions[-1].add(mark[0])
	return regions


def _without_blocks(line: str, script: Script) -> str:
	"""Return a line with a space for each condition, which may touch anything."""
	return MARK.sub(lambda mark: " " if mark[0] in script.blocks else mark[0], line)


def _check_edges(line: str, given: str) -> None:
	"""Refuse a field or a number that was glued to another one, or into a word."""
	if given.count("⟧⟦") > line.count("⟧⟦"):
		raise NotTranslated(_("Two fields or numbers came back without a space between them."))
	if len(_inside(given)) > len(_inside(line)):
		raise NotTranslated(_("A field or a number came back inside a word."))


def _inside(text: str) -> list[str]:
	"""Return where a mark touches a letter, in scripts that leave spaces between words."""
	return [touch for touch in TOUCHES.findall(text) if touch.lower() != touch.upper()]
