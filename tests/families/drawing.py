"""Draw schools' courses with Hypothesis. A seed repeats them; no database of examples is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.families import course as c
from tests.families import school as s
from tests.families.course import Course, Event, Script
from tests.families.school import Child, Consent, Family, Field, Guardian, Link, OptOut

LINES = "ABCDE"
ROUNDS, APART = 10, 1_000_003
"""How often Hypothesis is asked again for what it drew twice, and how far apart the rounds' seeds are."""
Drawn = TypeVar("Drawn")


def of(**weights: int) -> st.SearchStrategy[str]:
	"""Return a strategy of the words, each as often as its weight. The first is the simplest."""
	return st.sampled_from([word for word, weight in weights.items() for _ in range(weight)])


RARELY, SELDOM = st.sampled_from([False] * 9 + [True]), st.sampled_from([False] * 19 + [True])
NOTATION = st.sampled_from([*s.PLAIN * 8, "label before", "label after"])
BEHAVIOR = st.sampled_from(
	["listens"] * 6
	+ ["no answer"] * 3
	+ ["voicemail"] * 2
	+ ["busy", "fails", "hangs up", "silent", "unsure", "presses 9", "refused", "screens"]
)
LISTENER = st.one_of(
	st.just(("listens",)), st.just(("listens",)), st.lists(BEHAVIOR, min_size=1, max_size=3).map(tuple)
)
IN_VAIN = st.lists(st.sampled_from(["no answer"] * 2 + ["busy", "fails", "refused"]), min_size=1, max_size=2)
"""What happens at a number at which no one hears anything."""
LANGUAGE = st.sampled_from(["en"] * 5 + ["es"] * 2 + [s.UNKNOWN])
OTHER_LANGUAGE = st.sampled_from(["en", "es", s.UNKNOWN, s.UNKNOWN])
"""That of a guardian who shares a number."""
CALLED_LATER = st.sampled_from(["no answer"] * 2 + ["voicemail", "busy"])


def listeners(script: Script) -> st.SearchStrategy[tuple[str, ...]]:
	"""Return a strategy of what happens at a number.

	Where a message is corrected, often no one hears it. Where those are tried again who were not reached,
	often all calls of the first campaign come in vain.
	"""
	found = [LISTENER, LISTENER]
	if c.CORRECT in script.moves:
		found.append(IN_VAIN.map(tuple))
	if c.RESEND in script.moves:
		found.append(CALLED_LATER.map(lambda word: (*[word] * script.tries, "listens")))
	return st.one_of(found)


@st.composite
def fields(draw: Callable, free: list[str], known: list[str]) -> Field:
	"""Draw a phone field: mostly one number of its own, at times another's, two numbers, or none to read."""
	if draw(SELDOM):
		return Field((), draw(st.sampled_from(s.OF_NONE)))
	shared = known and draw(st.sampled_from([False, False, True]))
	lines = [draw(st.sampled_from(known)) if shared or not free else free.pop(0)]
	if free and draw(RARELY):
		lines.append(free.pop(0))
		return Field(tuple(lines), draw(st.sampled_from(s.OF_TWO)))
	return Field(tuple(lines), draw(NOTATION))


@st.composite
def guardians(draw: Callable) -> tuple[Guardian, ...]:
	free, known, found = list(LINES), [], []
	for index in range(draw(st.integers(1, 3))):
		again = draw(st.integers(0, index - 1)) if index and draw(RARELY) else None
		if again is not None and found[again].again is not None:
			again = found[again].again
		mobile = found[again].mobile if again is not None else draw(fields(free, known))
		other = draw(fields(free, known)) if free and draw(st.booleans()) else None
		one = Guardian(mobile, other, again=again)
		shares = any(line in known for line in one.lines)
		language = (
			found[again].language if again is not None else draw(OTHER_LANGUAGE if shares else LANGUAGE)
		)
		found.append(replace(one, language=language))
		known += [line for line in one.lines if line not in known]
	return tuple(found)


@st.composite
def links(draw: Callable, children: int, guardians: int) -> tuple[Link, ...]:
	found = []
	for child in range(children):
		sure = draw(st.integers(0, guardians - 1))
		for guardian in range(guardians):
			if guardian == sure or draw(st.booleans()):
				permission = draw(st.sampled_from([s.ALL] * 7 + [s.COURT_ORDER] * 2 + [s.EMERGENCY_ONLY]))
				relation = draw(of(Mother=4, Father=4, Others=1))
				records = draw(st.sampled_from([None] * 7 + ["Yes", "No"]))
				found.append(Link(guardian, child, relation, permission, records))
	return tuple(found)


