"""Factories of records for tests on a site.

Each call returns unused numbers, since the ledger is append-only.
"""

import json
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import count

import frappe

from dev.demo.stage import SENDER
from school_dialer.audience import whose_number
from school_dialer.base import clock
from school_dialer.base.database import doctypes
from school_dialer.calls.own_number import code
from school_dialer.campaigns.call_order import ContactPoint
from school_dialer.campaigns.parties import rows
from school_dialer.consent import ledger
from school_dialer.consent.ledger import Evidence
from school_dialer.gate import planned
from tests.chance import chance

AREA_CODES = (
	"312", "212", "617", "303", "206", "404", "214", "713", "503", "612", "314", "816", "504", "615", "704",
	"202", "215", "412", "216", "614", "313", "414", "515", "402", "316", "501", "601", "205", "803", "502",
)  # fmt: skip
PAST = timedelta(days=30)
EXCHANGES = [exchange for exchange in range(200, 1000) if exchange % 100 != 11 and exchange not in (555, 976)]
DRAWN = range(50, 90)
"""Last two digits of the fictional numbers that are drawn. Numbers written in a test end otherwise, so that a
drawn number never equals one of them.
"""
OURS = "Tested "
"""Prefix of the titles of tests' campaigns and rules.

By it a test closes what another left open, also one of an earlier run.
"""
GIVEN = {SENDER}
KNOWN_TO = (
	"Consent Event",
	"Dialer Absence Report",
	"Dialer Call Log",
	"Dialer Consent Answer",
	"Dialer Conversation",
	"Dialer Legal Hold",
	"Dialer Manual Call",
	"Dialer Notice",
	"Dialer Own Number",
	"Dialer Preference Link",
	"Dialer Recipient",
	"Dialer Review",
)
FICTIONAL = 200
"""How many times a fictional number is tried before a real one is made."""


def phone(area_code: str | None = None) -> str:
	"""Return a number that is unknown to this app, not the school's own, and not returned before.

	It is fictional (NPA-555-01XX) while the fictional numbers of an area code that are `DRAWN` last.
	"""
	for tried in count():
		area = area_code or chance.choice(AREA_CODES)
		number = f"+1{area}55501{chance.choice(DRAWN)}" if tried < FICTIONAL else beyond(area)
		if number not in GIVEN and number not in known_before():
			GIVEN.add(number)
			return number


@cache
def known_before() -> frozenset[str]:
	"""Return the numbers that this app knew before this process drew one: those are not drawn again."""
	tables = " union ".join(f"select phone from `tab{doctype}`" for doctype in KNOWN_TO)
	return frozenset(frappe.db.sql(tables, pluck=True))


def unlisted_phone(area_code: str | None = None) -> str:
	"""Return a number as `phone` does, that is also not on any person's record.

	The families of the demo school have fictional numbers too.
	"""
	number = phone(area_code)
	while any(number[-whose_number.TAIL :] in digits for digits in listed()):
		number = phone(area_code)
	return number


@cache
def listed() -> list[str]:
	"""Return the digits of each phone field of each record, as they were before this process drew a number.

	Numbers that were drawn since are not drawn again, so the fields need not be read again.
	"""
	tables = {
		doctype: whose_number.phone_fields(doctype)
		for doctype in whose_number.PEOPLE
		if doctypes.exists(doctype)
	}
	tables["Contact Phone"] = ("phone",)
	texts = (frappe.get_all(table, pluck=field) for table, fields in tables.items() for field in fields)
	return ["".join(filter(str.isdigit, text)) for column in texts for text in column if text]


def phone_apart(area_code: str) -> str:
	"""Return a number that differs in more than its last two digits from all numbers that this app knows.

	A wrong guess of its last two digits finds nothing.
	"""
	while True:
		number = beyond(area_code)
		like = {"phone": ("like", number[:-2] + "%")}
		if not any(frappe.db.exists(doctype, like) for doctype in KNOWN_TO):
			GIVEN.add(number)
			return number


def phones_alike(count: int) -> list[str]:
	"""Return numbers that differ in their last four digits alone, and earlier in more from all others.

	They are sorted. What carriers show of a number that they hide is the same for these, and no other's.
	"""
	while True:
		first = beyond(chance.choice(AREA_CODES))[:-4]
		like = {"phone": ("like", first + "%")}
		given = any(one.startswith(first) for one in GIVEN)
		if given or any(frappe.db.exists(doctype, like) for doctype in KNOWN_TO):
			continue
		numbers = sorted(f"{first}{line:04d}" for line in chance.sample(range(10**4), count))
		GIVEN.update(numbers)
		return numbers


def beyond(area_code: str) -> str:
	"""Return a number that may belong to a real person.

	It is for a simulated carrier on this machine only, so that no call leaves the machine.
	"""
	return f"+1{area_code}{chance.choice(EXCHANGES)}{chance.randrange(10**4):04d}"


def many_phones(count: int, area_codes: Sequence[str] = AREA_CODES) -> list[str]:
	"""Return more numbers than the fictional range has, sorted."""
	known = {
		phone
		for doctype in KNOWN_TO
		for phone in frappe.get_all(doctype, pluck="phone", distinct=True, order_by="phone")
	}
	numbers: set[str] = set()
	while len(numbers) < count:
		number = beyond(chance.choice(area_codes))
		if number not in known:
			numbers.add(number)
	return sorted(numbers)


