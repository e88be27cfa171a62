"""English and Spanish messages: keywords and the tables of `phrases`."""

from collections.abc import Callable

from school_dialer.consent.recogniser import phrases, plain_text, words
from school_dialer.consent.recogniser.patterns import Match, find_all, found
from school_dialer.consent.recogniser.rules import ABSENT, CERTAIN, UNCERTAIN

THIS_PURPOSE, NON_EMERGENCY = "this purpose", "all non-emergency"
EMERGENCY = "Emergency"
PURPOSE = "PURPOSE"
"""Stands for the word of a purpose in the patterns of `phrases.ABOUT_PURPOSE`."""

Clause = tuple[list[str], bool]


def is_keyword(clauses: list[Clause]) -> bool:
	"""Return whether the message is a stop word and nothing else."""
	return _keyword(list(_whole(clauses)))


def opt_out(clauses: list[Clause], limits: list[Callable[[int], int]]) -> tuple[bool, int]:
	"""Return (whether a stop word was found, how certain) for a message.

	Each function in `limits` reduces the certainty of a finding in its clause.
	"""
	whole = list(_whole(clauses))
	bare = [strip_fillers(tokens) for tokens, _asks in clauses]
	phrase = _strongest(
		limit(min(_stop_phrase(tokens), UNCERTAIN if asks and _keyword(tokens) else CERTAIN))
		for tokens, (_tokens, asks), limit in zip(bare, clauses, limits, strict=True)
	)
	if phrase == CERTAIN:
		return False, CERTAIN
	among = _strongest(
		limit(_keyword_clause(clause, whole)) for clause, limit in zip(clauses, limits, strict=True)
	)
	if any(found(pattern, whole) for pattern in phrases.BEGINNINGS) or gives_reason(whole):
		among = max(among, UNCERTAIN)
	if among == CERTAIN and any(map(speaks_of_else, (tokens for tokens, _asks in clauses))):
		among = UNCERTAIN
	return bool(among), among or phrase


def speaks_of_else(tokens: list[str]) -> bool:
	"""Return whether a clause beside a stop word is about something else than contact.

	So is praise: "Stop it, you're too kind!" Thanks, complaints, and what the writer does not want are about it.
	"""
	bare = strip_fillers(tokens)
	return bool(bare) and not _keyword(bare) and words.ABOUT_CONTACT.isdisjoint(tokens)


def gives_reason(whole: list[str]) -> bool:
	"""Return whether a message begins with a stop word and goes on with what someone of the family does.

	"STOP her dad handles this" does. "Stop her brother from running" says whom the school should stop.
	"""
	if whole[:1] and whole[0] not in words.BEFORE_REASONS:
		return False
	person = next((place for place, token in enumerate(whole[1:4], 1) if token in words.KIN), 0)
	led = all(token in words.OWN for token in whole[1:person])
	does = whole[person + 1 : person + 2] if person and led else []
	return bool(does) and not (does[0] in words.OF_OBJECTS or does[0].endswith("ing"))


def wrong_number(clauses: list[Clause]) -> bool:
	return any(
		found(pattern, tokens) for pattern in phrases.WRONG_NUMBER_PATTERNS for tokens, _asks in clauses
	)


def mistook_a_number(clauses: list[Clause]) -> bool:
	"""Return whether the writer says that a number was typed or noted wrongly."""
	return any(
		words.YOU.isdisjoint(match.gaps)
		for idiom in phrases.WRONG_NUMBER_IDIOMS
		for tokens, _asks in clauses
		for match in find_all(idiom, tokens)
	)


def is_start(clauses: list[Clause]) -> bool:
	return _whole(clauses) in words.START_PHRASES


def is_help(clauses: list[Clause]) -> bool:
	return _whole(clauses) in words.HELP_PHRASES


def _whole(clauses: list[Clause]) -> tuple[str, ...]:
	return tuple(strip_fillers([token for tokens, _asks in clauses for token in tokens]))


def still_welcome(clauses: list[Clause]) -> bool:
	"""Return whether some clause asks for contact in another way."""
	bare = [strip_fillers(tokens) for tokens, _asks in clauses]
	return any(found(pattern, tokens) for pattern in phrases.STILL_WELCOME for tokens in bare)


def _strongest(findings) -> int:
	return max(findings, default=ABSENT)


def strip_fillers(tokens: list[str]) -> list[str]:
	return [token for token in tokens if token not in words.FILLERS]


def _keyword(tokens: list[str]) -> bool:
	"""Return whether the tokens are a stop word: alone, repeated, misspelled, or with "it" and the like."""
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
	"""Return the stop word that a token is or is a typo of, or None."""
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
	"""Return the edit distance, with two neighboring letters swapped counting as one edit.

	Any distance beyond `most` is reported only as more than `most`.
	"""
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
	"""Rate a stop word that makes up one clause of several, or that a message begins or ends with."""
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
	if last != "stop" or (asks and tokens[0] != "how"):
		return ABSENT
	return UNCERTAIN if len(tokens) <= 3 or tokens[-2] in words.BEFORE_LAST_STOP else ABSENT


