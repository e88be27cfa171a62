"""English and Spanish messages: keywords and the tables of `phrases`."""

from dataclasses import dataclass

from school_dialer.consent.recogniser import phrases, plain_text, words
from school_dialer.consent.recogniser.patterns import Match, find_all, found

OPT_OUT, WRONG_NUMBER, START, HELP, NONE = "opt_out", "wrong_number", "start", "help", "none"
KEYWORD, PHRASE = "keyword", "phrase"
THIS_PURPOSE, NON_EMERGENCY, EVERYTHING = "this purpose", "all non-emergency", "everything"

CERTAIN, UNCERTAIN, ABSENT = 2, 1, 0
SHORT_MESSAGE = 8

Clause = tuple[list[str], bool]


@dataclass(frozen=True)
class Recognised:
	"""`scope` is one of the opt-out scopes, or None without an opt-out; `purpose` names the one that "this purpose" means.
	`why` is "keyword", "phrase" or "none"; `outcome` "opt_out", "wrong_number", "start", "help" or "none"."""

	text: str
	opt_out: bool
	scope: str | None
	why: str
	review: bool
	outcome: str
	purpose: str | None = None

	def as_dict(self) -> dict:
		return dict(self.__dict__)


def recognise(message: str | bytes) -> Recognised:
	"""Read one message."""
	text = plain_text.decode(message)
	own, quotations = plain_text.without_quotations(plain_text.own_words(plain_text.plain(text)))
	clauses = plain_text.clauses(own)
	bare = [token for tokens, _asks in clauses for token in tokens]
	if not strip_fillers(bare) and len(quotations) == 1:
		clauses = plain_text.clauses(quotations[0])
	outcome, why, certainty = _classify(clauses)
	if outcome in (OPT_OUT, WRONG_NUMBER):
		sure_of_number = outcome == WRONG_NUMBER and certainty == CERTAIN
		scope, purpose, clear = (EVERYTHING, None, True) if sure_of_number else _scope(clauses)
		review = certainty < CERTAIN or not clear
		return Recognised(text, True, scope, why, review, outcome, purpose)
	return Recognised(text, False, None, why, False, outcome)


def _classify(clauses: list[Clause]) -> tuple[str, str, int]:
	whole = strip_fillers([token for tokens, _asks in clauses for token in tokens])
	asks = any(asks for _tokens, asks in clauses)
	keyword = _keyword(whole)
	if keyword:
		return OPT_OUT, KEYWORD, UNCERTAIN if asks else CERTAIN
	for outcome, listed in ((START, words.START_PHRASES), (HELP, words.HELP_PHRASES)):
		if tuple(whole) in listed:
			return outcome, KEYWORD, CERTAIN
	wrong = _strongest(_wrong_number(tokens, len(whole)) for tokens, _asks in clauses)
	if wrong:
		return WRONG_NUMBER, PHRASE, wrong
	bare = [strip_fillers(tokens) for tokens, _asks in clauses]
	phrase = _strongest(map(_stop_phrase, bare))
	most = UNCERTAIN if _still_welcome(bare) else CERTAIN
	phrase = min(phrase, most)
	if phrase == CERTAIN:
		return OPT_OUT, PHRASE, CERTAIN
	among = min(_strongest(_keyword_clause(clause, whole) for clause in clauses), most)
	if among:
		return OPT_OUT, KEYWORD, among
	return (OPT_OUT, PHRASE, phrase) if phrase else (NONE, "none", ABSENT)


def _still_welcome(clauses: list[list[str]]) -> bool:
	"""Whether some clause asks to be reached in another way."""
	return any(found(pattern, tokens) for pattern in phrases.STILL_WELCOME for tokens in clauses)


def _strongest(findings) -> int:
	return max(findings, default=ABSENT)


def strip_fillers(tokens: list[str]) -> list[str]:
	return [token for token in tokens if token not in words.FILLERS]


