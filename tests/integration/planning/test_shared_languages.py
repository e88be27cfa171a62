"""The language of a call to a number of several people, of whom one has no language on record."""

import secrets
from collections.abc import Iterator

import frappe
import pytest

from school_dialer.audience.base import source_of
from school_dialer.audience.guardians import ONE_GUARDIAN
from school_dialer.automation import rule
from school_dialer.base.database import doctypes
from school_dialer.campaigns import in_each_language, message_content
from school_dialer.campaigns.parties import rows as parties
from school_dialer.campaigns.planning import planner
from school_dialer.desk import campaigns as desk
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
	return planned_call(prepared, audience_source="Guardians of a Student Group", audience_name=school.group)


def planned_call(prepared, **audience: str) -> tuple[str, set[str]]:
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


@pytest.mark.parametrize("chunk", [1, 1000])
@pytest.mark.parametrize("languages", [(None, "es"), ("es", None)])
def test_the_desk_shows_samples_and_gaps_in_the_language_of_the_call(monkeypatch, languages, chunk):
	monkeypatch.setattr(planner, "CHUNK", chunk)
	shown = desk.preview_audience(class_of(*languages).campaign().name)
	assert [sample["language"] for sample in shown["samples"]] == ["es"]
	assert [(gap["language"], gap["people"]) for gap in shown["language_gaps"]] == [("es", 1)]


def test_samples_are_of_people_whose_calls_differ_in_language():
	classes = class_of("en"), class_of("en"), class_of(None, "es")
	first, second, shared = (planner.preview(one.campaign())[0] for one in classes)
	assert desk.one_a_language([first, second, shared])[:2] == [first, shared]


@pytest.mark.parametrize("chunk", [1, 1000])
def test_a_rule_shows_the_language_of_the_call(monkeypatch, chunk):
	monkeypatch.setattr(planner, "CHUNK", chunk)
	doc = class_of(None, "es").campaign()
	(option,) = planner.preview(doc)
	assert rule.row_of(option, set(), {})["language"] == "es"
	(gap,) = rule.gaps(doc, [rule.row_of(option, set(), {})])["language_gaps"]
	assert gap["language"] == "es"


@pytest.mark.parametrize("chunk", [1, 1000])
def test_the_preview_shows_the_language_of_one_who_may_not_be_called_there(prepared, monkeypatch, chunk):
	monkeypatch.setattr(planner, "CHUNK", chunk)
	school = class_of(None, "es")
	barred = {"parent": school.student(0), "guardian": f"{school.tag}-G1"}
	frappe.db.set_value("Student Guardian", barred, "dialer_contact_permission", "Emergency Only")
	frappe.db.commit()
	(option,) = planner.preview(school.campaign())
	assert {option.line.language} == {planned(prepared, school)[0]} == {"es"}


@pytest.mark.parametrize("chunk", [1, 1000])
@pytest.mark.parametrize(
	("languages", "counted"),
	[
		((None, "es"), {"es": 2}),
		(("es", None, None), {"es": 3}),
		(("vi", None, "es"), {"es": 1, "vi": 2}),
		((None, None), {"en": 2}),
	],
)
def test_an_audience_is_counted_by_the_languages_of_its_calls(monkeypatch, languages, counted, chunk):
	monkeypatch.setattr(in_each_language, "CHUNK", chunk)
	source = source_of(class_of(*languages).campaign())
	assert in_each_language.audience_languages(source, "en") == counted


@pytest.mark.parametrize("chunk", [1, 1000])
def test_siblings_with_the_same_guardians_make_no_shared_number(prepared, monkeypatch, chunk):
	"""Check children with one household, whose guardians are called in another order about each."""
	monkeypatch.setattr(planner, "CHUNK", chunk)
	rosa, omar = make.many_phones(2)
	school = SchoolClass([{"Omar": [omar], "Rosa": [rosa]}, {"Rosa": [rosa], "Omar": [omar]}])
	frappe.db.set_value("Guardian", f"{school.tag}-Rosa", "dialer_language", "es")
	frappe.db.commit()
	name = prepared(
		audience_source="Guardians of a Student Group", audience_name=school.group, reach=ONE_GUARDIAN
	)
	while plan_chunk(name):
		pass
	(row,) = frappe.get_all("Dialer Recipient", {"campaign": name}, ["phone", "language"], order_by="name")
	assert (row.phone, row.language) == (omar, "en")
	rows = frappe.get_all(parties.DOCTYPE, {"campaign": name}, ["phone", "language"], order_by="name")
	assert {(one.phone, one.language) for one in rows} == {(omar, "en"), (rosa, "es")}
	(option,) = planner.preview(frappe.get_doc("Dialer Campaign", name))
	assert option.line.language == "en"


