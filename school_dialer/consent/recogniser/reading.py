"""Read one message in every language that its letters allow, and classify it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from school_dialer.consent.recogniser import lexicon, phrasebook, plain_text, rules
from school_dialer.consent.recogniser.phrasebook import NON_EMERGENCY, Clause
from school_dialer.consent.recogniser.rules import ABSENT, CERTAIN, UNCERTAIN

OPT_OUT, WRONG_NUMBER, START, HELP, NONE = "opt_out", "wrong_number", "start", "help", "none"
KEYWORD, PHRASE = "keyword", "phrase"

TABLED = ("en", "es")
"""The languages of `phrases`. A finding from their lexicon alone is not certain."""
CLOSE = 0.85
"""A language is read if it knows at least this share of the words that the best language knows."""
MOST_CORRECTED = 60
"""The most words of a message whose spelling is corrected."""
UNDERSTOOD = 0.45
"""The share of words that some language has to know."""
MYSELF = lexicon.SYMBOLS["me"]


@dataclass(frozen=True)
class Recognised:
	"""The result for one message.

	- `scope` is "this purpose" or "all non-emergency", or None without an opt-out; `purpose` names the
	  purpose that "this purpose" means.
	- `why` is "keyword", "phrase" or "none".
	- `outcome` is "opt_out", "wrong_number", "start", "help" or "none".
	- `review`: a person has to confirm the opt-out.
	- `understood` False: a person has to read the message, because its language is not known.
	"""

	text: str
	opt_out: bool
	scope: str | None
	why: str
	review: bool
	outcome: str
	purpose: str | None = None
	understood: bool = True

	def as_dict(self) -> dict:
		"""Return the fields as a dict.

		`understood` is included only when it is False, so that readers of the older form see no new key.
		"""
		fields = dict(self.__dict__)
		return (
			fields if not self.understood else {name: fields[name] for name in fields if name != "understood"}
		)


@dataclass(frozen=True)
class Reading:
	"""A message in one language: its clauses, their symbols, and the share of symbols that are known."""

	lexicon: lexicon.Lexicon
	clauses: list[Clause]
	symbols: list[str]
	coverage: float

	def is_whole(self, kind: str) -> bool:
		return self.lexicon.knows_whole(kind, [token for tokens, _asks in self.clauses for token in tokens])


def recognise(message: str | bytes) -> Recognised:
	text = plain_text.decode(message)
	clauses = own_clauses(plain_text.plain(text))
	readings = _readings(text, clauses)
	outcome, why, certainty = _classify(clauses, readings)
	if outcome == NONE:
		outcome, why, certainty = _misspelt(clauses, readings)
	if outcome in (OPT_OUT, WRONG_NUMBER):
		scope, purpose, clear = (
			phrasebook.scope(clauses) if outcome == OPT_OUT else (NON_EMERGENCY, None, False)
		)
		return Recognised(text, True, scope, why, certainty < CERTAIN or not clear, outcome, purpose)
	cut = plain_text.is_cut(text)
	understood = outcome != NONE or (not cut and _understood(text, clauses, readings))
	return Recognised(text, False, None, why, False, outcome, understood=understood)


def is_about_writer(message: str) -> bool:
	"""Return whether the clause of an opt-out says whom it is about, and that is the writer: me, our number.

	A bare keyword is about the writer too.
	"""
	text = plain_text.decode(message)
	clauses = own_clauses(plain_text.plain(text))
	readings = _readings(text, clauses)
	if _classify(clauses, readings)[:2] == (OPT_OUT, KEYWORD):
		return True
	return any(
		MYSELF in symbols and _classify([clause], [_reading(reading.lexicon, [clause])])[0] == OPT_OUT
		for reading in _closest(readings)
		for clause, symbols in zip(reading.clauses, reading.symbols, strict=True)
	)


def is_welcome(message: str) -> bool:
	"""Return whether some clause seems to ask for contact, in words that are no START, and none asks for less."""
	text = plain_text.decode(message)
	clauses = own_clauses(plain_text.plain(text))
	readings = _readings(text, clauses)
	if _classify(clauses, readings)[0] != NONE:
		return False
	return any(rules.welcome(symbols) for reading in _closest(readings) for symbols in reading.symbols)


def own_clauses(text: str, cyrillic: bool | None = None) -> list[Clause]:
	"""Return the clauses that the writer wrote, without quotations unless there is nothing else."""
	own_text, quotations = plain_text.without_quotations(plain_text.own_words(text))
	clauses = plain_text.clauses(own_text, cyrillic)
	bare = [token for tokens, _asks in clauses for token in tokens]
	if not phrasebook.strip_fillers(bare) and len(quotations) == 1:
		return plain_text.clauses(quotations[0], cyrillic)
	return clauses


def _readings(text: str, clauses: list[Clause]) -> list[Reading]:
	"""Return the message as read in each candidate language, best coverage first."""
	plain = plain_text.plain(text)
	readings = []
	for name in lexicon.candidates(plain):
		read = own_clauses(plain, cyrillic=True) if name in ("ru", "uk") else clauses
		reading = _reading(lexicon.lexicon(name), read)
		if name == "vi" and plain_text.is_marked(text):
			with_marks = _reading(lexicon.lexicon(name, marked=True), own_clauses(plain_text.marked(text)))
			reading = with_marks if with_marks.coverage >= CLOSE * reading.coverage else reading
		readings.append(reading)
	return sorted(readings, key=lambda reading: -reading.coverage)


def _reading(words: lexicon.Lexicon, clauses: list[Clause]) -> Reading:
	symbols = [words.symbols(tokens) for tokens, _asks in clauses]
	every = "".join(symbols)
	return Reading(words, clauses, symbols, rules.known(every) / (len(every) or 1))


def _closest(readings: list[Reading]) -> list[Reading]:
	return [reading for reading in readings if reading.coverage >= CLOSE * readings[0].coverage > 0]


def _classify(clauses: list[Clause], readings: list[Reading]) -> tuple[str, str, int]:
	asks = any(asks for _tokens, asks in clauses)
	whole = CERTAIN if phrasebook.is_keyword(clauses) else max(map(_whole_keyword, readings), default=ABSENT)
	if whole:
		return OPT_OUT, KEYWORD, UNCERTAIN if asks else whole
	if phrasebook.is_start(clauses) or any(reading.is_whole("start") for reading in readings):
		return START, KEYWORD, CERTAIN
	if phrasebook.is_help(clauses) or any(reading.is_whole("help") for reading in readings):
		return HELP, KEYWORD, CERTAIN
	kept = UNCERTAIN if any(map(_keeps_emergencies, readings)) else ABSENT
	readings = _closest(readings)
	if _says_wrong_number(clauses, readings):
		return WRONG_NUMBER, PHRASE, UNCERTAIN
	by_keyword, tabled = phrasebook.opt_out(clauses, _limits(clauses, readings))
	phrase = max([tabled, kept, *map(_phrase, readings)])
	if phrase:
		unsure = _guarded(readings) or phrasebook.still_welcome(clauses) or any(map(_has_emergency, readings))
		return OPT_OUT, KEYWORD if by_keyword else PHRASE, UNCERTAIN if unsure else phrase
	if any(map(_start, readings)):
		return START, PHRASE, CERTAIN
	return NONE, "none", ABSENT


def _misspelt(clauses: list[Clause], readings: list[Reading]) -> tuple[str, str, int]:
	"""Classify the message with the unknown words of the closest languages corrected.

	The result is never certain, and only opt-outs and wrong numbers count.
	"""
	if sum(len(tokens) for tokens, _asks in clauses) <= MOST_CORRECTED:
		for reading in _closest(readings):
			if reading.lexicon.by_character or reading.coverage == 1:
				continue
			meant = [
				([reading.lexicon.corrected(token) for token in tokens], asks)
				for tokens, asks in reading.clauses
			]
			if meant != reading.clauses:
				outcome, why, certainty = _classify(meant, [_reading(reading.lexicon, meant)])
				if outcome in (OPT_OUT, WRONG_NUMBER):
					return outcome, why, min(certainty, UNCERTAIN)
	return NONE, "none", ABSENT


def _limits(clauses: list[Clause], readings: list[Reading]) -> list[Callable[[int], int]]:
	"""Return, for each clause, a function that limits a finding of the tables by the clause's other words."""
	for reading in readings:
		if reading.lexicon.name in TABLED:
			return [partial(rules.most_of_tables, symbols) for symbols in reading.symbols]
	return [partial(min, UNCERTAIN)] * len(clauses)