def evidence(source: str = "Enrolment", **more) -> Evidence:
	return Evidence(source=source, **{"wording": "You may call me about my child.", "language": "en", **more})


def consent(
	number: str, purpose: str = "All", channel: str = "Any", at: datetime | None = None, **more
) -> str:
	return ledger.grant(
		number,
		channel=channel,
		purpose=purpose,
		basis=more.pop("basis", "number provided"),
		evidence=evidence(),
		at=at or clock.now() - PAST,
		**more,
	)


def guardian(name: str, mobile: str, other: str | None = None):
	fields = {"guardian_name": name, "mobile_number": mobile, "alternate_number": other}
	return frappe.get_doc({"doctype": "Guardian", **fields}).insert()


def consents(numbers: list[str]) -> None:
	"""Record consent to everything for many numbers."""
	at = clock.now() - PAST
	basis, proof = "number provided", evidence()
	ledger.record_many(
		[{"kind": "Grant", "phone": one, "basis": basis, "evidence": proof, "at": at} for one in numbers]
	)


def template(purpose: str = "Event", text: int = 1, voice: int = 1, said: dict | None = None, **words) -> str:
	"""Make a template with one translation, and return its name.

	`said` and the other keywords are fields of that translation.
	"""
	name = f"Test {purpose} {secrets.token_hex(4)}"
	words = {
		"language": "en",
		"voice": "The concert is on Thursday at six.",
		"voicemail": "We have news about a concert.",
		"text": "The concert is on Thursday at six.",
		**(said or {}),
		**words,
	}
	return (
		frappe.get_doc(
			{
				"doctype": "Dialer Message Template",
				"template_name": name,
				"purpose": purpose,
				"voice": voice,
				"text": text,
				"translations": [words],
			}
		)
		.insert()
		.name
	)


def csv_file(people: list[tuple[str, str]]) -> str:
	lines = ["name,phone", *(f"{name},{number}" for name, number in people)]
	file = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": f"people-{secrets.token_hex(4)}.csv",
			"content": "\n".join(lines),
			"is_private": 1,
		}
	).insert()
	return file.file_url


def campaign(numbers: list[str] | None = None, **values):
	"""Return a draft campaign to the people in a CSV file, one person per number."""
	purpose = values.get("purpose", "Event")
	people = [(f"Person {index}", number) for index, number in enumerate(numbers or [phone()])]
	doc = {
		"doctype": "Dialer Campaign",
		"title": f"{OURS}{secrets.token_hex(4)}",
		"purpose": purpose,
		"channel": "Voice",
		"audience_source": "CSV file",
		"audience_file": csv_file(people),
		"max_attempts": 1,
		**values,
	}
	doc["template"] = values.get("template") or template(purpose)
	return frappe.get_doc(doc).insert()


def own_number(user: str, number: str) -> str:
	"""Verify this phone as the user's own, and return the number."""
	asked = code.begin_code(user, number, "Text", refused=False)
	assert code.verify(user, code.code_of(asked))
	return number


def forget_own_number(user: str) -> None:
	"""Delete the user's own number, and unlink the user from all call logs, so that no test counts."""
	frappe.db.delete("Dialer Own Number", {"user": user})
	frappe.db.sql(
		"update `tabDialer Call Log` set person = null where person_doctype = 'User' and person = %s", user
	)


def remove_user(name: str) -> None:
	"""Delete the rows of a user that a test has made, in a tenth of the statements that Frappe takes.

	Frappe searches all fields that may link to any record, twice. What follows when staff delete a user is
	for tests that delete one.
	"""
	forget_own_number(name)
	for doctype in ("Has Role", "Block Module", "User Email", "User Social Login"):
		frappe.db.delete(doctype, {"parenttype": "User", "parent": name})
	for doctype, field in (("User Permission", "user"), ("Notification Settings", "name"), ("User", "name")):
		frappe.db.delete(doctype, {field: name})
	frappe.db.sql("delete from __Auth where doctype = 'User' and name = %s", name)
	frappe.db.sql("update `tabContact` set user = null where user = %s", name)
	frappe.clear_cache(user=name)


def decision_of(log: str) -> dict:
	return json.loads(frappe.db.get_value("Dialer Call Log", log, "decision"))


def parties(recipient: str, *lines: ContactPoint, withheld: tuple[ContactPoint, ...] = ()) -> None:
	"""Write whom the calls to a recipient tell, or leave out, in place of what was planned."""
	campaign = frappe.db.get_value("Dialer Recipient", recipient, "campaign")
	rows.forget([recipient])
	points = [*((line, None) for line in lines), *((line, "RESTRICTED_CONTACT") for line in withheld)]
	seal_of = planned.signer(planned.PARTY)
	planned.write_parties(list(rows.rows_of(campaign, recipient, points, seal_of)))


def lines(recipient: str) -> list[ContactPoint]:
	"""Return the numbers that a recipient is called at, in order, with whom there is still to tell about."""
	return rows.lines(rows.read([recipient])[0].get(recipient, ()))


def recipients(campaign_name: str, *fields: str) -> list[frappe._dict]:
	return frappe.get_all(
		"Dialer Recipient",
		{"campaign": campaign_name},
		[*fields] or ["name", "status", "phone", "reasons", "attempts", "last_call_log"],
		order_by="name",
	)
