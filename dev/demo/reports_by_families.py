"""Guardians report absences as they would: by text, on the page, and by phone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

import frappe
import requests
from bs4 import BeautifulSoup

from dev.demo.stage import SENDER, Stage
from dev.patience import PATIENCE
from school_dialer.audience.numbers import e164
from school_dialer.consent.choices import preference_link
from school_dialer.inbound.absences import reporter
from school_dialer.inbound.absences.reporter import Child, Reporter
from school_dialer.inbound.conversations import acknowledgement

TEXT, PAGE, PHONE = WAYS = ("text", "page", "phone")
ABSENCE_KEY = "2"
TEXTS = {"en": "My child is sick today", "es": "Mi hija está enferma hoy"}


@dataclass(frozen=True)
class Family:
	"""One guardian on record with a number (E.164), and the student whom they report."""

	way: str
	student: str
	who: Reporter

	@property
	def child(self) -> Child:
		return next(child for child in self.who.children if child.student == self.student)

	@property
	def place(self) -> int:
		"""The number that chooses the child, from 1."""
		return self.who.children.index(self.child) + 1


def families_of(students: Sequence[str], most: int) -> list[Family]:
	"""Return `most` families who can report one of these students, by each way in turn.

	A family that opted out of texts is not asked back by one, so it does not report by text.
	"""
	rows = frappe.db.sql(
		"""select link.parent, guardian.mobile_number from `tabStudent Guardian` link
		join `tabGuardian` guardian on guardian.name = link.guardian
		where link.parenttype = 'Student' and link.parent in %s and ifnull(guardian.mobile_number, '') != ''
		order by link.parent, link.idx""",
		(tuple(students),),
	)
	found: dict[str, Family] = {}
	for student, raw in rows:
		number = e164(raw)
		who = reporter.guardian_at(number) if number and student not in found else None
		child = who and next((one for one in who.children if one.student == student), None)
		way = WAYS[len(found) % len(WAYS)]
		if child and child.born and (way != TEXT or acknowledgement.may_be_answered(number)):
			found[student] = Family(way, student, who)
		if len(found) == most:
			break
	if len(found) < most:
		raise SystemExit(f"Only {len(found)} of the demo school's families can report an absence.")
	return list(found.values())


def report(stage: Stage, families: Sequence[Family]) -> None:
	"""Let each family report its child, in its way. Exits if one cannot."""
	ways = {TEXT: by_text, PAGE: by_page, PHONE: by_phone}
	for family in families:
		ways[family.way](stage, family)
		frappe.db.rollback()
		if not frappe.db.exists(
			"Dialer Absence Report", {"student": family.student, "phone": family.who.phone}
		):
			raise SystemExit(f"A report by {family.way} did not become one.")


def by_text(stage: Stage, family: Family) -> None:
	words = TEXTS.get(family.who.language, TEXTS["en"])
	text = {"from": family.who.phone, "to": SENDER}
	asked = stage.carrier.control("inbound_text", {**text, "body": words})
	if len(asked["replies"]) != 1:
		raise SystemExit(f"The text {words!r} was not answered with one question.")
	stage.carrier.control("inbound_text", {**text, "body": str(family.place)})


def by_page(stage: Stage, family: Family) -> None:
	"""Fill in the forms of the absence page, as a browser without JavaScript does."""
	link = preference_link.url(preference_link.issue(family.who.phone))
	frappe.db.commit()
	with requests.Session() as browser:
		browser.trust_env = False
		preferences = browser.get(stage.url + path_of(link), timeout=PATIENCE)
		page = browser.get(urljoin(preferences.url, absence_link(preferences.text)), timeout=PATIENCE)
		page = send(browser, page, born=str(family.child.born))
		child = labeled(page.text, family.child.first_name)
		page = send(browser, page, act="report", child=child, kind="Absence", reason="Illness")
		page.raise_for_status()


def path_of(link: str) -> str:
	return re.sub(r"^https?://[^/]+", "", link)


def absence_link(html: str) -> str:
	return BeautifulSoup(html, "html.parser").select_one('a[href*="dialer-absence"]')["href"]


def labeled(html: str, words: str) -> str:
	"""Return the value of the choice with this label."""
	choices = BeautifulSoup(html, "html.parser").select("label.choice")
	return next(one.input["value"] for one in choices if one.get_text(strip=True) == words)


def send(browser: requests.Session, page: requests.Response, **filled: str) -> requests.Response:
	"""Send the first form of the page that has these fields, with what it already holds."""
	forms = BeautifulSoup(page.text, "html.parser").select("form")
	form = next(one for one in forms if one.find(attrs={"name": next(iter(filled))}))
	held = {field["name"]: field.get("value", "") for field in form.select("input[name]") if kept(field)}
	return browser.post(urljoin(page.url, form["action"]), data={**held, **filled}, timeout=PATIENCE)


def kept(field) -> bool:
	return field.get("type") not in ("radio", "checkbox") or field.has_attr("checked")


def by_phone(stage: Stage, family: Family) -> None:
	"""Call the school, choose the absence line, prove who calls, and report: the child is ill today."""
	which = [str(family.place)] if len(family.who.children) > 1 else []
	keys = [ABSENCE_KEY, f"{family.child.born:%m%d%Y}", *which, "1", "1", "1"]
	call = {"from": family.who.phone, "to": SENDER, "behaviour": "presses", "digits": keys}
	stage.carrier.control("inbound_call", call)