def _says_wrong_number(clauses: list[Clause], readings: list[Reading]) -> bool:
	if phrasebook.mistook_a_number(clauses):
		return False
	tabled = [reading for reading in readings if reading.lexicon.name in TABLED]
	about_school = any("K" in symbols for reading in tabled for symbols in reading.symbols)
	return (phrasebook.wrong_number(clauses) and not about_school) or any(map(_wrong_number, readings))


def _whole_keyword(reading: Reading) -> int:
	if not reading.is_whole("keywords"):
		return ABSENT
	bare_vietnamese = reading.lexicon.name == "vi" and not reading.lexicon.marked
	latin_chinese = reading.lexicon.name == "zh" and "".join(reading.clauses[0][0]).isascii()
	return UNCERTAIN if bare_vietnamese or latin_chinese else CERTAIN


def _guarded(readings: list[Reading]) -> bool:
	"""Return whether the message mentions school things or another way to be reached."""
	return any(symbol in "".join(reading.symbols) for reading in readings for symbol in "KO")


def _wrong_number(reading: Reading) -> bool:
	tabled = reading.lexicon.name in TABLED
	return any(rules.wrong_number(symbols, tabled) for symbols in reading.symbols)


def _keeps_emergencies(reading: Reading) -> bool:
	"""Return whether a clause says that calls in emergencies are welcome, and no others.

	This is never certain: in many languages "only" is also "just", and the writer may have an emergency.
	"""
	return any(not asks and reading.lexicon.keeps_emergencies(tokens) for tokens, asks in reading.clauses)


