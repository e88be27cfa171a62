"""The look-ups on record: evidence of what was asked about a number, when, for which date, and the answer.

47 CFR 64.1200(m) protects a caller whom the database gave a wrong "no" (DA 21-1649), if the caller can show
the query. Rows are only added. Retention deletes old ones (`privacy.lookups`); a "Yes" stays, as it stops
calls.
"""

import secrets
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import frappe

from school_dialer.base import clock
from school_dialer.base.database.rows import insert, stamp
from school_dialer.base.phone import mask, parse
from school_dialer.consent.events import GRANT, VERIFY
from school_dialer.lines.answer import NOTHING_KNOWN, YES, Known, LineAnswer, LineFacts, facts_of

DOCTYPE = "Dialer Number Lookup"
OWN_ACTS = ("Text", "Keypad", "Preference Page", "Signed Form")
"""Sources of a confirmation that the person gave: from that number itself, or over a signature.

The word of staff, an import, and a call without an answer confirm nothing.
"""


@dataclass(frozen=True, slots=True)
class Asked:
	"""One number that was asked about, with the answer.

	`verified_on` is the date of the last consent or confirmation, in the site time zone. `cost` is in the
	currency of Dialer Settings. `account` is the id of the carrier account that was asked, "" for another
	provider.
	"""

	phone: str
	verified_on: date | None
	packages: tuple[str, ...]
	provider: str
	answer: LineAnswer
	cost: float
	at: datetime
	account: str = ""


def write(asked: Sequence[Asked], run: str | None = None) -> list[str]:
	"""Add these rows, in one insert. Return their names, in order. The caller commits."""
	rows = [
		{
			"name": secrets.token_hex(8),
			**stamp(clock.db_now()),
			"phone": question.phone,
			"phone_masked": mask(question.phone),
			"asked_at": clock.to_db(question.at),
			"verified_on": question.verified_on,
			"packages": ", ".join(question.packages),
			"provider": question.provider,
			"carrier_account": question.account or None,
			"provider_id": question.answer.provider_id or None,
			"reassigned": question.answer.reassigned,
			"line_type": question.answer.line_type or None,
			"error": question.answer.error or None,
			"cost": question.cost,
			"run": run,
			"asked_by": frappe.session.user,
		}
		for question in asked
	]
	if rows:
		insert(DOCTYPE, rows)
	return [row["name"] for row in rows]


def facts(phones: Collection[str]) -> dict[str, LineFacts]:
	"""Return {E.164 number: LineFacts} of the numbers that were ever looked up.

	One query, and a second one if any was reported as reassigned.
	"""
	return facts_of_rows(rows_of(phones))


def facts_of_rows(rows: Sequence) -> dict[str, LineFacts]:
	"""Return what `facts` does, from rows that were read with `rows_of`."""
	answers: dict[str, list[Known]] = defaultdict(list)
	for row in rows:
		answers[row.phone].append(Known(row.asked_at, row.reassigned or "", row.line_type or ""))
	changed = [phone for phone, rows in answers.items() if any(row.reassigned == YES for row in rows)]
	confirmed = confirmations(changed)
	return {phone: facts_of(rows, confirmed.get(phone)) for phone, rows in answers.items()}


def facts_for(phone: str) -> LineFacts:
	return facts([phone]).get(phone, NOTHING_KNOWN)


def takes_no_texts(phone: str) -> bool:
	"""Return whether the numbering plan or the last look-up say that it takes no texts, as a landline."""
	return parse(phone).line_type == "landline" or facts_for(phone).no_texts


def rows_of(phones: Collection[str]) -> Sequence:
	if not phones:
		return ()
	return frappe.db.sql(
		"""select name, phone, coalesce(asked_at, creation) as asked_at, verified_on, reassigned,
			line_type, error
		from `tabDialer Number Lookup` where phone in %s order by 3, name""",
		(tuple(phones),),
		as_dict=True,
	)


def confirmations(phones: Collection[str]) -> dict[str, datetime]:
	"""Return {number: when the person last confirmed it by their own act}, naive in the site time zone."""
	if not phones:
		return {}
	return dict(
		frappe.db.sql(
			"""select phone, max(received_at) from `tabConsent Event`
			where phone in %s and kind in %s and source in %s group by phone""",
			(tuple(phones), (GRANT, VERIFY), OWN_ACTS),
		)
	)
