"""Requests for consent: one for each family asked, with a secret address and a code that can be typed.

The address holds the request's random name and a signature over it; the typed code is a digest of the name.
Both need the site's key, so neither can be made from the database. A request that expired or was withdrawn
opens nothing. A new secret for the same family is a new request.
"""

import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from urllib.parse import urlencode

import frappe

from school_dialer.base import clock, public_url
from school_dialer.base.database import rows
from school_dialer.base.jobs import job
from school_dialer.consent import keys
from school_dialer.consent_form import secret

PATH = "/dialer-consent"
DOCTYPE = "Dialer Consent Request"
WAITING, ANSWERED, DECLINED, EXPIRED, WITHDRAWN = "Waiting", "Answered", "Declined", "Expired", "Withdrawn"
OPEN = (WAITING, ANSWERED, DECLINED)
"""Statuses in which the form still opens: another adult of the family may sign as well."""
LETTER, EMAIL, CARD, TEXT, CALL, ENROLLMENT = WAYS = ("Letter", "Email", "Card", "Text", "Call", "Enrollment")
VALID_FOR = timedelta(days=120)
OF_ADDRESS = "consent form link"
CODE_LENGTH, CODE_ALPHABET = 12, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""60 bits in Crockford's base 32, which has no I, L, O or U."""
LOOKS_LIKE = str.maketrans({"I": "1", "L": "1", "O": "0"})
IN_CODE = re.compile(r"[\s-]+")
PER_STATEMENT = 1_000


@dataclass(frozen=True)
class NewRequest:
	"""A family to ask.

	`people` are (DocType, name) of those who may sign, the first one first in the letter. `students` are
	names. `way` is one of `WAYS`. `expires_on` is the last day, by default `VALID_FOR` from today.
	"""

	people: Sequence[tuple[str, str]]
	students: Sequence[str] = ()
	school: str = ""
	language: str = ""
	way: str = LETTER
	drive: str = ""
	expires_on: date | None = None


@dataclass(frozen=True)
class Request:
	"""A request that is open. The fields are as in `NewRequest`; `status` is one of `OPEN`."""

	name: str
	status: str
	school: str
	language: str
	way: str
	people: tuple[tuple[str, str], ...] = field(default=())
	students: tuple[str, ...] = field(default=())


def create(new: Sequence[NewRequest]) -> list[str]:
	"""Create a request for each family with one statement per thousand. Return the names in the same order.

	The caller commits.
	"""
	last = (clock.db_now() + VALID_FOR).date()
	made = [_row(request, last) for request in new]
	for start in range(0, len(made), PER_STATEMENT):
		rows.insert(DOCTYPE, made[start : start + PER_STATEMENT])
	return [row["name"] for row in made]


def _row(request: NewRequest, last: date) -> dict:
	name = secret.new_name()
	doctype, person = request.people[0] if request.people else (None, None)
	return {
		"name": name,
		**rows.stamp(clock.db_now()),
		"status": WAITING,
		"drive": request.drive or None,
		"school": request.school or None,
		"language": request.language[:20],
		"way": request.way,
		"waves_sent": 0,
		"expires_on": request.expires_on or last,
		"person_doctype": doctype,
		"person": person,
		"people": json.dumps([{"doctype": doctype, "name": name} for doctype, name in request.people]),
		"students": json.dumps(list(request.students)),
		"code_digest": _digest(_code(name)),
	}


def link(request: str) -> str:
	"""Return the full URL of the form for the request with this name. Give it to that family only."""
	return f"{address()}?{urlencode({'t': token(request)})}"


def address() -> str:
	"""Return the URL of the form without a secret. There the typed code is entered."""
	return public_url.base() + PATH


def token(request: str) -> str:
	"""Return the secret of a request's URL: 38 characters."""
	return secret.of(OF_ADDRESS, request)


def typed_code(request: str) -> str:
	"""Return the code of a request for those who cannot scan, such as "7KPM-4QXR-9TWV"."""
	code = _code(request)
	return "-".join(code[start : start + 4] for start in range(0, CODE_LENGTH, 4))


def open_request(token: str) -> Request | None:
	"""Return the request behind the secret of a URL, or None for a forged or ended one."""
	name = secret.name_in(OF_ADDRESS, token)
	return _read({"name": name}) if name else None


def by_code(text: str) -> Request | None:
	"""Return the request behind a typed code, or None. Case, spaces and dashes do not matter.

	The caller limits how often anyone may try.
	"""
	code = IN_CODE.sub("", text[:40]).upper().translate(LOOKS_LIKE)
	if len(code) != CODE_LENGTH or not set(code) <= set(CODE_ALPHABET):
		return None
	return _read({"code_digest": _digest(code)})


def _read(by: dict) -> Request | None:
	fields = ["name", "status", "school", "language", "way", "people", "students", "expires_on"]
	row = frappe.db.get_value(DOCTYPE, by, fields, as_dict=True)
	if row is None or row.status not in OPEN or row.expires_on < clock.db_now().date():
		return None
	people = tuple((person["doctype"], person["name"]) for person in json.loads(row.people or "[]"))
	students = tuple(json.loads(row.students or "[]"))
	return Request(
		row.name, row.status, row.school or "", row.language or "", row.way or "", people, students
	)


def answered(name: str, by: str, declined: bool) -> None:
	"""Record that the family answered, so that it is not reminded. A later answer replaces this one.

	`by` is the name that was typed as a signature. The caller commits.
	"""
	values = {
		"status": DECLINED if declined else ANSWERED,
		"answered_at": clock.db_now(),
		"answered_by": by[:140],
	}
	frappe.db.set_value(DOCTYPE, name, values)


def withdraw(names: Sequence[str]) -> None:
	"""End these requests. Their letters open nothing from now on. The caller commits."""
	_set(names, WITHDRAWN, OPEN)


@job
def daily() -> None:
	"""Scheduler job: end requests whose last day has passed. Commits."""
	request = frappe.qb.DocType(DOCTYPE)
	past = (request.status == WAITING) & (request.expires_on < clock.db_now().date())
	frappe.qb.update(request).set(request.status, EXPIRED).where(past).run()
	frappe.db.commit()


def _set(names: Sequence[str], status: str, of: tuple[str, ...]) -> None:
	if not names:
		return
	request = frappe.qb.DocType(DOCTYPE)
	query = frappe.qb.update(request).set(request.status, status).set(request.modified, clock.db_now())
	query.where(request.name.isin(list(names)) & request.status.isin(of)).run()


def _code(request: str) -> str:
	digest = hmac.digest(keys.derive("consent form code"), bytes.fromhex(request), sha256)
	number = int.from_bytes(digest, "big")
	return "".join(CODE_ALPHABET[number >> 5 * place & 31] for place in range(CODE_LENGTH))


def _digest(code: str) -> str:
	return hmac.digest(keys.derive("consent form code digest"), code.encode(), sha256).hex()[:40]
