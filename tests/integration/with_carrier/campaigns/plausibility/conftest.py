"""Campaigns that are looked at before they start, to the families of one class."""

import json
from collections.abc import Callable

import frappe
import pytest

from dev.school import users
from school_dialer.campaigns.plausibility import look
from tests.integration import factories as make
from tests.integration.with_carrier.running import prepare


@pytest.fixture
def to_class(families) -> Callable:
	"""Return a function that makes a draft to the guardians of twelve children."""

	def draft(said: str | dict, purpose: str = "General", **values):
		words = (
			{"voice": said, "voicemail": "Please call us.", "text": said} if isinstance(said, str) else said
		)
		if isinstance(said, str) and purpose == "Attendance":
			words["text"] = "Please call us."
		return make.campaign(
			audience_source="Guardians of a Student Group",
			audience_name=families.group,
			audience_file=None,
			purpose=purpose,
			**{"template": make.template(purpose, said=words), **values},
		)

	return draft


@pytest.fixture
def named(families) -> str:
	"""Return filters that name the students of the class, as a list typed by hand does."""
	chosen = {"kind": "People", "doctype": "Student", "names": families.students}
	return json.dumps({"only": [chosen]})


@pytest.fixture
def staff() -> None:
	users.create()
	frappe.db.commit()


def asked(doc) -> list[str]:
	"""Return the codes of the questions about a campaign."""
	doc = frappe.get_doc("Dialer Campaign", doc.name) if doc.name else doc
	return [one.code for one in look.findings(doc)]


def keys(doc) -> set[str]:
	return {one.key for one in look.findings(frappe.get_doc("Dialer Campaign", doc.name))}


def earlier(template: str, sizes: tuple[int, ...], **values) -> None:
	"""Plan campaigns of this message to so many people each."""
	purpose = frappe.db.get_value("Dialer Message Template", template, "purpose")
	for size in sizes:
		prepare(make.campaign(make.many_phones(size), purpose=purpose, template=template, **values))
