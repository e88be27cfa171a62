"""The Desk's methods: who may, and what a school's user gets."""

import frappe
import pytest

from school_dialer.consent_drive import letters, progress, students
from school_dialer.desk.families import consent_drives as desk
from school_dialer.privacy import erasure, person
from tests.integration import districts


def test_a_manager_counts_starts_and_looks(school_class, drive, as_role):
	school_class.family("Ana")
	draft = drive()
	as_role("Dialer Manager", "Academics User")
	found = desk.count(draft.name)
	assert found["families"] == 1
	desk.start(draft.name, found["families"])
	frappe.set_user("Administrator")
	frappe.db.rollback()
	name = school_class.start(draft)
	as_role("Dialer Manager", "Academics User")
	state = desk.state(name)
	assert (state["total"]["families"], state["total"]["Asked"]) == (1, 1)
	assert state["by"]["group"][0]["key"] == school_class.group
	assert state["coverage"]["start"]["total"] == [0, 1]
	(batch,) = state["letters"]
	desk.change_letters(batch.name, "hand_out")
	desk.change_letters(batch.name, "take_back")
	desk.change(name, "pause")
	for action in ("explode", ""):
		with pytest.raises(frappe.ValidationError):
			desk.change(name, action)
		with pytest.raises(frappe.ValidationError):
			desk.change_letters(batch.name, action)


def test_classes_stand_as_a_school_reads_them():
	classes = ["", "Grade 12", "Grade 2", "Kindergarten"]
	counts = [frappe._dict(group=name, state=progress.ASKED, families=1) for name in classes]
	shown = progress.summed(counts, lambda one: one.group)
	assert [row["key"] for row in shown] == ["Kindergarten", "Grade 2", "Grade 12", ""]


def test_an_agent_may_not(school_class, drive, as_role):
	school_class.family("Ana")
	draft = drive()
	as_role("Dialer Agent")
	for method in (desk.count, desk.state, desk.refresh):
		with pytest.raises(frappe.PermissionError):
			method(draft.name)
	with pytest.raises(frappe.PermissionError):
		desk.card(school_class.name("child of Ana"))


def test_an_erased_person_is_no_longer_in_a_drive(school_class, drive):
	school_class.family("Ana")
	school_class.family("Bo")
	name = school_class.start(drive())
	subject = person.of_record("Guardian", school_class.name("Ana"))
	planned = erasure.erase(subject, really=False)
	assert "1 entries in the lists of consent drives." in planned.removed
	erasure.erase(person.of_record("Student", school_class.name("child of Bo")), really=True)
	assert set(school_class.families(name)) == {"Ana"}
	erasure.erase(subject, really=True)
	assert not school_class.families(name)


def test_a_card_only_for_a_student_that_the_user_may_read(school_class, as_role):
	school_class.family("Ana")
	as_role("Dialer Manager")
	with pytest.raises(frappe.DoesNotExistError):
		desk.card(school_class.name("child of Ana"))
	as_role("Dialer Manager", "Academics User")
	assert desk.card(school_class.name("child of Ana"), "es")


def test_progress_takes_a_fixed_number_of_queries(school_class, drive, queries):
	school_class.family("Ana")
	name = school_class.start(drive())
	few = queries(lambda: desk.state(name))
	draft = drive()
	for place in range(15):
		school_class.family(f"f{place}")
	more = school_class.start(draft)
	assert queries(lambda: desk.state(more)) <= few


@pytest.mark.parametrize("own", ["es", None])
def test_a_family_without_a_language_gets_the_letter_in_that_of_its_school(school_class, drive, own):
	"""Check it in a district: on a site with one school the language is that of the settings."""
	school_class.adult("Ana", language="")
	child = school_class.child("child of Ana", "Ana")
	expected = own or frappe.db.get_single_value("Dialer Settings", "default_language") or "en"
	with districts.district("North", "South", committed=True, default_language=own) as (north, _south):
		frappe.db.set_value("Student", child, "dialer_school", north)
		(pupil,) = students.read_students(drive())
		assert pupil.language == expected
		desk.card(child)
		asked = frappe.get_all("Dialer Consent Request", {"school": north}, pluck="language")
		assert asked == [expected]


def test_a_school_s_user_sees_drives_and_letters_of_that_school(school_class):
	with districts.district("North", "South") as (north, south):
		own = {"doctype": "Dialer Consent Drive", "title": school_class.tag, "school": north}
		draft = frappe.get_doc({**own, "waves": [{"days": 0, "way": "Letter"}]}).insert()
		other = frappe.get_doc({**own, "school": south, "waves": [{"days": 0, "way": "Letter"}]}).insert()
		frappe.set_user(districts.user(("Dialer Manager",), (north,)))
		assert frappe.get_list("Dialer Consent Drive", pluck="name") == [draft.name]
		desk.count(draft.name)
		with pytest.raises(frappe.PermissionError):
			desk.count(other.name)
		with pytest.raises(frappe.PermissionError):
			frappe.get_doc({**own, "school": south}).insert()
		frappe.set_user("Administrator")
	assert letters.FORMAT == "Consent Letter"
