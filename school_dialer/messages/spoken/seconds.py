"""How long a synthetic voice takes to say something. Pure Python."""

import re

WORDS_A_MINUTE = 150
CHARACTERS_A_MINUTE = 240
"""For writing without spaces between words."""
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def spoken_seconds(text: str) -> float:
	"""Estimate how long a synthetic voice takes."""
	unspaced = len(_UNSPACED.findall(text))
	words = len(_UNSPACED.sub(" ", text).split())
	return words * 60 / WORDS_A_MINUTE + unspaced * 60 / CHARACTERS_A_MINUTE
