"""Families answer on the consent form: in a browser without scripts, with a code from the carrier.

Half of them open the address behind the square, the others type the code of the letter. Each comes from an
address of its own, as a proxy would report it. Most agree to everything, some to little, some to nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import frappe
from playwright.sync_api import Browser, Page

from dev.demo.people import wait_for
from dev.demo.stage import Stage
from dev.patience import MILLISECONDS
from dev.screenshots.browser import chromium
from school_dialer.base.phone import parse
from school_dialer.consent import ledger
from school_dialer.consent_drive.planning import ASKED
from school_dialer.consent_form import requests
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


def run(stage: Stage, drive: str) -> dict[str, int]:
	"""Let families of a drive answer. Return how many said what, and how many proved their number.

	`stopped` are those who replied to a text with a stop before they typed the code: the stop wins.
	"""
	families = chosen(drive)
	with chromium() as browser:
		proven = stopped = 0
		for start in range(0, len(families), AT_ONCE):
			some = list(enumerate(families))[start : start + AT_ONCE]
			for place, family in some:
				sign(stage, browser, family, place)
			for place, family in some:
				if prove(stage, browser, family, place):
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


def sign(stage: Stage, browser: Browser, family: Family, place: int) -> None:
	"""Open the form, fill it in, sign, and ask for the code by text if the family agrees to anything."""
	page = visit(browser, place)
	if place % 2:
		page.goto(f"{stage.url}{requests.PATH}")
		page.locator("#letter").fill(requests.typed_code(family.request))
		page.locator("form:has(#letter) button[type=submit]").click()
	else:
		page.goto(f"{stage.url}{requests.PATH}?t={requests.token(family.request)}")
	fill(page, family)
	press(page, "sign")
	if family.says != NOTHING:
		press(page, "Text")
		family.page = page.url
	page.context.close()


def press(page: Page, act: str) -> None:
	"""Press a button of the form, and wait for the whole next page: what it shows is read at once."""
	with page.expect_navigation():
		page.locator(f"button[name=act][value={act}]").click()


def visit(browser: Browser, place: int) -> Page:
	headers = {"X-Forwarded-For": VISITORS.format(place + 1)}
	page = browser.new_context(java_script_enabled=False, extra_http_headers=headers).new_page()
	page.set_default_timeout(MILLISECONDS)
	return page


def fill(page: Page, family: Family) -> None:
	page.locator("input[name=who]").first.check()
	page.locator("#relation").select_option(index=1)
	for box in page.locator("input[type=radio][value=yes]").all():
		asked = box.get_attribute("name")
		agrees = family.says == EVERYTHING or (family.says == LITTLE and asked.endswith(KEPT))
		answer = "yes" if agrees else "no"
		page.locator(f"input[type=radio][name='{asked}'][value={answer}]").check()
	if family.says != NOTHING:
		page.locator("#phone").fill(family.phone)
	page.locator("input[name=esign]").check()
	page.locator("#signature").fill(family.name)


def prove(stage: Stage, browser: Browser, family: Family, place: int) -> bool:
	"""Type the code that the carrier delivered. Return whether the number is proven by it.

	It is not if the number was stopped after the signature. The form then says so, and gives no copy.
	"""
	if not family.page:
		return False
	wait_for(f"A code for {family.request}", lambda: bool(code_of(stage, family.phone)))
	page = visit(browser, place)
	page.goto(family.page)
	page.locator("#code").fill(code_of(stage, family.phone))
	press(page, "check")
	has_copy = page.locator("section[aria-labelledby=copy]").count() > 0
	page.context.close()
	return has_copy


def code_of(stage: Stage, number: str) -> str:
	"""Return the newest code in the carrier's journal of texts to this number, or ""."""
	bodies: Sequence[str] = [
		entry["params"]["Body"]
		for entry in stage.carrier.log("message")
		if entry["to"] == number and entry["status"] == 201
	]
	found = [code for body in bodies for code in CODE.findall(body)]
	return found[-1] if found else ""
