"""A course as a short story that a school secretary understands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.families import course as c
from tests.families import school as s
from tests.families.course import Course, Event, Script
from tests.families.judge import Finding
from tests.families.school import Consent, Family, Field, Link, OptOut

SCHOOLS = {0: "Oak School", 1: "Elm School", s.DISTRICT: "the district"}
CHILDREN, GUARDIANS = ("Ana", "Ben", "Cleo"), ("Rosa", "Omar", "Lin")
NUMBERS = dict(zip("ABCDEZN", (f"+1312555010{digit}" for digit in range(7)), strict=True))
"""What the numbers of a story look like. Those of a play are others."""
MOVES = {
	c.LOOK: "A rule looks for absences and plans its calls.",
	c.START: "The campaign starts.",
	c.DIAL: "Everyone who is due is contacted.",
	c.LATER: "The delays pass, and everyone who is due again is contacted.",
	c.PAUSE: "A manager pauses the campaign.",
	c.CHANGE: "A manager changes its limit of calls at once.",
	c.RESUME: "A manager resumes it.",
	c.APPROVE: "The second person approves it again.",
	c.CANCEL: "A manager cancels it.",
	c.INTRUDE: "Someone adds number Z to the campaign by REST, and writes it into the database.",
	c.CORRECT: "A manager presses Correct this, and everyone who is due for the correction is contacted.",
	c.RESEND: "A manager presses Try again those not reached.",
	c.WAIT: "More than an hour passes.",
	c.EVENING: "It gets late in the evening.",
	c.NIGHT: "The next school day begins.",
	c.MAINTAIN: "The site is in maintenance, and a worker wants to call.",
}


def tell(course: Course, findings: Iterable[Finding] = ()) -> str:
	"""Return the story, with what went wrong at its end."""
	lines = [*before(course), "", *happenings(course)]
	wrong = [f"WRONG: {named(one)}." for one in findings]
	return "\n".join([*lines, *([""] if wrong else []), *wrong])


def before(course: Course) -> Iterator[str]:
	family = course.family
	yield f"A campaign about {campaign(course.script)}."
	for index, child in enumerate(family.children):
		about = ["is of age"] * child.adult + ["has left the school"] * child.left
		about += ["is marked absent"] * (child.absent and course.script.about_records)
		about += [f"goes to {SCHOOLS[child.school]}"] * (course.script.school is not None)
		yield f"{CHILDREN[index]} {', '.join(about) or 'goes to the school'}."
	for index in range(len(family.guardians)):
		yield guardian(family, index)
	yield from (link_of(link) for link in family.links)
	yield from (consent(one) for one in family.consents)
	yield from (stop(one) for one in family.opt_outs)
	for line in family.far:
		yield f"Where number {line} is, it is too early for calls."
	for line, behaviors in family.listeners:
		yield f"At number {line}: {', then '.join(behaviors)}."


def campaign(script: Script) -> str:
	way = "by text" if script.channel == "Text" else "by phone"
	reach = "one guardian of each child" if script.reach == c.ONE_GUARDIAN else "every guardian"
	tries = "once" if script.tries == 1 else f"up to {script.tries} times"
	faults = f"; at the carrier: {script.faults}" if script.faults else ""
	text = ", and then texted" if script.fallback else ""
	of = "" if script.school is None else f" of {SCHOOLS[script.school]}"
	return f"{script.purpose.lower()}{of} {way} to {reach}, each called {tries}{text}{faults}"


def guardian(family: Family, index: int) -> str:
	one = family.guardians[index]
	again = "" if one.again is None else f" is the same person as {GUARDIANS[one.again]}, entered again, and"
	fields = " and ".join(f"“{field.written(NUMBERS)}” ({numbers(field)})" for field in one.fields)
	speaks = {"es": ", speaks Spanish", s.UNKNOWN: ", has no language on record"}.get(one.language, "")
	return f"{GUARDIANS[index]}{again} has {fields or 'no number'}{speaks}."


def numbers(field: Field) -> str:
	return "no number that one can read" if not field.lines else "number " + " and ".join(field.lines)


def link_of(link: Link) -> str:
	rights = {
		s.ALL: "",
		s.EMERGENCY_ONLY: ", to be called in emergencies only",
		s.COURT_ORDER: ", barred by a court order",
	}[link.permission]
	records = {None: "", "Yes": ", who gets the records", "No": ", who gets no records"}[link.records]
	as_what = {"Mother": "a mother", "Father": "a father"}.get(link.relation, "neither mother nor father")
	return f"{GUARDIANS[link.guardian]} is {as_what} to {CHILDREN[link.child]}{rights}{records}."


ENDS = {-1: ", which is over", 0: ", which ends within the hour", 1: ", which ends later"}


def consent(one: Consent) -> str:
	who = "Anyone" if one.guardian is None else GUARDIANS[one.guardian]
	about = "everything" if one.purpose == s.ANY_PURPOSE else one.purpose.lower()
	over = "" if one.ends is None else ENDS[(one.ends > s.SOON) - (one.ends < s.SOON)]
	return f"{who} at number {one.line} agreed to be called about {about}{over}."


def stop(one: OptOut) -> str:
	about = one.purpose.lower() if one.scope == "this purpose" else one.scope
	return f"Number {one.line} has stopped {about}."


def happenings(course: Course) -> Iterator[str]:
	for index, move in enumerate(course.script.moves):
		yield from (event(one) for one in course.events if one.before == index)
		yield f"{index + 1}. {MOVES[move]}"


def event(one: Event) -> str:
	child, person = CHILDREN[one.child], GUARDIANS[one.guardian]
	return {
		c.STOP: f"Number {one.line} texts STOP.",
		c.DOWN: f"Number {one.line} texts STOP while the site is down.",
		c.UNASKED: f"Number {one.line} texts STOP, does not get our question, and texts a digit.",
		c.AGAIN: f"Number {one.line} texts START.",
		c.ONE_SCHOOL: f"{person} stops, at number {one.line}, the school of {child}.",
		c.OTHER_SCHOOL: f"{child} changes to the other school.",
		c.TICKET: f"{person} asks in a ticket: please stop calling me.",
		c.AGENT: f"An agent records on the record of {person} that number {one.line} wants no more calls.",
		c.MAIL: f"{person} writes an e-mail: please stop calling me.",
		c.CLERK: f"A clerk records that number {one.line} wants no more calls.",
		c.MISTAKE: f"A clerk records a stop of number {one.line} by mistake, and takes it back.",
		c.WRONG: f"Number {one.line} is reported on the preference page as another person's.",
		c.UNDONE: f"Number {one.line} is reported on the preference page as another person's, by mistake.",
		c.ORDER: f"A court order bars {person} from {child}.",
		c.ABSENT: f"{child} is marked absent.",
		c.PRESENT: f"The absence of {child} is corrected.",
		c.LEAVES: f"{child} leaves the school.",
		c.RENAMED: f"The record of {person} is renamed.",
		c.CHILD_RENAMED: f"The record of {child} is renamed.",
		c.MOVED: f"{person} has a new mobile number, N. The office enters it in place of the old one.",
		c.GIVEN: f"{person} has the mobile number {one.line} now. The office moves it from where it was.",
		c.UNLINKED: f"The office removes {person} from the guardians of {child}.",
		c.MERGED: f"The office merges the record of {person} into the earlier one of the same person.",
		c.EXCUSED: f"A leave of {child} is approved.",
		c.UNEXCUSED: f"A leave of {child} is approved, and canceled with the attendance.",
	}[one.what]


def named(finding: Finding) -> str:
	says = finding.says
	if finding.child is not None:
		says = says.replace("{child}", CHILDREN[finding.child])
	for index, name in enumerate(GUARDIANS):
		says = says.replace(f"{{guardian {index}}}", name)
	return says[:1].upper() + says[1:]
