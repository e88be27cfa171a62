"""Split a message into its words and the name below them. Pure Python.

"Thank you, Maria, mother of Sofia, 3rd grade" names a person and a class, and neither is what the mail asks
for.
"""

import re

MOST_LINES, LONGEST_LINE = 8, 80
"""Lines and characters of a signature. Anything more says something of its own."""
_CLOSING = re.compile(
	r"\W*(?:(?:(?:many|kind|best|warm|with) )*(?:thanks|thank you|thx|regards|wishes)|best|sincerely|yours"
	r"|respectfully|cordially|(?:muchas |mil )?gracias|atentamente|saludos|cordialmente|atenciosamente"
	r"|obrigad[oa]|(?:avec |bien )?(?:merci|cordialement)|mesi)"
	r"(?: (?:so much|very much|a lot|again|yours|truly|in advance|cordiales|de antemano|d'avance|anpil))*\W*",
	re.IGNORECASE,
)


def split(text: str) -> tuple[str, str]:
	"""Return (the words, what stands from a closing line such as "Thank you," on).

	The second is "" without such a line among the last ones, or with words below it that are no name.
	"""
	lines = text.rstrip().split("\n")
	for at in range(max(1, len(lines) - MOST_LINES), len(lines)):
		if _CLOSING.fullmatch(lines[at]):
			fits = all(len(line) <= LONGEST_LINE for line in lines[at:])
			return ("\n".join(lines[:at]), "\n".join(lines[at:])) if fits else (text, "")
	return text, ""