def _has_emergency(reading: Reading) -> bool:
	"""Return whether the writer may have an emergency: "please stop and call me, it is an emergency".

	A person sees such a message, whatever it asks to stop.
	"""
	return reading.lexicon.has_emergency([token for tokens, _asks in reading.clauses for token in tokens])


def _phrase(reading: Reading) -> int:
	ratings = [
		_clause(reading.lexicon, symbols, asks)
		for symbols, (_tokens, asks) in zip(reading.symbols, reading.clauses, strict=True)
	]
	return max([*ratings, _reason(reading)], default=ABSENT)


def _reason(reading: Reading) -> int:
	"""Rate a message that begins with a stop word and goes on, without a mark between, as if to say why."""
	if reading.lexicon.name in TABLED or not reading.clauses:
		return ABSENT
	tokens, asks = reading.clauses[0]
	if asks or not tokens:
		return ABSENT
	return rules.reason(reading.lexicon.after_keyword(tokens), tokens[0])


def _clause(words: lexicon.Lexicon, symbols: str, asks: bool) -> int:
	if words.name in TABLED:
		return rules.opt_out_besides(symbols, asks)
	rating = rules.opt_out(symbols, asks, words.negates_after)
	return rating or (ABSENT if asks or words.verb_last else rules.last_request(symbols))


def _start(reading: Reading) -> bool:
	return len(reading.symbols) == 1 and rules.start(reading.symbols[0])


def _understood(text: str, clauses: list[Clause], readings: list[Reading]) -> bool:
	"""Return whether some language knows enough of the words, or there are no words."""
	words = any(character.isalpha() for character in text) and any(
		not token.isdigit() for tokens, _asks in clauses for token in tokens
	)
	return not words or (bool(readings) and readings[0].coverage >= UNDERSTOOD)