@st.composite
def consents(draw: Callable, people: tuple[Guardian, ...], script: Script) -> tuple[Consent, ...]:
	"""Draw consents: at a number either everyone agrees for themselves, or one consent counts for all.

	Seldom one was given by a guardian who does not have the number, and counts for no one.
	"""
	found, ends_soon = [], [s.SOON] * 4 if passes(script) else []
	for line in dict.fromkeys(line for one in people for line in one.lines):
		named = draw(st.booleans())
		holders = [index for index, one in enumerate(people) if line in one.lines]
		if named and draw(SELDOM):
			holders = [index for index in range(len(people)) if index not in holders] or holders
		for guardian in holders if named else [None]:
			if draw(st.sampled_from([True] * 6 + [False])):
				about = draw(st.sampled_from([s.ANY_PURPOSE] * 7 + [script.purpose, "Fees"]))
				ends = draw(st.sampled_from([None] * 8 + [100, -10] + ends_soon))
				found.append(Consent(line, guardian, about, ends))
	return tuple(found)


def passes(script: Script) -> bool:
	return any(move in c.PASSES for move in script.moves)


@st.composite
def opt_outs(draw: Callable, family: Family, purpose: str) -> tuple[OptOut, ...]:
	lines = often_shared(family)
	if not lines or not draw(st.sampled_from([False] * 5 + [True])):
		return ()
	scope = draw(st.sampled_from(["all non-emergency", "everything", "this purpose"]))
	about = draw(st.sampled_from([purpose, "Fees"])) if scope == "this purpose" else ""
	return (OptOut(draw(st.sampled_from(lines)), scope, about),)


def often_shared(family: Family) -> list[str]:
	"""Return the numbers on record, those of several people more often."""
	return [*family.lines, *(line for line in family.lines for _one in family.holders(line)[1:] * 3)]


@st.composite
def families(draw: Callable, script: Script) -> Family:
	absent = st.sampled_from([True] * 4 + [False])
	schools = st.just(0) if script.school is None else st.integers(0, 1)
	child = st.builds(Child, absent, RARELY, RARELY, school=schools)
	children = draw(st.lists(child, min_size=1, max_size=3))
	people = draw(guardians())
	family = Family(
		tuple(children), people, draw(links(len(children), len(people))), draw(consents(people, script))
	)
	there = tuple((line, draw(listeners(script))) for line in family.lines)
	stops = draw(opt_outs(family, script.purpose))
	# Where the school waits, the hour of the far ones may come.
	far = tuple(line for line in family.lines if not passes(script) and draw(SELDOM))
	return replace(family, opt_outs=stops, listeners=there, far=far)


@st.composite
def alone(draw: Callable) -> Family:
	"""Draw a child whose mother is called in vain at first."""
	words = draw(
		st.lists(st.sampled_from(["no answer", "voicemail", "fails", "listens"]), min_size=1, max_size=2)
	)
	mother = Guardian(Field(("A",), draw(NOTATION)), None, draw(of(en=3, es=1)))
	return Family((Child(),), (mother,), (Link(0, 0),), (Consent("A"),), (), (("A", (*words, "listens")),))


@st.composite
def in_vain(draw: Callable, script: Script) -> Family:
	"""Draw a child of whom one parent is called in vain until those are tried again who were not reached."""
	words = (*[draw(CALLED_LATER)] * script.tries, "listens")
	mother, father = Guardian(Field(("A",), draw(NOTATION))), Guardian(Field(("B",), draw(NOTATION)))
	if script.reach == c.ONE_GUARDIAN or draw(st.booleans()):
		return Family((Child(),), (mother,), (Link(0, 0),), (Consent("A"),), (), (("A", words),))
	links, both = (Link(0, 0), Link(1, 0, "Father")), (Consent("A"), Consent("B"))
	return Family((Child(),), (mother, father), links, both, (), (("A", ("listens",)), ("B", words)))