def _keyword(tokens: list[str]) -> bool:
	"""Whether the tokens are a stop word and nothing else: alone, repeated, misspelt, or with "it" and the like."""
	if not tokens:
		return False
	if tuple(tokens) in words.STOP_PHRASES or "".join(tokens) in words.STOP_KEYWORDS:
		return True
	if len(tokens) > 1 and (
		tokens[0] in words.LEADS or (tokens[0] == "no" and tokens[1] in words.FIRST_STOPS)
	):
		tokens = tokens[1:]
	first = as_keyword(tokens[0])
	return bool(first) and all(token in words.TAILS or as_keyword(token) for token in tokens[1:])


def as_keyword(token: str) -> str | None:
	"""The stop word that a token is, or is a slip of the keyboard for."""
	for form in (token, plain_text.unleet(token)):
		if form in words.STOP_KEYWORDS or form in words.STOP_SLIPS:
			return form
	if token in words.NEAR_WORDS or not 4 <= len(token) <= 13:
		return None
	form = plain_text.unleet(token)
	for keyword in words.FUZZY_KEYWORDS:
		allowed = 2 if len(keyword) > 8 else 1
		if form[0] == keyword[0] and len(keyword) > 4 and edits(form, keyword, allowed) <= allowed:
			return keyword
	return None


def edits(a: str, b: str, most: int) -> int:
	"""Edit distance with neighbouring letters swapped counting once; more than `most` is all that is said beyond it."""
	if abs(len(a) - len(b)) > most:
		return most + 1
	before: list[int] = []
	row = list(range(len(b) + 1))
	for i, x in enumerate(a, start=1):
		last, before, row = before, row, [i]
		for j, y in enumerate(b, start=1):
			cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
			if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
				cost = min(cost, last[j - 2] + 1)
			row.append(cost)
	return row[-1]


def _keyword_clause(clause: Clause, whole: list[str]) -> int:
	"""A stop word that makes up one clause of several, or that a message begins or ends with."""
	tokens, asks = strip_fillers(clause[0]), clause[1]
	if not tokens or any(found(idiom, tokens) for idiom in phrases.IDIOMS):
		return ABSENT
	if _keyword(tokens):
		weak = tokens[0] in words.WEAK_KEYWORDS or asks
		return UNCERTAIN if weak else CERTAIN
	last = tokens[-1]
	if tokens[0] in words.FIRST_STOPS and tokens == whole[: len(tokens)]:
		second = tokens[1] if len(tokens) > 1 else ""
		return ABSENT if second.endswith("ing") or second.isdigit() else UNCERTAIN
	return UNCERTAIN if last == "stop" and not asks and tokens[-2] in words.BEFORE_LAST_STOP else ABSENT


def _stop_phrase(tokens: list[str]) -> int:
	"""How certainly one clause, freed of fillers, asks not to be contacted."""
	if not tokens or _about_school_things(tokens):
		return ABSENT
	tokens = _split_glued(tokens)
	best = ABSENT
	for pattern, certain in phrases.STOP_PATTERNS:
		for match in find_all(pattern, tokens):
			if _excused(pattern, match, tokens):
				continue
			best = max(best, _certainty(certain, match, tokens))
		if best == CERTAIN:
			break
	return best


def _split_glued(tokens: list[str]) -> list[str]:
	"""stopcalling and donttext as two words."""
	result: list[str] = []
	for token in tokens:
		for head in ("stop", "dont", "quit"):
			tail = token[len(head) :]
			if token.startswith(head) and any(
				tail in words.SETS[name] for name in ("CONTACTING", "CONTACT", "SENDING", "THINGS")
			):
				result += [head, tail]
				break
		else:
			result.append(token)
	return result


