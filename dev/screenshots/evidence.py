"""The pictures of consent that families give, of numbers that are true, and of proof for outsiders.

A drive prints letters, families answer on the form, and what is recorded is exported and checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import frappe
from playwright.sync_api import Page

from dev.demo import consent_answers as form_of
from dev.demo.consent_drive import letters_made
from dev.demo.people import MANAGER, Person, wait_for
from dev.demo.stage import Stage
from dev.screenshots.camera import Shot
from dev.screenshots.scene import OFFICER
from dev.screenshots.shots import form, press, printed, to_field, unfold
from school_dialer.consent.receipts import receipt
from school_dialer.consent_drive import letters, pages
from school_dialer.consent_form import requests
from school_dialer.lookups import runs
from school_dialer.proof_log import hourly
from school_dialer.website import receipt_page

NAMES = (
	"drive-draft",
	"drive",
	"drive-phone",
	"drive-letter",
	"form-phone",
	"form-es-phone",
	"form-ar-phone",
	"form-code-phone",
	"receipt-phone",
	"receipt-ar-phone",
	"proof-checkpoints",
	"proof-export",
	"proof-check",
	"proof-check-phone",
	"settings-lookups",
	"lookup-estimate",
	"lookup-estimate-phone",
)
DRIVES = "/api/method/school_dialer.desk.families.consent_drives."
EXPORT = "/api/method/school_dialer.desk.district.proof.export"
CHECK = "/assets/school_dialer/proof/check.html"
CLASS = {
	"audience_source": "Guardians of a Program",
	"audience_name": "Grade 3",
	"audience_doctype": "Program",
}
FIELDS = {
	"title": "May we call you about fund-raising?",
	"purpose": "Fundraising",
	"waves": [{"days": 0, "way": "Letter"}, {"days": 14, "way": "Letter"}],
	**CLASS,
}
LOOKUPS = {
	"lookup_line_type": 1,
	"lookup_line_type_price": 0.008,
	"lookup_reassigned": 1,
	"lookup_reassigned_price": 0.02,
	"lookup_most_per_day": 5,
	"lookup_most_per_month": 50,
}
ANSWERING = 8


@contextmanager
def laid(stage: Stage) -> Iterator[Iterator[Shot]]:
	"""Run a drive and yield its shots. Each is to be taken before the next one is drawn. Commits."""
	manager = Person(stage.url, MANAGER)
	made = [manager.create("Dialer Consent Drive", FIELDS) for _one in range(2)]
	before = {name: frappe.db.get_single_value("Dialer Settings", name) for name in LOOKUPS}
	try:
		yield shots(stage, manager, *made)
	finally:
		change_settings(before)
		for name in made:
			if (
				state(manager, name)["waves"]
				and frappe.db.get_value("Dialer Consent Drive", name, "state") != "Draft"
			):
				manager.ask("POST", f"{DRIVES}change", {"drive": name, "action": "end"})


def shots(stage: Stage, manager: Person, drive: str, draft: str) -> Iterator[Shot]:
	begin(manager, drive)
	page_of_code = answered(stage, manager, drive)
	path, of_letters = form("dialer-consent-drive", drive), letters_of(drive)
	yield Shot("drive-draft", MANAGER, form("dialer-consent-drive", draft), size=(1400, 1400))
	yield Shot("drive", MANAGER, path, (to_field("progress_html"),))
	yield Shot("drive-phone", MANAGER, path, (to_field("progress_html"),))
	yield Shot("drive-letter", MANAGER, printed(pages.LETTERS, of_letters, letters.FORMAT), size=(900, 1270))
	unanswered = f"{requests.PATH}?t={requests.token(waiting(drive))}"
	yield Shot("form-phone", None, f"{unanswered}&lang=en")
	yield Shot("form-es-phone", None, f"{unanswered}&lang=es")
	yield Shot("form-ar-phone", None, f"{unanswered}&lang=ar")
	yield Shot("form-code-phone", None, page_of_code)
	yield from proofs(stage)
	yield from lookups(stage)


def begin(manager: Person, drive: str) -> None:
	families = manager.ask("GET", f"{DRIVES}count?drive={drive}")["message"]["families"]
	manager.ask("POST", f"{DRIVES}start", {"drive": drive, "families": families})
	wait_for("The letters", lambda: state(manager, drive)["waves"][0]["state"] == "Made", letters_made(drive))


def state(manager: Person, drive: str) -> dict:
	return manager.ask("GET", f"{DRIVES}state?drive={drive}")["message"]


def answered(stage: Stage, manager: Person, drive: str) -> str:
	"""Let families answer. The last one types no code: return the path of its page."""
	families = form_of.chosen(drive)[:ANSWERING]
	for place, family in enumerate(families):
		form_of.sign(stage, family, place)
	for place, family in enumerate(families[:-1]):
		form_of.prove(stage, family, place)
	before = state(manager, drive)["coverage"]["counted_at"]
	manager.ask("POST", f"{DRIVES}refresh", {"drive": drive})
	wait_for("The count", lambda: state(manager, drive)["coverage"]["counted_at"] != before)
	return families[-1].page.removeprefix(stage.url)


def letters_of(drive: str) -> str:
	frappe.db.rollback()
	return frappe.get_all(pages.LETTERS, {"drive": drive}, pluck="name", order_by="families desc", limit=1)[0]


def waiting(drive: str) -> str:
	"""Return a request of this drive about several children that no one has answered."""
	found = frappe.get_all(
		requests.DOCTYPE, {"drive": drive, "status": requests.WAITING}, ["name", "students"], order_by="name"
	)
	return max(found, key=lambda one: len(frappe.parse_json(one.students))).name


def proofs(stage: Stage) -> Iterator[Shot]:
	hourly.hourly()
	event = newest_in_log()
	page = f"{receipt_page.PATH}?c={receipt.code_of(event)}"
	yield Shot("receipt-phone", None, f"{page}&lang=en")
	yield Shot("receipt-ar-phone", None, f"{page}&lang=ar")
	listed = "/app/dialer-proof-checkpoint"
	yield Shot("proof-checkpoints", OFFICER, listed)
	yield Shot("proof-export", OFFICER, listed, (press("Export Proof"),))
	exported = export(stage, frappe.db.get_value("Consent Event", event, "phone"))
	yield Shot("proof-check", None, CHECK, (choose(exported),))
	yield Shot("proof-check-phone", None, CHECK, (choose(exported),))


def newest_in_log() -> str:
	"""Return the newest event of a number that the log has."""
	rows = frappe.db.sql(
		"""select event.name from `tabConsent Event` event
		join `tabDialer Proof Leaf` leaf on leaf.reference = event.name
		order by event.creation desc limit 1"""
	)
	return rows[0][0]


def export(stage: Stage, phone: str) -> bytes:
	officer = Person(stage.url, OFFICER)
	answer = officer.session.post(stage.url + EXPORT, data={"phone": phone}, timeout=60)
	answer.raise_for_status()
	return answer.content


def choose(content: bytes) -> Callable[[Page], None]:
	def chosen(page: Page) -> None:
		file = {"name": "export.zip", "mimeType": "application/zip", "buffer": content}
		page.locator("#file").set_input_files(file)
		page.locator("#verdict h2").wait_for()

	return chosen


def lookups(stage: Stage) -> Iterator[Shot]:
	change_settings(LOOKUPS)
	yield Shot(
		"settings-lookups",
		OFFICER,
		"/app/dialer-settings",
		(unfold("lookup_line_type"), to_field("lookup_line_type")),
	)
	run = Person(stage.url, OFFICER).create(runs.DOCTYPE, {"older_than_days": 0})
	try:
		path, ask = form("dialer-lookup-run", run), press("Start")
		yield Shot("lookup-estimate", OFFICER, path, (estimated, ask))
		yield Shot("lookup-estimate-phone", OFFICER, path, (estimated,))
	finally:
		frappe.db.delete(runs.DOCTYPE, {"name": run})
		frappe.db.commit()


def estimated(page: Page) -> None:
	page.locator("[data-part=estimate]").wait_for()


def change_settings(values: dict) -> None:
	frappe.db.rollback()
	for name, value in values.items():
		frappe.db.set_single_value("Dialer Settings", name, value)
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