MOVES = {
	c.ATTENDANCE: (
		(c.LOOK, c.WAIT, c.DIAL, c.LATER),
		(c.LOOK, c.DIAL, c.LOOK, c.DIAL, c.LATER),
		(c.LOOK, c.DIAL, c.PAUSE, c.LATER, c.RESUME, c.LATER),
		(c.LOOK, c.MAINTAIN, c.DIAL, c.LATER),
		(c.LOOK, c.DIAL, c.PAUSE, c.NIGHT, c.RESUME, c.DIAL, c.LATER),
		(c.LOOK, c.DIAL, c.EVENING, c.LATER, c.NIGHT, c.LATER),
		c.LOOKED_AGAIN,
		(c.LOOK, c.DIAL, c.LATER, c.CORRECT),
		(c.LOOK, c.DIAL, c.LATER, c.LATER, c.RESEND, c.DIAL, c.LATER),
	),
	c.EVENT: (
		(c.START, c.WAIT, c.DIAL, c.LATER),
		(c.START, c.DIAL, c.LATER, c.LATER, c.CORRECT),
		(c.START, c.DIAL, c.LATER, c.START, c.DIAL, c.LATER),
		(c.START, c.DIAL, c.PAUSE, c.CHANGE, c.RESUME, c.DIAL, c.LATER),
		(c.START, c.DIAL, c.PAUSE, c.CANCEL, c.LATER, c.START, c.DIAL),
		(c.START, c.MAINTAIN, c.DIAL, c.LATER),
		(c.START, c.DIAL, c.PAUSE, c.EVENING, c.RESUME, c.LATER, c.NIGHT, c.DIAL, c.LATER),
		(c.START, c.EVENING, c.DIAL, c.PAUSE, c.NIGHT, c.RESUME, c.DIAL, c.LATER),
		(c.START, c.DIAL, c.LATER, c.LATER, c.RESEND, c.DIAL, c.LATER),
		(c.START, c.DIAL, c.LATER, c.RESEND, c.DIAL, c.LATER, c.CORRECT),
	),
	c.EMERGENCY: (
		(c.START, c.DIAL, c.LATER),
		(c.START, c.DIAL, c.START, c.DIAL, c.LATER),
		(c.START, c.DIAL, c.PAUSE, c.CHANGE, c.RESUME, c.LATER, c.APPROVE, c.DIAL, c.LATER),
		(c.START, c.EVENING, c.DIAL, c.NIGHT, c.LATER),
		(c.START, c.INTRUDE, c.DIAL, c.LATER),
		(c.START, c.MAINTAIN, c.DIAL, c.LATER),
		(c.START, c.DIAL, c.LATER, c.CORRECT),
		(c.START, c.DIAL, c.LATER, c.LATER, c.RESEND, c.DIAL, c.LATER),
	),
}
CHANNELS = ("Voice", "Voice", "Voice", "Text")
REACHES = (c.EVERYONE, c.EVERYONE, c.ONE_GUARDIAN)
FAULTS = {
	"Voice": ("", "", "too fast", "errors", "lost answers", "lost requests", "doubled"),
	"Text": ("", "too fast", "doubled"),
}
"""After a text that may be lost its number rests for seconds: `dev.chaos` plays that."""
SURE_OF_MOST = {"Voice": ("", "", "too fast", "doubled", "lost answers"), "Text": FAULTS["Text"]}
"""The same for what depends on who heard: where the carrier does not say, the app has to assume it."""
ASKS_WHO_HEARD = (c.CORRECT, c.RESEND)


def scripts(purpose: str, count: int, number: int, with_move: str = "") -> list[Script]:
	"""Return scripts of one purpose. There are few in a run, so each choice comes as often as its share.

	`with_move`: only those that have this move.
	"""
	chance = Random(f"{number} {purpose}")
	moves, channels, reaches, tries = (
		in_turn(chance, choices) for choices in (moves_with(purpose, with_move), CHANNELS, REACHES, (1, 2, 3))
	)
	faults, sure = (
		{channel: in_turn(chance, choices) for channel, choices in of.items()}
		for of in (FAULTS, SURE_OF_MOST)
	)
	fallbacks = in_turn(chance, (False, purpose != c.ATTENDANCE))
	schools = in_turn(chance, (None, None, 0, s.DISTRICT))
	found = []
	for _script in range(count):
		channel, moved = next(channels), next(moves)
		wrong = next((sure if set(moved) & set(ASKS_WHO_HEARD) else faults)[channel])
		script = Script(purpose, channel, next(reaches), next(tries), moved, wrong)
		text = channel == "Voice" and next(fallbacks)
		found.append(replace(script, fallback=text, school=next(schools)))
	return found


def moves_with(purpose: str, move: str) -> list[tuple[str, ...]]:
	return [moves for moves in MOVES[purpose] if not move or move in moves]


def in_turn(chance: Random, choices: Sequence[Drawn]) -> Iterator[Drawn]:
	"""Yield all of these, in one order after the other."""
	while True:
		yield from chance.sample(choices, len(choices))


@st.composite
def courses(draw: Callable, script: Script) -> Course:
	if script.moves == c.LOOKED_AGAIN and draw(st.booleans()):
		return Course(script, draw(alone()), (Event(2, c.PRESENT), Event(3, c.ABSENT)))
	if c.RESEND in script.moves and draw(st.sampled_from([False] * 4 + [True])):
		return Course(script, draw(in_vain(script)))
	family = draw(families(script))
	events = draw(st.lists(happenings(script, family), max_size=2))
	events += draw(starts(script, family, events))
	if any(event.what == c.MERGED for event in events):
		# What else happens to a record that is gone would be of the one that is left.
		merged = next(event for event in events if event.what == c.MERGED)
		events = [event for event in events if event.what in (*c.AT_NUMBERS, *c.OF_CHILD)] + [merged]
	if any(event.what == c.GIVEN for event in events):
		events = [event for event in events if event.what != c.MOVED]
	return Course(script, family, tuple(sorted(events, key=lambda one: one.before)))


