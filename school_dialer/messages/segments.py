"""How many segments a text message takes: GSM-7 (3GPP TS 23.038) or UCS-2. Pure Python."""

from dataclasses import dataclass

GSM7 = frozenset(
	"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
	"¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENDED = frozenset("^{}\\[~]|€\f")
"""Two septets each, never split across segments."""

PLAIN = str.maketrans(
	{
		"‘": "'",
		"’": "'",
		"“": '"',
		"”": '"',
		"–": "-",
		"—": "-",
		"…": "...",
		"\u00a0": " ",
		"\u202f": " ",
		"•": "-",
	}
)


@dataclass(frozen=True, slots=True)
class Segments:
	encoding: str
	count: int
	units: int
	"""Septets in GSM-7, 16-bit units in UCS-2."""


def plain(text: str) -> str:
	"""Replace typographic marks with plain ones if they alone keep the text out of GSM-7.

	Otherwise returns the text unchanged.
	"""
	simpler = text.translate(PLAIN)
	return simpler if is_gsm7(simpler) else text


def is_gsm7(text: str) -> bool:
	return all(character in GSM7 or character in GSM7_EXTENDED for character in text)


def segments(text: str) -> Segments:
	if is_gsm7(text):
		sizes = [2 if character in GSM7_EXTENDED else 1 for character in text]
		return _count("GSM-7", sizes, single=160, part=153)
	sizes = [2 if ord(character) > 0xFFFF else 1 for character in text]
	return _count("UCS-2", sizes, single=70, part=67)


def _count(encoding: str, sizes: list[int], single: int, part: int) -> Segments:
	total = sum(sizes)
	if total <= single:
		return Segments(encoding, 1, total)
	count, room = 1, part
	for size in sizes:
		if size > room:
			count, room = count + 1, part
		room -= size
	return Segments(encoding, count, total)
