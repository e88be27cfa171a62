"""The language of a call to a number of several people, of whom one has no language on record."""

import frappe
import pytest

from school_dialer.campaigns import message_content
from school_dialer.campaigns.parties import rows as parties
from school_dialer.campaigns.planning import planner
from tests.integration import factories as make
from tests.integration.planning.conftest import plan_chunk
from tests.integration.with_carrier.households import SchoolClass


def class_of(*languages: str | None) -> SchoolClass:
	"""Return a class in which one child has these guardians, all with one number."""
	number, names = make.phone(), [f"G{index}" for index in range(len(languages))]
	school = SchoolClass([{name: [number] for name in names}])
	for name, language in zip(names, languages, strict=True):
		frappe.db.set_value("Guardian", f"{school.tag}-{name}", "dialer_language", language)
	frappe.db.commit()
	return school


def planned(prepared, school: SchoolClass) -> tuple[str, set[str]]:
	"""Return the language of the planned call, and those of everyone in it."""
	audience = {"audience_source": "Guardians of a Student Group", "audience_name": school.group}
	name = prepared(**audience)
	while plan_chunk(name):
		pass
	(row,) = frappe.get_all("Dialer Recipient", {"campaign": name}, ["name", "language"], order_by="name")
	informed = frappe.get_all(parties.DOCTYPE, {"parent": row.name}, pluck="language", order_by="idx")
	return row.language, set(informed)


@pytest.mark.parametrize("chunk", [1, 1000])
@pytest.mark.parametrize(
	("languages", "spoken"),
	[
		((None, "es"), "es"),
		(("es", None), "es"),
		((None, None, "es"), "es"),
		((None, None), "en"),
		((None, "en"), "en"),
	],
)
def test_a_shared_number_is_called_in_the_language_that_is_known(
	prepared, monkeypatch, languages, spoken, chunk
):
	monkeypatch.setattr(planner, "CHUNK", chunk)
	assert planned(prepared, class_of(*languages)) == (spoken, {spoken})


@pytest.mark.parametrize("chunk", [1, 1000])
def test_each_whose_own_language_is_known_keeps_it(prepared, monkeypatch, chunk):
	monkeypatch.setattr(planner, "CHUNK", chunk)
	assert planned(prepared, class_of("vi", "es")) == ("vi", {"vi", "es"})
	assert planned(prepared, class_of("vi", None, "es")) == ("vi", {"vi", "es"})


@pytest.mark.parametrize("chunk", [1, 1000])
def test_the_preview_shows_the_language_of_the_call(monkeypatch, chunk):
	monkeypatch.setattr(planner, "CHUNK", chunk)
	doc = class_of(None, "es").campaign()
	(option,) = planner.preview(doc)
	assert option.line.language == "es"
	(shown,) = message_content.samples(doc, [option])
	assert shown["language"] == "es"