@st.composite
def starts(draw: Callable, script: Script, family: Family, events: list[Event]) -> list[Event]:
	"""Draw a START after a stop, mostly from the number that is stopped."""
	stops = [(0, stop.line) for stop in family.opt_outs]
	stops += [
		(one.before, one.line) for one in events if one.what in (*c.STOPS, c.WRONG, c.AGENT, c.ONE_SCHOOL)
	]
	if not stops or any(one.what == c.MERGED for one in events) or not draw(st.booleans()):
		return []
	since, line = draw(st.sampled_from(stops))
	others = [other for holder in family.holders(line) for other in family.guardians[holder].lines]
	before = draw(st.sampled_from([since, since, draw(st.integers(since, len(script.moves) - 1))]))
	return [Event(before, c.AGAIN, draw(st.sampled_from([*[line] * 3, *others])))]


@st.composite
def happenings(draw: Callable, script: Script, family: Family) -> Event:
	whats = [c.ORDER, *[c.RENAMED, c.MOVED] * 2, c.CHILD_RENAMED, c.MAIL, c.TICKET, c.LEAVES, c.UNLINKED]
	twice = [index for index, one in enumerate(family.guardians) if one.again is not None]
	whats += [c.MERGED] * (8 if twice else 0)
	given = list(handed_on(family))
	whats += [c.GIVEN] * (3 if given else 0)
	whats += [c.MISTAKE, c.WRONG, *c.AT_NUMBERS, c.AGENT, c.AGENT] if family.lines else []
	in_district = script.school is not None
	whats += [c.OTHER_SCHOOL, *[c.ONE_SCHOOL] * (3 if family.lines else 0)] * (2 if in_district else 0)
	whats += [c.ABSENT, c.PRESENT, c.ABSENT, c.EXCUSED, c.UNEXCUSED] * 2 if script.about_records else []
	what = draw(st.sampled_from(whats))
	before = draw(st.integers(0, len(script.moves) - 1))
	line = draw(st.sampled_from(often_shared(family))) if what in c.AT_NUMBERS else ""
	changed = [link for link in family.links if family.children[link.child].absent == (what == c.PRESENT)]
	marks = what in (c.ABSENT, c.PRESENT)
	link = draw(st.sampled_from(changed if marks and changed else family.links))
	person = draw(st.sampled_from(twice)) if what == c.MERGED else link.guardian
	if what in (c.AGENT, c.ONE_SCHOOL):
		line = draw(st.sampled_from(family.lines))
		person = draw(st.sampled_from(family.holders(line)))
	if what == c.GIVEN:
		line, person = draw(st.sampled_from(given))
	return Event(before, what, line, person, link.child)


def handed_on(family: Family) -> Iterator[tuple[str, int]]:
	"""Yield each mobile number of one guardian alone, with another one who may get it."""
	people = [*enumerate(family.guardians)]
	twice = {index for at, one in people if one.again is not None for index in (at, one.again)}
	for index, one in people:
		if one.mobile and len(one.mobile.lines) == 1 and family.holders(one.lines[0]) == [index]:
			line = one.mobile.lines[0]
			yield from (
				(line, other) for other, _one in people if other != index and not {index, other} & twice
			)


def drawn(strategy: st.SearchStrategy[Drawn], count: int, number: int) -> list[Drawn]:
	"""Return `count` different examples of a strategy, or as many as are found.

	The same number draws the same ones.
	"""
	found: dict[Drawn, None] = {}
	for again in range(ROUNDS):
		if len(found) < count:
			found |= dict.fromkeys(examples(strategy, 2 * (count - len(found)), number + again * APART))
	return list(found)[:count]


def examples(strategy: st.SearchStrategy[Drawn], count: int, number: int) -> list[Drawn]:
	found = []

	@seed(number)
	@settings(
		max_examples=count,
		database=None,
		deadline=None,
		derandomize=False,
		phases=[Phase.generate],
		suppress_health_check=list(HealthCheck),
	)
	@given(strategy)
	def keep(example: Drawn) -> None:
		found.append(example)

	keep()
	return found


def courses_of(count: int, number: int, together: int, with_move: str = "") -> list[list[Course]]:
	"""Return courses in groups that share one campaign and are played together. The purposes take turns.

	`with_move`: only those whose school makes this move.
	"""
	groups = -(-count // together)
	purposes = [purpose for purpose in MOVES if moves_with(purpose, with_move)]
	plans = {purpose: scripts(purpose, groups, number, with_move) for purpose in purposes}
	found = []
	for index in range(groups):
		turn, purpose = divmod(index, len(purposes))
		script = plans[purposes[purpose]][turn]
		size = min(together, count - index * together)
		found.append(drawn(courses(script), size, number + index))
	return found