def list_of(*languages: str) -> str:
	"""Return a list of people with one number, in these languages."""
	number = make.phone()
	make.consent(number)
	lines = ["name,phone,language", *(f"P{place},{number},{one}" for place, one in enumerate(languages))]
	values = {"file_name": f"{secrets.token_hex(4)}.csv", "content": "\n".join(lines), "is_private": 1}
	return frappe.get_doc({"doctype": "File", **values}).insert().file_url


@pytest.mark.parametrize("chunk", [1, 2, 1000])
@pytest.mark.parametrize(
	("languages", "spoken"),
	[
		(("", "es"), "es"),
		(("es", ""), "es"),
		(("", "", "es", ""), "es"),
		(("", "es", "vi"), "es"),
		(("en", "es"), "en"),
		(("", "en", "es"), "en"),
		(("", ""), "en"),
	],
)
def test_a_number_on_a_list_is_called_in_the_first_language_there(
	prepared, monkeypatch, languages, spoken, chunk
):
	monkeypatch.setattr(planner, "CHUNK", chunk)
	assert planned_call(prepared, audience_file=list_of(*languages))[0] == spoken


def person_with(doctype: str, name: str, number: str, user: str | None) -> None:
	"""Insert a person with this number, and with this user or none."""
	values = {
		"Contact": {"first_name": "C", "mobile_no": number, "user": user},
		"Employee": {"employee_name": "E", "cell_number": number, "user_id": user, "status": "Active"},
		"Instructor": {"instructor_name": "I", "employee": name, "status": "Active"},
	}
	frappe.get_doc({"doctype": doctype, "name": name, **values[doctype]}).db_insert()


@pytest.fixture
def spanish() -> Iterator[str]:
	user = {"email": f"{secrets.token_hex(6)}@school.example", "first_name": "S", "language": "es"}
	name = frappe.get_doc({"doctype": "User", "send_welcome_email": 0, **user}).insert().name
	yield name
	frappe.delete_doc("User", name, force=True)
	frappe.db.commit()


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("doctype", ["Contact", "Employee", "Instructor"])
def test_who_else_shares_a_number_is_called_in_the_language_of_a_user(
	prepared, monkeypatch, spanish, doctype, first
):
	"""Check chunks of one person, of which the first or the second one has a user."""
	if not doctypes.exists(doctype):
		pytest.skip(f"this site has no {doctype}")
	number, tag = make.phone(), f"{make.OURS}{secrets.token_hex(6)}"
	make.consent(number)
	users = (spanish, None) if first else (None, spanish)
	kinds = ("Employee", doctype) if doctype == "Instructor" else (doctype,)
	for place, user in enumerate(users):
		for kind in kinds:
			person_with(kind, f"{tag}-{place}", number, user)
	monkeypatch.setattr(planner, "CHUNK", 1)
	try:
		assert language_of(prepared, doctype, f"{tag}-0", number) == "es"
	finally:
		for kind in kinds:
			frappe.db.delete(kind, {"name": ("like", f"{tag}-%")})
		frappe.db.commit()


def language_of(prepared, doctype: str, first: str, number: str) -> str:
	"""Plan two people of an audience, this one and the next, and return the language of their call."""
	labels = {"Contact": "All contacts", "Employee": "All employees", "Instructor": "All instructors"}
	name = prepared(audience_source=labels[doctype], audience_file=None)
	earlier = frappe.get_all(doctype, {"name": ("<", first)}, pluck="name", order_by="name desc", limit=1)
	frappe.db.set_value("Dialer Campaign", name, "plan_cursor", earlier[0] if earlier else "")
	frappe.db.commit()
	for _person in range(2):
		plan_chunk(name)
	(row,) = make.recipients(name, "language", "phone")
	assert row.phone == number
	return row.language
