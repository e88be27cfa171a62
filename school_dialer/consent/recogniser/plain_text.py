"""What a message says, freed of how it is written: case, accents, look-alike letters, invisible marks, spaced-out and stretched words.

Pure Python. Everything works on any string, in time linear in its length, and gives the same for the same message in other
capitals or other white space.
"""

import re
import unicodedata
from itertools import groupby

MOST_CHARACTERS = 10_000

# Letters that look like Latin ones and that no Unicode normal form maps to them.
_LOOK_ALIKES = str.maketrans(
	"авеіјкмнорѕстухԁԛԝһ" + "αβεικνορτυχ" + "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ" + "ıłøđħɑɡօ",
	"abeijkmhopsctyxdqwh" + "abeiknoptux" + "abcdefghijklmnoprstuvwyz" + "ilodhago",
)
_LEET = str.maketrans("013457$@", "oleastsa")
_NEGATIVE_SQUARED, _REGIONAL = 0x1F170, 0x1F1E6
_APOSTROPHES = re.compile(r"['’‘‛ʼʻ`´′＇]")
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|«[^»]*»|„[^“”]*[“”]")
_REPLY_HEAD = re.compile(
	r"\n\s*(?:on\b[^\n]{0,200}\bwrote:|el\b[^\n]{0,200}\bescribio:|-{2,}\s*original message|from:|de:)",
	re.IGNORECASE,
)
_QUOTED_LINE = re.compile(r"^\s*>.*$", re.MULTILINE)
_SIGNATURE = re.compile(r"\b(?:sent from my|enviado desde mi|get outlook for)\b.*", re.DOTALL)
_CLAUSE_END = re.compile(r"[.,;:!?…¿¡()\-–—]+(?=\s|$)|[!?;…¿¡]+|(?<=[a-z]{2})\.(?=[a-z]{2})")
_TOKEN = re.compile(r"[^\W_]+")
_SPELLED_OUT = re.compile(r"(?<![^\W_])(?:[^\W\d_][\s.\-_*]{1,2}){3,}[^\W\d_](?![^\W_])")


def decode(message: str | bytes) -> str:
	"""Any bytes as text: UTF-8, or UTF-16 with its mark; what is neither becomes replacement characters."""
	if isinstance(message, str):
		return message
	if message[:2] in (b"\xff\xfe", b"\xfe\xff"):
		return bytes(message).decode("utf-16", "replace")
	return bytes(message).decode("utf-8", "replace")


def plain(text: str) -> str:
	"""Lower-case letters without accents or invisible marks; punctuation and line ends stay."""
	text = text[:MOST_CHARACTERS]
	text = "".join(map(_letter_sign, text))
	text = unicodedata.normalize("NFKC", text).casefold()
	text = unicodedata.normalize("NFKD", text)
	text = "".join(c for c in text if unicodedata.category(c) not in ("Mn", "Me", "Cf", "Cs", "Co", "Cn"))
	text = "".join(
		c if c in "\n\t" or unicodedata.category(c) != "Cc" else " " for c in text.replace("\r", "\n")
	)
	return _APOSTROPHES.sub("", text.casefold())


def _letter_sign(character: str) -> str:
	"""The letter that an emoji letter stands for, or the character itself."""
	code = ord(character)
	for first in (_NEGATIVE_SQUARED, _REGIONAL):
		if first <= code < first + 26:
			return chr(ord("a") + code - first)
	return " stop " if character == "🛑" else character


def own_words(text: str) -> str:
	"""`text` without the message it answers: quoted lines, what follows a reply head, and a device's signature."""
	head = _REPLY_HEAD.search(text)
	if head:
		text = text[: head.start()]
	return _SIGNATURE.sub("", _QUOTED_LINE.sub(" ", text))


def without_quotations(text: str) -> tuple[str, list[str]]:
	"""`text` without what stands in quotation marks, and the quotations."""
	quotations = [quotation[1:-1] for quotation in _QUOTED.findall(text)]
	return _QUOTED.sub(" ", text), quotations


def clauses(text: str) -> list[tuple[list[str], bool]]:
	"""The clauses of plain text as lists of tokens, each with whether it ends in a question mark."""
	text = _SPELLED_OUT.sub(lambda found: " " + "".join(_TOKEN.findall(found[0])) + " ", text)
	result, start = [], 0
	for end in _CLAUSE_END.finditer(text):
		_add_clause(result, text[start : end.start()], "?" in end[0])
		start = end.end()
	_add_clause(result, text[start:], False)
	return result


def _add_clause(result: list, text: str, asks: bool) -> None:
	found = tokens(text)
	if found:
		result.append((found, asks))


def tokens(text: str) -> list[str]:
	return [latin(squeeze(token)) for token in _TOKEN.findall(text.replace("$", "s").replace("@", "a"))]


def latin(token: str) -> str:
	"""A token of look-alike letters as the Latin one it imitates; a word truly in another script stays as it is."""
	if token.isascii():
		return token
	imitated = token.translate(_LOOK_ALIKES)
	return imitated if imitated.isascii() else token


def squeeze(token: str) -> str:
	"""A stretched word with single letters: stoooop becomes stop, while ordinary doubles stay."""
	if len(token) < 3:
		return token
	runs = [(character, sum(1 for _ in run)) for character, run in groupby(token)]
	return "".join(
		character * (1 if length > 2 and not character.isdigit() else length) for character, length in runs
	)


def unleet(token: str) -> str:
	"""The token with digits read as the letters they imitate; one without any letter stays a number."""
	if token.isalpha() or token.isdigit():
		return token
	return token.translate(_LEET)
