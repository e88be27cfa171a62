"""Families answer on the consent form: over plain HTTP, for it has no scripts, with a code from the carrier.

Half of them open the address behind the square, the others type the code of the letter. Each comes from an
address of its own, as a proxy would report it. Most agree to everything, some to little, some to nothing.
`tests/browser/families/test_consent_form.py` fills in the form in Chromium.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import frappe
import requests
from lxml import html

from dev.demo.people import wait_for
from dev.demo.stage import Stage
from dev.patience import PATIENCE
from school_dialer.base.phone import parse
from school_dialer.consent import ledger
from school_dialer.consent_drive.planning import ASKED
from school_dialer.consent_form import requests as letters
from school_dialer.website.consent import consent_form

MOST, AT_ONCE = 60, 10
"""Families that answer, and how many sign before the first types its code, which holds ten minutes."""
CODE = re.compile(r"\b\d{6}\b")
VISITORS = "203.0.113.{}"
EVERYTHING, LITTLE, NOTHING = "everything", "little", "nothing"
NO_TEXTS = ("landline", "premium", "toll free")
KEPT = "Attendance"
"""What those who agree to little agree to."""


@dataclass
class Family:
	"""One family: its request, the asked adult's name and number (E.164), and what it will say."""

	request: str
	name: str
	phone: str
	says: str
	page: str = ""


class Visit:
	"""One family at the form. `page` is what it sees, `address` where it is."""

	def __init__(self, place: int):
		self.session = requests.Session()
		self.session.trust_env = False
		self.session.headers["X-Forwarded-For"] = VISITORS.format(place + 1)

	def open(self, address: str) -> None:
		self._see(self.session.get(address, timeout=PATIENCE))

	def press(self, field: str, value: str = "") -> None:
		"""Send the form that has this field, or this button with its value, as it is filled in."""
		form = self.form(field, value)
		fields = [*form.form_values(), *([(field, value)] if value else [])]
		self._see(self.session.post(form.action, data=fields, timeout=PATIENCE))

	def form(self, field: str, value: str = "") -> html.FormElement:
		wanted = f".//*[@name='{field}'{value and f' and @value={value!r}'}]"
		return next(form for form in self.page.forms if form.xpath(wanted))

	def _see(self, answer: requests.Response) -> None:
		answer.raise_for_status()
		self.address = answer.url
		self.page = html.fromstring(answer.content, base_url=answer.url)
		self.page.make_links_absolute()


def run(stage: Stage, drive: str) -> dict[str, int]:
	"""Let families of a drive answer. Return how many said what, and how many proved their number.

	`stopped` are those who replied to a text with a stop before they typed the code: the stop wins.
	"""
	families = chosen(drive)
	proven = stopped = 0
	for start in range(0, len(families), AT_ONCE):
		some = list(enumerate(families))[start : start + AT_ONCE]
		for place, family in some:
			sign(stage, family, place)
		for place, family in some:
			if prove(stage, family, place):
				proven += 1
			elif family.page and has_stopped(family.phone):
				stopped += 1
	said = Counter(family.says for family in families)
	return {**said, "proven": proven, "stopped": stopped, "signed": len(families)}


def has_stopped(number: str) -> bool:
	frappe.db.rollback()
	return bool(ledger.read([number])[number].opt_outs)


def chosen(drive: str) -> list[Family]:
	"""Return families with a mobile number that the form takes and no other family's asked adult has."""
	frappe.db.rollback()
	rows = frappe.db.sql(
		"""select family.request, guardian.guardian_name, guardian.mobile_number
		from `tabDialer Consent Family` family
		join `tabGuardian` guardian on guardian.name = family.person
		where family.drive = %s and family.state = %s and family.person_doctype = 'Guardian'
		order by family.name""",
		(drive, ASKED),
	)
	found: dict[str, Family] = {}
	for request, name, raw in rows:
		number, problem = consent_form.number_in(raw or "", needed=True)
		if not problem and number not in found and parse(number).line_type not in NO_TEXTS:
			found[number] = Family(request, name, number, says(len(found)))
	return list(found.values())[:MOST]


def says(place: int) -> str:
	return {0: NOTHING, 1: LITTLE, 2: LITTLE}.get(place % 10, EVERYTHING)


def sign(stage: Stage, family: Family, place: int) -> None:
	"""Open the form, fill it in, sign, and ask for the code by text if the family agrees to anything."""
	visit = Visit(place)
	if place % 2:
		visit.open(f"{stage.url}{letters.PATH}")
		visit.form("letter").fields["letter"] = letters.typed_code(family.request)
		visit.press("letter")
	else:
		visit.open(f"{stage.url}{letters.PATH}?t={letters.token(family.request)}")
	fill(visit.form("act", "sign"), family)
	visit.press("act", "sign")
	if family.says != NOTHING:
		visit.press("act", "Text")
		family.page = visit.address


def fill(form: html.FormElement, family: Family) -> None:
	"""Answer each question of the form as a family does that sees it."""
	fields = form.fields
	fields["who"] = form.xpath(".//input[@name='who']/@value")[0]
	fields["relation"] = next(filter(None, form.inputs["relation"].value_options))
	for asked in dict.fromkeys(form.xpath(".//input[@type='radio'][@value='yes']/@name")):
		agrees = family.says == EVERYTHING or (family.says == LITTLE and asked.endswith(KEPT))
		fields[asked] = "yes" if agrees else "no"
	if family.says != NOTHING:
		fields["phone"] = family.phone
	form.inputs["esign"].checked = True
	fields["signature"] = family.name


def prove(stage: Stage, family: Family, place: int) -> bool:
	"""Type the code that the carrier delivered. Return whether the number is proven by it.

	It is not if the number was stopped after the signature. The form then says so, and gives no copy.
	"""
	if not family.page:
		return False
	wait_for(f"A code for {family.request}", lambda: bool(code_of(stage, family.phone)))
	visit = Visit(place)
	visit.open(family.page)
	visit.form("code").fields["code"] = code_of(stage, family.phone)
	visit.press("act", "check")
	return bool(visit.page.xpath("//section[@aria-labelledby='copy']"))


def code_of(stage: Stage, number: str) -> str:
	"""Return the newest code in the carrier's journal of texts to this number, or ""."""
	bodies: Sequence[str] = [
		entry["params"]["Body"]
		for entry in stage.carrier.log("message")
		if entry["to"] == number and entry["status"] == 201
	]
	found = [code for body in bodies for code in CODE.findall(body)]
	return found[-1] if found else ""
