"""The phrases of `replies.opt_out` in English and Spanish, from `phrases.txt`, which says how to correct them.

Patterns are read by `patterns`.
"""

from pathlib import Path

from school_dialer.consent.recogniser.words import word_set

FILE = Path(__file__).with_name("phrases.txt")
PURPOSE, UNCERTAIN = "purpose ", "? "


def sections(text: str) -> dict[str, tuple[str, ...]]:
	"""Return the lines of each section, without comments and blank lines."""
	by_section: dict[str, list[str]] = {}
	for line in filter(None, map(str.strip, text.splitlines())):
		if line.startswith("[") and line.endswith("]"):
			name = line[1:-1]
			by_section[name] = []
		elif not line.startswith("#"):
			by_section[name].append(line)
	return {name: tuple(lines) for name, lines in by_section.items()}


_READ = sections(FILE.read_text(encoding="utf-8"))
IDIOMS = _READ["idioms"]
STOP_PATTERNS: tuple[tuple[str, bool], ...] = tuple(
	(line.removeprefix(UNCERTAIN), not line.startswith(UNCERTAIN)) for line in _READ["stop"]
)
"""(pattern, whether it is certain). An uncertain one takes effect at once too, and a person reviews it."""
BEGINNINGS = _READ["begins with stop"]
"""Of a message, and not of one of its clauses."""
WRONG_NUMBER_PATTERNS = _READ["wrong number"]
WRONG_NUMBER_IDIOMS = _READ["wrong number idioms"]
EVEN_EMERGENCY_PATTERNS = _READ["even emergencies"]
STILL_WELCOME = _READ["still welcome"]
PURPOSES: dict[str, frozenset[str]] = {
	name.removeprefix(PURPOSE): word_set(" ".join(lines))
	for name, lines in _READ.items()
	if name.startswith(PURPOSE)
}
ABOUT_PURPOSE = _READ["about a purpose"]
"""Where the token PURPOSE, in place of a purpose's word, says what a request is about."""
EVERYTHING_WORDS, EXCEPT_WORDS = (word_set(" ".join(_READ[name])) for name in ("everything", "except"))
