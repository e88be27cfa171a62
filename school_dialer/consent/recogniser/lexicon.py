"""Words of each language, sorted into a few classes of meaning: stop, not, want, contact, thing and so on.

Each file in `languages/` holds one language: `class: word | several words | stem* | ~verb`. A clause is read
by longest match into a string of symbols, one per word, so that the rules of `rules` are the same for every
language. Pure Python.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from school_dialer.consent.recogniser import inflection, plain_text, spelling

FOLDER = Path(__file__).parent / "languages"
LANGUAGES = (
	*("en", "es", "pt", "fr", "ht", "vi", "tl", "so", "ru", "zh", "ko", "ar", "hi", "ur"),
	*("uk", "pl", "hmn", "ar_latin"),
)

# If a word is in two classes, the earlier class wins.
SYMBOLS = {
	"neutral": "_",
	"leave_alone": "A",
	"wrong": "X",
	"is_not": "Y",
	"past": "p",
	"opposite": "x",
	"condition": "t",
	"previous": "v",
	"means": "m",
	"other_channel": "O",
	"unsubscribe": "Z",
	"contact_me": "CM",
	"remove_me": "RM",
	"stop_this": "SD",
	"dont_contact": "NCM",
	"complaint": "U",
	"stop": "S",
	"annoy": "a",
	"have_no": "n",
	"not": "N",
	"remove": "R",
	"revoke": "J",
	"consent": "I",
	"here": "e",
	"me": "M",
	"receive": "F",
	"asked": "d",
	"want": "W",
	"thing": "T",
	"does": "f",
	"contact": "C",
	"list": "L",
	"number": "P",
	"tired": "B",
	"anymore": "Q",
	"school": "K",
	"parent": "h",
	"child": "c",
	"person": "H",
	"this": "D",
	"knows": "k",
	"who": "q",
	"why": "y",
	"way": "w",
	"how": "V",
	"gave": "g",
	"leave": "l",
	"mistaken": "z",
	"party": "o",
	"begin": "b",
	"polite": "G",
	"common": "_",
}
UNKNOWN = "."
CORRECTABLE = frozenset("S T C f E a N W R J I Z L P F B Q NW NQ".split())
"""The symbols that a misspelled word may be corrected to."""
BOTH = {
	frozenset(("not", "want")): "NW",
	frozenset(("not", "anymore")): "NQ",
	frozenset(("thing", "contact")): "E",
}
ONLY_EMERGENCIES = ("only", "emergency", "around")
GOES_WITH = frozenset("TCEMPGFD")
"""What may stand beside "emergencies only": calls, to call, me, a number, to get, this, and polite words."""
EXCEPT, NOW = "except", "emergency_now"
"""Words with which emergencies are left out of a request, or are its condition (except, unless, if), and forms
of "emergency" that only say that there is one.
"""
WHOLE = ("keywords", "start", "help", EXCEPT, NOW, *ONLY_EMERGENCIES)
OPTIONS = ("prefixes", "particles", "negation", "verb")
MOST_WORDS = 6


@dataclass
class Lexicon:
	"""One language.

	- `words` gives the symbols of a word, or of several joined by spaces; `stems` gives those of a word's
	  beginning.
	- `longest` gives the number of words of the longest entry that starts with a word.
	- `whole` holds the entries that may make up a whole message.
	"""

	name: str
	by_character: bool = False
	marked: bool = False
	words: dict[str, str] = field(default_factory=dict)
	stems: dict[str, str] = field(default_factory=dict)
	stem_lengths: tuple[int, ...] = ()
	longest: dict[str, int] = field(default_factory=dict)
	whole: dict[str, set[str]] = field(default_factory=dict)
	prefixes: tuple[str, ...] = ()
	particles: tuple[str, ...] = ()
	negates_after: bool = False
	verb_last: bool = False

	def units(self, tokens: list[str]) -> list[str]:
		"""Return the units to look up: words, or single characters for Chinese and Korean.

		Particles, which may occur anywhere, are left out.
		"""
		units = plain_text.characters(tokens) if self.by_character else spelling.folded(self.name, tokens)
		return [unit for unit in units if unit not in self.particles] if self.particles else units

	def symbols(self, tokens: list[str]) -> str:
		"""Return the clause as symbols: one or two for each entry found, and one for each unknown word."""
		return self._symbols(self.units(tokens))

	def after_keyword(self, tokens: list[str]) -> str:
		"""Return the symbols that follow the stop word with which a clause begins, "" if it begins with none.

		One character of Chinese begins other words as well, unless a space follows it.
		"""
		units = self.units(tokens)
		if self.by_character and len(tokens[0]) > 1 and " ".join(units[:2]) not in self.whole["keywords"]:
			return ""
		for taken in range(min(MOST_WORDS, len(units) - 1), 0, -1):
			if " ".join(units[:taken]) in self.whole["keywords"]:
				return self._symbols(units[taken:])
		return ""

	def _symbols(self, units: list[str]) -> str:
		result: list[str] = []
		at = 0
		while at < len(units):
			symbol, taken = self._entry(units, at)
			if not (self.by_character and symbol == UNKNOWN and result[-1:] == [UNKNOWN]):
				result.append(symbol)
			at += taken
		return "".join(result)

	def _entry(self, units: list[str], at: int) -> tuple[str, int]:
		word = units[at]
		for taken in range(min(self.longest.get(word, 0), len(units) - at), 0, -1):
			symbol = self.words.get(" ".join(units[at : at + taken]))
			if symbol:
				return symbol, taken
		if word.isdigit():
			return SYMBOLS["common"], 1
		return self._stem(word) or self._without_prefix(word) or UNKNOWN, 1

	def _stem(self, word: str) -> str | None:
		for length in self.stem_lengths:
			symbol = self.stems.get(word[:length])
			if symbol:
				return symbol
		return None

	def _without_prefix(self, word: str) -> str | None:
		for prefix in self.prefixes:
			rest = word[len(prefix) :]
			if word.startswith(prefix) and len(rest) > 2:
				symbol = self.words.get(rest) or self._stem(rest)
				if symbol:
					return symbol
		return None

	def corrected(self, token: str) -> str:
		"""Return the word that an unknown token is a misspelling of, or the token itself."""
		return _slips(self.name).corrected(token) if self.symbols([token]) == UNKNOWN else token

	def knows_whole(self, kind: str, tokens: list[str]) -> bool:
		"""Return whether the tokens, without polite words, are one of the entries of `kind`."""
		units = self.units(tokens)
		if len(units) > 4 * MOST_WORDS:
			return False
		return " ".join(units) in self.whole[kind] or " ".join(self._bare(units)) in self.whole[kind]

	def keeps_emergencies(self, tokens: list[str]) -> bool:
		"""Return whether the tokens say "emergencies only", in any order, with no words but those that go with it."""
		units, kinds, at = self.units(tokens), set(), 0
		while at < len(units) and at < 4 * MOST_WORDS:
			kind, taken = self._around_emergencies(units, at)
			kinds.add(kind)
			at += taken
		return at >= len(units) and {"only", "emergency"} <= kinds <= set(ONLY_EMERGENCIES)

	def has_emergency(self, tokens: list[str]) -> bool:
		"""Return whether the tokens speak of an emergency that is neither an exception nor a condition."""
		kinds = ("only", EXCEPT, NOW, "emergency")
		units, met, at = self.units(tokens), set(), 0
		while at < len(units):
			kind, taken = self._whole(units, at, kinds)
			met.add(kind)
			at += taken if kind else self._entry(units, at)[1]
		return met.isdisjoint(("only", EXCEPT)) and not met.isdisjoint((NOW, "emergency"))

	def _around_emergencies(self, units: list[str], at: int) -> tuple[str, int]:
		"""Return which of `ONLY_EMERGENCIES` the entry at a place is, "" for none, and its number of units."""
		kind, taken = self._whole(units, at, ONLY_EMERGENCIES)
		if kind:
			return kind, taken
		symbols, taken = self._entry(units, at)
		return "around" if GOES_WITH.issuperset(symbols) else "", taken

	def _whole(self, units: list[str], at: int, kinds: tuple[str, ...]) -> tuple[str, int]:
		"""Return which of these kinds the longest entry at a place is, "" for none, and its number of units."""
		for taken in range(min(MOST_WORDS, len(units) - at), 0, -1):
			key = " ".join(units[at : at + taken])
			if kind := next((kind for kind in kinds if key in self.whole[kind]), None):
				return kind, taken
		return "", 1

	def _bare(self, units: list[str]) -> list[str]:
		result, at = [], 0
		while at < len(units):
			symbol, taken = self._entry(units, at)
			if symbol != SYMBOLS["polite"]:
				result += units[at : at + taken]
			at += taken
		return result


def entries(path: Path) -> list[tuple[str, str]]:
	"""Return (class, entry) for each entry of a file."""
	lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
	pairs = []
	for line in lines:
		name, _colon, listed = line.partition(":")
		for entry in listed.split("|"):
			pairs += [(name, form) for form in _forms(path.stem, entry.strip())]
	return pairs


def _forms(language: str, entry: str) -> list[str]:
	"""Return the entry itself, or the request forms of the verb it names, as in `~llamar`."""
	return sorted(inflection.requests(language, entry[1:])) if entry.startswith("~") else [entry]


def _load(name: str, marked: bool = False) -> Lexicon:
	lexicon = Lexicon(name, by_character=name in ("zh", "ko"), marked=marked)
	lexicon.whole = {kind: set() for kind in WHOLE}
	listed = entries(FOLDER / f"{name}.txt")
	lexicon.particles = tuple(plain_text.plain(entry) for kind, entry in listed if kind == "particles")
	lexicon.prefixes = tuple(plain_text.plain(entry) for kind, entry in listed if kind == "prefixes")
	lexicon.negates_after = ("negation", "after") in listed
	lexicon.verb_last = ("verb", "last") in listed
	classes: dict[str, set[str]] = {}
	borrowed = [] if name == "en" else entries(FOLDER / "borrowed.txt")
	for kind, entry in listed + borrowed:
		if kind in OPTIONS:
			continue
		read = plain_text.words_of(entry.rstrip("*"), marked)
		key = " ".join(lexicon.units(read))
		if kind in WHOLE:
			lexicon.whole[kind].add(key)
		else:
			classes.setdefault(key + "*" * entry.endswith("*"), set()).add(kind)
	stems = {key[:-1]: kinds for key, kinds in classes.items() if key.endswith("*")}
	for key, kinds in classes.items():
		lengths = () if " " in key else range(3, len(key) + 1)
		of_stems = [stems[key[:length]] for length in lengths if key[:length] in stems]
		_add(lexicon, key, _symbol(kinds.union(*of_stems)))
	lexicon.stem_lengths = tuple(sorted({len(stem) for stem in lexicon.stems}, reverse=True))
	return lexicon


def _symbol(kinds: set[str]) -> str:
	for pair, symbols in BOTH.items():
		if pair <= kinds:
			return symbols
	return next(symbol for kind, symbol in SYMBOLS.items() if kind in kinds)


def _add(lexicon: Lexicon, key: str, symbols: str) -> None:
	if key.endswith("*"):
		lexicon.stems[key[:-1]] = symbols
		return
	lexicon.words[key] = symbols
	words = key.split(" ")
	lexicon.longest[words[0]] = max(len(words), lexicon.longest.get(words[0], 0))


@cache
def lexicon(name: str, marked: bool = False) -> Lexicon:
	"""Return the language `name`, loaded once. `marked` keeps the diacritics of Vietnamese."""
	return _load(name, marked)


@cache
def _slips(name: str) -> spelling.Slips:
	"""Return the spelling corrector for the single words of `name` that make up opt-outs."""
	items = lexicon(name).words.items()
	return spelling.Slips(name, [word for word, symbol in items if " " not in word and symbol in CORRECTABLE])


_SCRIPTS = (
	("zh", re.compile(r"[\u3400-\u9fff]")),
	("ko", re.compile(r"[\uac00-\ud7af]")),
	("ru uk", re.compile(r"[\u0400-\u04ff]")),
	("ar ur", re.compile(r"[\u0600-\u06ff]")),
	("hi", re.compile(r"[\u0900-\u097f]")),
)
_LATIN = re.compile(r"[a-z]")
_LETTERS = re.compile(r"\W*[a-z]{1,2}\W*")
LATIN = ("en", "es", "pt", "fr", "ht", "vi", "tl", "so", "ru", "hi", "uk", "pl", "hmn", "ar_latin")


def candidates(text: str) -> list[str]:
	"""Return the languages whose script occurs in the text.

	Words in the Latin alphabet count only if the text has no other script. One or two Latin letters may also
	be Chinese: "TD" is what carriers in China have people reply to unsubscribe.
	"""
	languages = [name for names, script in _SCRIPTS if script.search(text) for name in names.split()]
	if languages or not _LATIN.search(text):
		return languages
	return [*LATIN, "zh"] if _LETTERS.fullmatch(text) else list(LATIN)
