"""A family that is asked for consent by a letter, deleted with everything it answered."""

from collections.abc import Iterator

import frappe
import pytest
from playwright.sync_api import Page

from school_dialer.base.database import rows
from school_dialer.consent.integrity import triggers
from school_dialer.consent_form import answers, codes, requests
from tests.integration import factories as make

KEPT = ("Consent Event", "Contact Consent", "Consent Head", "Dialer Notice", "Dialer Preference Link")


@pytest.fixture
def letter(people: dict) -> Iterator[frappe._dict]:
	"""Yield `path`, `code`, `phone`, `name` of a guardian and `request` of a letter about one child."""
	phone, tag = make.unlisted_phone(), frappe.generate_hash(length=8)
	guardian = {"guardian_name": "María Prueba", "mobile_number": phone}
	child = {"first_name": "Zulma", "student_name": "Zulma Prueba", "enabled": 1}
	rows.insert("Guardian", [{"name": f"CF-{tag}", **rows.stamp(), **guardian}])
	rows.insert("Student", [{"name": f"CS-{tag}", **rows.stamp(), **child}])
	(request,) = requests.create([requests.NewRequest([("Guardian", f"CF-{tag}")], [f"CS-{tag}"])])
	frappe.db.commit()
	path = f"{requests.PATH}?t={requests.token(request)}"
	yield frappe._dict(
		path=path, code=requests.typed_code(request), phone=phone, name="María Prueba", request=request
	)
	frappe.db.rollback()
	triggers.remove()
	for doctype in KEPT:
		frappe.db.delete(doctype, {"phone": phone})
	for name in frappe.get_all(answers.DOCTYPE, {"request": request}, pluck="name"):
		frappe.db.delete("Dialer Review", {"reference_name": name})
	frappe.db.delete(answers.DOCTYPE, {"request": request})
	frappe.db.delete(requests.DOCTYPE, {"name": request})
	frappe.db.delete("Guardian", {"name": f"CF-{tag}"})
	frappe.db.delete("Student", {"name": f"CS-{tag}"})
	frappe.db.commit()
	assert triggers.create()


def fill(page: Page, letter: frappe._dict, yes: tuple[str, ...]) -> None:
	"""Fill the whole form in: yes to these questions, no to the others."""
	page.get_by_label(letter.name).check()
	page.locator("#relation").select_option("Parent")
	for channel, purpose in answers.QUESTIONS:
		value = "yes" if f"{channel}-{purpose}" in yes else "no"
		page.locator(f'input[name="{channel}-{purpose}"][value="{value}"]').check()
	page.locator("#phone").fill(letter.phone)
	page.locator('input[name="esign"]').check()
	page.locator("#signature").fill("María Prueba")


def code_for(letter: frappe._dict) -> str:
	"""Return the code that was sent last for this letter."""
	frappe.db.rollback()
	latest = {"request": letter.request, "status": answers.UNPROVEN}
	name = frappe.get_all(answers.DOCTYPE, latest, pluck="name", order_by="creation desc", limit=1)[0]
	return codes.code_of(answers.named(name))
