"""How many of the school's people may be called at all: consent by audience, group, language and purpose.

People come from an audience's source, and each is checked by the decision engine's own rules on consent and
opt-outs. Calling hours, court orders and call caps do not matter here. A chunk of a thousand people takes a
fixed number of queries.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import frappe

from school_dialer import clock
from school_dialer.audience.base import Candidate, country_code, sources
from school_dialer.audience.columns import existing
from school_dialer.audience.csv_file import CsvFile
from school_dialer.compliance import Facts, Policy, Request
from school_dialer.compliance.engine import read_number
from school_dialer.compliance.rules import consent, opt_out
from school_dialer.compliance.vocabulary import EMERGENCY, NO_CONSENT, PURPOSES, TEXT
from school_dialer.consent import ledger
from school_dialer.database.rows import stamp
from school_dialer.gate import site_policies
from school_dialer.jobs import job
from school_dialer.phone import InvalidNumber, parse

CONSENTED, STOPPED, LAPSED, NOT_ASKED, NO_NUMBER = (
	"consented",
	"opted_out",
	"lapsed",
	"not_asked",
	"no_number",
)
STANDINGS = (CONSENTED, STOPPED, LAPSED, NOT_ASKED, NO_NUMBER)
"""Consent states, best first: a person's best number counts.

Lapsed is a consent that has expired, is stale, or is not the written one that is required.
"""
CHUNK = 1000
COVERED = tuple(purpose for purpose in PURPOSES if purpose != EMERGENCY)
USUAL = "General"
DOCTYPE = "Dialer Coverage"

Judge = Callable[[Candidate], dict[str, str]]
Keys = Callable[[Candidate], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Coverage:
	"""People by consent state.

	`total` is for the first purpose. `groups` has the counters by group key.
	"""

	total: Counter
	groups: dict[str, Counter]


def audiences() -> list[str]:
	"""Return the labels of the audiences whose people are on record."""
	return [label for label in sources() if label != CsvFile.label]


def usual_audience() -> str | None:
	"""Return everyone the school would call: guardians if there are students, or else contacts."""
	labels = audiences()
	return next((label for label in ("All guardians", "All contacts") if label in labels), None)


def count(
	audience: str, group: str | None, channel: str, purposes: Collection[str], by: str = ""
) -> Coverage:
	"""Count an audience's consent states.

	`by` is "Purpose", "Language", "Student Group" or "Program", or "" for the total only. A person in two
	groups counts in both. Raises ValidationError if the group cannot be read.
	"""
	source = sources()[audience](frappe._dict(audience_source=audience, audience_name=group))
	source.check()
	total: Counter = Counter()
	groups: dict[str, Counter] = defaultdict(Counter)
	for people in chunks(source):
		judge = judge_of(people, channel, purposes)
		keys = keys_of(by, people)
		for one in people:
			standings = judge(one)
			total[standings[next(iter(purposes))]] += 1
			if by == "Purpose":
				for purpose, standing in standings.items():
					groups[purpose][standing] += 1
			elif by:
				for key in keys(one):
					groups[key][standings[next(iter(purposes))]] += 1
	return Coverage(total, groups)


def chunks(source) -> Iterator[list[Candidate]]:
	after: str | None = ""
	while after is not None:
		people, after = source.chunk(after, CHUNK)
		yield people


def judge_of(people: list[Candidate], channel: str, purposes: Collection[str]) -> Judge:
	"""Return a function that judges one person for each purpose. Reads all consents at once."""
	at, rules, country = clock.now(), site_policies.policy_of(country_code()), country_code()
	numbers = {raw: e164(raw, country) for one in people for raw in one.phones}
	facts = ledger.read([number for number in numbers.values() if number], channel)

	def judge(one: Candidate) -> dict[str, str]:
		known = [numbers[raw] for raw in one.phones if numbers[raw]]
		return {
			purpose: min(
				(
					standing(
						Request(read_number(number), channel, purpose),
						facts[number].of(one.person_doctype, one.person),
						rules,
						at,
					)
					for number in known
				),
				key=STANDINGS.index,
				default=NO_NUMBER,
			)
			for purpose in purposes
		}

	return judge


def standing(request: Request, agreed: ledger.ConsentFacts, rules: Policy, at: datetime) -> str:
	at_carrier = agreed.carrier_blocked and request.channel == TEXT
	facts = Facts(agreed.consents, agreed.opt_outs, carrier_blocked=at_carrier)
	if opt_out.in_force(request, facts, rules, at) or opt_out.not_at_carrier(request, facts, rules, at):
		return STOPPED
	codes = {reason.code for reason in consent.given(request, facts, rules, at)}
	if not codes:
		return CONSENTED
	return NOT_ASKED if codes == {NO_CONSENT} else LAPSED


def e164(raw: str, country: str) -> str:
	try:
		return parse(raw, country).e164
	except InvalidNumber:
		return ""


def keys_of(by: str, people: list[Candidate]) -> Keys:
	if by == "Language":
		default = frappe.get_cached_doc("Dialer Settings").default_language or "en"
		return lambda one: (one.language or default,)
	reader = {"Student Group": groups_of, "Program": programs_of}.get(by)
	if reader is None:
		return lambda one: ()
	known = reader(sorted({student for one in people for student in one.students}))
	return lambda one: sorted({key for student in one.students for key in known.get(student, ("",))} or {""})


def groups_of(students: list[str]) -> dict[str, list[str]]:
	if not existing(["student"], "Student Group Student"):
		return {}
	return listed(
		"""select student, parent from `tabStudent Group Student`
		where parenttype = 'Student Group' and active = 1 and student in %s""",
		students,
	)


def programs_of(students: list[str]) -> dict[str, list[str]]:
	return listed(
		"select student, program from `tabProgram Enrollment` where docstatus = 1 and student in %s", students
	)


def listed(query: str, students: list[str]) -> dict[str, list[str]]:
	found: dict[str, list[str]] = defaultdict(list)
	for student, key in frappe.db.sql(query, (students,)) if students else ():
		found[student].append(key)
	return found


@job
def daily() -> None:
	"""Scheduled job: write today's row of Dialer Coverage for the workspace's card and chart."""
	audience = usual_audience()
	if audience:
		keep_count(count(audience, None, "Voice", (USUAL,)).total)
		frappe.db.commit()


def keep_count(total: Counter) -> None:
	"""Write or overwrite today's row.

	Users cannot write this count, no matter who was the first to open the card and enqueue the job.
	"""
	day = clock.db_now().date()
	counts = {"people": sum(total.values()), **{name: total[name] for name in STANDINGS}}
	row = {"name": str(day), **stamp(clock.db_now()), "day": day, **counts}
	table = frappe.qb.DocType(DOCTYPE)
	query = frappe.qb.into(table).columns(*row).insert(*row.values())
	for column in (*counts, "modified", "modified_by"):
		query = query.on_duplicate_key_update(table[column], row[column])
	query.run()


def latest(days: int) -> list[frappe._dict]:
	"""Return the newest rows, latest first."""
	return frappe.get_all(DOCTYPE, fields=["day", "people", *STANDINGS], order_by="day desc", limit=days)