def _stop_phrase(tokens: list[str]) -> int:
	"""Return how certainly one clause, without fillers, asks for no contact."""
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
	"""Split stopcalling, donttext and nomanden into two words."""
	result: list[str] = []
	for token in tokens:
		for head in ("stop", "dont", "quit", "no"):
			tail = token[len(head) :]
			if token.startswith(head) and any(
				tail in words.SETS[name]
				for name in (("MANDEN",) if head == "no" else ("CONTACTING", "CONTACT", "SENDING", "THINGS"))
			):
				result += [head, tail]
				break
		else:
			result.append(token)
	return result


def _excused(pattern: str, match: Match, tokens: list[str]) -> bool:
	"""Return whether the matched words mean the opposite or something else."""
	head = pattern.split()[0].split("|")[0]
	if head in ("NOT", "NO", "no"):
		if any(word in words.NOT_IN_GAPS for word in match.gaps):
			return True
		before = tokens[match.first - 1] if match.first else ""
		imperative = pattern.startswith(("NOT ..1 CONTACT", "NOT ..2 CONTACT", "NOT ..1 SEND", "NO me|nos"))
		if imperative and before in words.STATEMENT_SUBJECTS and "anymore" not in tokens:
			return True
		elsewhere = tokens[match.last : match.last + 1]
		return pattern == "NOT ..1 CONTACT" and bool(elsewhere) and elsewhere[0] in words.ELSEWHERE
	if _negated(tokens, match.first):
		return True
	return any(
		other.first <= match.first < other.last
		for idiom in phrases.IDIOMS
		for other in find_all(idiom, tokens)
		if head in ("STOP", "UNSUBSCRIBE")
	)


def _negated(tokens: list[str], at: int) -> bool:
	"""Return whether a "not" governs the stop word at `at`.

	Examples: "please don't stop", "I do not want to unsubscribe".
	"""
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
	"""Return whether the clause takes a child out of something, or cancels it, rather than messages."""
	things = any(token in words.SCHOOL_THINGS for token in tokens)
	leaving = found("REMOVE|removed|taken|opt ..8 OFF|of", tokens) or found("^ cancel|end", tokens)
	contact = any(token in words.SETS["THINGS"] or token in words.SETS["CONTACTING"] for token in tokens)
	withdrawing = found("de baja ..2 PUPIL", tokens) or found("opt|REMOVE my ..1 PUPIL", tokens)
	return bool(withdrawing) or (things and leaving and not contact)


def scope(clauses: list[Clause]) -> tuple[str, str | None, bool]:
	"""Return (scope, purpose, whether that is clear) for a message that is an opt-out.

	A purpose that the message names narrows it only if that is what it asks to stop. Words alone never stop
	emergency calls. A request to stop them is not clear, so a person reviews it.
	"""
	every = [token for tokens, _asks in clauses for token in tokens]
	if any(found(pattern, every) for pattern in phrases.EVEN_EMERGENCY_PATTERNS) and "except" not in every:
		return NON_EMERGENCY, None, False
	asked = every[: next((i for i, token in enumerate(every) if token in phrases.EXCEPT_WORDS), len(every))]
	named = [purpose for purpose, names in phrases.PURPOSES.items() if not names.isdisjoint(asked)]
	kept = [
		purpose for purpose, names in phrases.PURPOSES.items() if not names.isdisjoint(every[len(asked) :])
	]
	meant = [purpose for purpose in named if is_about(purpose, clauses)]
	one_of_many = phrases.EVERYTHING_WORDS.isdisjoint(asked)
	if one_of_many and len(named) == 1 and meant == named != [EMERGENCY]:
		return THIS_PURPOSE, named[0], True
	only_emergencies = named == [EMERGENCY] and not phrases.EXCEPT_WORDS.isdisjoint(every)
	clear = not meant or not one_of_many or only_emergencies
	return NON_EMERGENCY, None, clear and set(kept) <= {EMERGENCY}


def is_about(purpose: str, clauses: list[Clause]) -> bool:
	"""Return whether some clause names calls, texts, or a list for this purpose, or asks to stop it."""
	names = phrases.PURPOSES[purpose]
	marked = [[PURPOSE if token in names else token for token in tokens] for tokens, _asks in clauses]
	return any(
		found(pattern, tokens)
		for pattern in phrases.ABOUT_PURPOSE
		for marked_tokens in marked
		for tokens in (marked_tokens, strip_fillers(marked_tokens))
	)
