"""What each person has agreed to at each of their numbers: one row for a person and number."""

from collections import defaultdict

import frappe
from frappe import _

from school_dialer.audience import on_record
from school_dialer.base.bounds import plain_text
from school_dialer.base.refusal import throw
from school_dialer.compliance.vocabulary import ALL_PURPOSES, CHANNELS, PURPOSES, TEXT, VOICE
from school_dialer.privacy import pseudonym, student_rows
from school_dialer.reporting import people, standing
from school_dialer.reporting.table import above, column, figure, sees_numbers

MOST, LONGEST_NAME = 1000, 80
NAMED_ALIKE = 200
"""How many people of a kind are looked up for a part of a name."""
CONSENT = "Contact Consent"
Owner = tuple[str, str]
"""The DocType and name of a person's record."""
NO_ONE = ("", "")
MATCHING = {
	"channel": "matching.channel = %(channel)s",
	"purpose": "matching.purpose in (%(purpose)s, %(all)s)",
	"status": "matching.status = %(status)s",
}
ALLOWED = {"channel": CHANNELS, "purpose": PURPOSES, "status": tuple(standing.COLOURS)}


def execute(filters: dict | None = None) -> tuple[list, list, str | None, None, list, int]:
	filters = frappe._dict(filters or {})
	wanted = people_named(filters.person_name)
	numbers = found(filters, wanted)
	more = len(numbers) > MOST and _("The first {0} are shown. Filter by name to see others.").format(MOST)
	phones = [number.phone for number in numbers[:MOST]]
	owners, on_file = owners_of(phones, wanted), standing.rows_of(phones)
	names = names_of(owners)
	table, lines = [], []
	for number in numbers[:MOST]:
		for owner in owners[number.phone] or [NO_ONE]:
			of_owner = list(standing.consent_lines(standing.of_person(on_file[number.phone], *owner)))
			lines.append(of_owner)
			table.append(shown(number, owner, names.get(owner), of_owner))
	empty = _("No number is known. Clear a filter, or import consents from the list of Contact Consents.")
	return columns(), table, above(table, empty, more), None, summary(lines), 1


def columns() -> list[dict]:
	return [
		column("person_name", _("Name"), "Data", 180),
		column("person_doctype", _("Kind of record"), "Data", 110),
		column("person", _("Record"), "Dynamic Link", 170, options="person_doctype"),
		column("number", _("Number"), "Data", 140),
		column("calls", _("Phone calls"), "Data", 300),
		column("texts", _("Text messages"), "Data", 300),
		column("changed", _("Last change"), "Datetime", 180),
	]


def found(filters: frappe._dict, wanted: dict[Owner, set[str]] | None) -> list[frappe._dict]:
	"""Return the numbers with a record of consent, at most MOST + 1: those of people first, the latest first.

	`wanted` are the people to look for and the numbers on their records, None for everyone.
	"""
	picked, conditions = chosen(filters), ""
	values = {"pseudonyms": pseudonym.PREFIX + "%", "most": MOST + 1, "all": ALL_PURPOSES, **picked}
	if picked:
		matching = " and ".join(MATCHING[fieldname] for fieldname in picked)
		conditions = f"and phone in (select matching.phone from `tab{CONSENT}` matching where {matching})"
	if wanted is not None:
		if not wanted:
			return []
		values |= {"people": list(wanted), "phones": [*set().union(*wanted.values()), ""]}
		conditions += " and (phone in %(phones)s or (person_doctype, person) in %(people)s)"
	narrowing = student_rows.narrowing(CONSENT)
	return frappe.db.sql(
		f"""select phone, phone_masked, max(modified) changed from `tab{CONSENT}`
		where phone not like %(pseudonyms)s {conditions} {narrowing}
		group by phone order by max(ifnull(person, '') != '') desc, changed desc, phone limit %(most)s""",
		values,
		as_dict=True,
	)


def chosen(filters: frappe._dict) -> dict[str, str]:
	"""Return the filters on fields of Contact Consent. Raises ValidationError for a value that none has."""
	wanted = {}
	for fieldname, allowed in ALLOWED.items():
		value = filters.get(fieldname)
		if value and value not in allowed:
			throw(_("{0} is none of: {1}.").format(plain_text.line(str(value)[:40]), ", ".join(allowed)))
		if value:
			wanted[fieldname] = value
	return wanted


def people_named(name: str | None) -> dict[Owner, set[str]] | None:
	"""Return the people with this text in their name, and the numbers on their records. None for no text."""
	name = plain_text.line(str(name or ""))[:LONGEST_NAME].strip()
	if not name:
		return None
	by_person = {}
	for kind in people.kinds():
		alike = [row["name"] for row in people.named_like(kind, name, NAMED_ALIKE)]
		by_person |= {(kind, each): set() for each in alike}
		for number in on_record.numbers_of(kind, alike):
			by_person[kind, number.name].add(number.phone)
	return by_person


def owners_of(phones: list[str], wanted: dict[Owner, set[str]] | None) -> dict[str, list[Owner]]:
	"""Return the people at each number: called at it, named by a consent, or wanted and with it on record."""
	by_phone: dict[str, dict[Owner, None]] = {phone: {} for phone in phones}
	for phone, owners in people.at_numbers(phones).items():
		by_phone[phone] |= {(doctype, person): None for doctype, person, _name in owners}
	for owner, theirs in (wanted or {}).items():
		for phone in theirs & by_phone.keys():
			by_phone[phone][owner] = None
	return {
		phone: [owner for owner in owners if wanted is None or owner in wanted]
		for phone, owners in by_phone.items()
	}


def names_of(owners: dict[str, list[Owner]]) -> dict[Owner, str]:
	"""Return the names of the people that the user may read."""
	asked = defaultdict(set)
	for doctype, person in (owner for several in owners.values() for owner in several):
		asked[doctype].add(person)
	return {(row["doctype"], row["name"]): row["title"] for row in people.with_titles(asked)}


def shown(number: frappe._dict, owner: Owner, name: str | None, lines: list[dict]) -> dict:
	"""Return a row to display. A record is named only to a user who may read it."""
	calls, texts = (
		"; ".join(line["words"] for line in lines if line["channel"] == channel) for channel in (VOICE, TEXT)
	)
	return {
		"person_name": name or "",
		"person_doctype": owner[0] if name else "",
		"person": owner[1] if name else "",
		"number": number.phone if sees_numbers(CONSENT) else number.phone_masked,
		"calls": calls[:1].upper() + calls[1:],
		"texts": texts[:1].upper() + texts[1:],
		"changed": number.changed,
	}


def summary(of_people: list[list[dict]]) -> list[dict]:
	def people_with(state: str) -> int:
		return sum(any(line["state"] == state for line in lines) for lines in of_people)

	return [
		figure(_("People"), len(of_people)),
		figure(_("With consent"), people_with(standing.GRANTED), "Green"),
		figure(_("With an opt-out"), people_with(standing.OPTED_OUT), "Red"),
		figure(_("With consent that ended"), people_with(standing.EXPIRED), "Orange"),
	]