def _excused(pattern: str, match: Match, tokens: list[str]) -> bool:
	"""Whether what matches says the opposite or something else."""
	head = pattern.split()[0].split("|")[0]
	if head in ("NOT", "NO", "no"):
		if any(word in words.NOT_IN_GAPS for word in match.gaps):
			return True
		before = tokens[match.first - 1] if match.first else ""
		imperative = "WANT" not in pattern and ("CONTACT" in pattern or "SEND" in pattern)
		if imperative and before in words.SUBJECTS_TELLING and "anymore" not in tokens:
			return True
		elsewhere = tokens[match.last : match.last + 1]
		return pattern == "NOT ..1 CONTACT" and bool(elsewhere) and elsewhere[0] in words.ELSEWHERE
	if _negated(tokens, match.first):
		return True
	return any(
		other.first <= match.first < other.last
		for idiom in phrases.IDIOMS
		for other in find_all(idiom, tokens)
		if head == "STOP"
	)


def _negated(tokens: list[str], at: int) -> bool:
	"""Whether a "not" governs the stop word at `at`: "please don't stop", "I do not want to unsubscribe"."""
	place = at - 1
	while place >= 0 and tokens[place] in words.NEGATION_LINKS and at - place <= 5:
		place -= 1
	if place < 0 or tokens[place] not in words.NEGATORS:
		return False
	if tokens[place] in words.SPANISH_NEGATORS and tokens[at] in ("stop", "quit", "end", "unsubscribe"):
		return tokens[place] == "never"
	return "why" not in tokens[:place]


def _certainty(certain: bool, match: Match, tokens: list[str]) -> int:
	if not certain:
		return UNCERTAIN
	following = tokens[match.last : match.last + 1]
	if following and following[0] in words.CONDITIONS:
		return UNCERTAIN
	if tokens[match.last - 1] == "me" and following and following[0] not in words.AFTER_ME:
		return UNCERTAIN
	before = tokens[max(match.first - 3, 0) : match.first]
	if any(word in words.THIRD_PERSONS for word in (*before, *match.gaps, *following)):
		return UNCERTAIN
	return CERTAIN


def _about_school_things(tokens: list[str]) -> bool:
	"""Whether the clause takes a child out of something, or cancels it, rather than messages."""
	things = any(token in words.SCHOOL_THINGS for token in tokens)
	leaving = found("REMOVE|removed|taken|opt ..8 OFF|of", tokens) or found("^ cancel|end", tokens)
	contact = any(token in words.SETS["THINGS"] or token in words.SETS["CONTACTING"] for token in tokens)
	withdrawing = found("de baja ..2 PUPIL", tokens) or found("opt|REMOVE my ..1 PUPIL", tokens)
	return bool(withdrawing) or (things and leaving and not contact)


def _wrong_number(tokens: list[str], length: int) -> int:
	best = ABSENT
	for pattern, certain in phrases.WRONG_NUMBER_PATTERNS:
		if found(pattern, tokens):
			best = max(best, CERTAIN if certain and length <= 3 * SHORT_MESSAGE else UNCERTAIN)
	if best and any(found(idiom, tokens) for idiom in phrases.WRONG_NUMBER_IDIOMS):
		return ABSENT
	return best


def _scope(clauses: list[Clause]) -> tuple[str, str | None, bool]:
	"""(scope, purpose, whether that much is clear) of a message that is an opt-out."""
	every = [token for tokens, _asks in clauses for token in tokens]
	if any(found(pattern, every) for pattern in phrases.EVEN_EMERGENCY_PATTERNS) and "except" not in every:
		return EVERYTHING, None, True
	asked = every[: next((i for i, token in enumerate(every) if token in phrases.EXCEPT_WORDS), len(every))]
	named = [purpose for purpose, names in phrases.PURPOSES.items() if not names.isdisjoint(asked)]
	kept = [
		purpose for purpose, names in phrases.PURPOSES.items() if not names.isdisjoint(every[len(asked) :])
	]
	only_emergencies = named == ["Emergency"] and not phrases.EXCEPT_WORDS.isdisjoint(every)
	if len(named) == 1 and phrases.EVERYTHING_WORDS.isdisjoint(asked) and not only_emergencies:
		return THIS_PURPOSE, named[0], True
	return NON_EMERGENCY, None, len(named) < 2 and set(kept) <= {"Emergency"}
