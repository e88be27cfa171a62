"""Sort names of grades and classes as a school reads them. Pure Python.

Pre-K, kindergarten, Grade 1 to 12 with numbers compared as numbers, then names without a number.
"""

import re
from unicodedata import combining, normalize

PRE_KINDERGARTEN = (
	"Pre-K, PreK, PK, 3K, 4K, Pre-Kindergarten, Prekindergarten, Preschool, Pre-School, Nursery, Preescolar, "
	"Prekínder, Pre-Kínder, Prejardín, Pre-Jardín, Prématernelle, Préscolaire, Pré-Escola, Preskolè"
)
TRANSITIONAL = "TK, JK, Transitional Kindergarten, Junior Kindergarten, Transición"
"""The year between pre-K and kindergarten."""
KINDERGARTEN = (
	"K, KG, SK, 5K, Kindergarten, Kindergarden, Kinder, Kínder, Jardín, Educación Infantil, Maternelle, "
	"Jaden Timoun, Matènèl, Jardim de Infância, Mẫu Giáo, Детский сад, Дитячий садок, روضة, 유치원, 幼稚園, "
	"幼兒園, 幼儿园, 学前班, 學前班"
)
ORDINALS = (
	"first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth",
	"primero segundo tercero cuarto quinto sexto septimo octavo noveno decimo undecimo duodecimo",
	"primer segunda tercer cuarta quinta sexta septima octava novena decima undecima duodecima",
	"primera segundo tercera cuarto quinto sexto setimo octavo noveno decimo onceavo doceavo",
)
YEAR = frozenset({"grade", "grado", "year", "ano", "curso"})
SHORTEST_WORD = 5
"""A shorter word stands for a grade only where a name begins: "K - Ms. Rivera", "Grade K"."""


def place(name: str | None) -> tuple:
	"""Return a key for sorting. A name of nothing comes last."""
	words = numbered(folded(name or ""))
	parts = [int(part) if index % 2 else part for index, part in enumerate(re.split(r"(\d+)", words))]
	early = next((rank for rank, pattern in enumerate(EARLY) if pattern.search(words)), len(EARLY))
	return not words, early, early == len(EARLY) and len(parts) == 1, parts, name or ""


def folded(name: str) -> str:
	"""Return a name's words and numbers in lower case, without accents, with one space between them."""
	plain = "".join(character for character in normalize("NFKD", name.casefold()) if not combining(character))
	return " ".join(re.findall(r"[^\W\d_]+|\d+", plain))


def numbered(words: str) -> str:
	"""Return words such as "first grade" or "primero" with the number as digits."""
	each = words.split()
	if len(each) > 1 and YEAR.isdisjoint(each):
		return words
	return " ".join(NUMBERS.get(word, word) for word in each)


def pattern_of(names: str) -> re.Pattern:
	"""Return what finds one of these names: a word, or, if it is short, one at the beginning."""
	forms = [folded(name) for name in names.split(", ")]
	short = "|".join(name for name in forms if name.isascii() and len(name) < SHORTEST_WORD)
	long = "|".join(name for name in forms if name.isascii() and len(name) >= SHORTEST_WORD)
	unspaced = "|".join(name for name in forms if not name.isascii())
	parts = [rf"^(?:(?:{'|'.join(sorted(YEAR))}) )?(?:{short})\b", rf"\b(?:{long})\b", unspaced]
	return re.compile("|".join(filter(None, parts)))


EARLY = tuple(map(pattern_of, (PRE_KINDERGARTEN, TRANSITIONAL, KINDERGARTEN)))
NUMBERS = {word: str(number) for row in ORDINALS for number, word in enumerate(row.split(), 1)}
