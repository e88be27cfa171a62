"""A roster becomes Education's records, once, and only what the roster owns."""

import frappe
import pytest

from dev import roster_zip as zips
from school_dialer.roster_import import plan
from school_dialer.roster_import.kinds import GROUPS, GUARDIANS, INSTRUCTORS, SCHOOLS, STUDENTS

pytestmark = pytest.mark.dates


def test_a_district_is_imported(imported):
	done = imported(zips.roster(zips.district(tag="RA")))
	assert done.applied.errors == [] and done.plan.errors == []
	student = frappe.get_doc("Student", done.names[STUDENTS, "RA-P1"])
	assert (student.first_name, student.middle_name, student.last_name) == ("Ana", "Lou", "RAfamily1")
	assert str(student.date_of_birth) == "2015-03-04" and student.enabled == 1
	assert student.dialer_school == done.names[SCHOOLS, "RA-S1"] == "RA School B1"
	assert {row.guardian for row in student.guardians} == {
		done.names[GUARDIANS, "RA-M1"],
		done.names[GUARDIANS, "RA-F1"],
	}
	assert {row.dialer_contact_permission for row in student.guardians} == {"All"}
	mother = frappe.get_doc("Guardian", done.names[GUARDIANS, "RA-M1"])
	assert (mother.guardian_name, mother.mobile_number) == ("Maria RAfamily1", "+12125550102")
	assert mother.dialer_language == "es"
	group = frappe.get_doc("Student Group", done.names[GROUPS, "RA-G1"])
	assert group.student_group_name == "RA Algebra 1" and group.academic_year == "RA 2026-2027"
	assert group.academic_term == "RA 2026-2027 (Fall)" and group.course == "RA Algebra"
	assert group.dialer_school == "RA School B1"
	assert [row.student for row in group.students] == [
		done.names[STUDENTS, "RA-P1"],
		done.names[STUDENTS, "RA-P3"],
	]
	assert len(group.instructors) == 1


def test_the_second_import_writes_nothing(imported):
	rows = zips.district(tag="RB")
	imported(zips.roster(rows))
	before = stamps()
	again = imported(zips.roster(rows))
	assert {
		action for each in again.counts.values() for action in ("new", "changed", "removed") if each[action]
	} == set()
	assert again.applied.written == 0 and stamps() == before


def stamps() -> dict:
	doctypes = ("Student", "Guardian", "Student Group", "Instructor", "Dialer School", "Dialer Roster Record")
	return {
		doctype: frappe.get_all(doctype, ["name", "modified", "modified_by"], order_by="name")
		for doctype in doctypes
	}


def find(rows: dict, file: str, key: str) -> dict:
	return next(row for row in rows[file] if row["sourcedId"] == key)


def without(rows: dict, *keys: str) -> dict:
	"""Return the rows without these records and whatever names them."""
	kept = {}
	for name, every in rows.items():
		kept[name] = [row for row in every if not {row["sourcedId"], row.get("userSourcedId")} & set(keys)]
		for row in kept[name]:
			if agents := row.get("agentSourcedIds"):
				row["agentSourcedIds"] = ",".join(one for one in agents.split(",") if one not in keys)
	return kept


def test_what_staff_changed_stays_and_what_the_roster_changed_is_taken(imported):
	rows = zips.district(tag="RC")
	names = imported(zips.roster(rows)).names
	mother, father = names[GUARDIANS, "RC-M0"], names[GUARDIANS, "RC-F0"]
	for guardian in (mother, father):
		frappe.db.set_value("Guardian", guardian, "mobile_number", "+13125550142")
	find(rows, "users", "RC-F0")["sms"] = "312 555 0143"
	done = imported(zips.roster(rows))
	assert done.counts["Guardian"]["changed"] == 1
	assert frappe.db.get_value("Guardian", mother, "mobile_number") == "+13125550142"
	assert frappe.db.get_value("Guardian", father, "mobile_number") == "+13125550143"


def test_a_number_that_cannot_be_called_leaves_the_one_on_file(imported):
	rows = zips.district(tag="RD")
	mother = imported(zips.roster(rows)).names[GUARDIANS, "RD-M0"]
	find(rows, "users", "RD-M0")["sms"] = "ask the office"
	done = imported(zips.roster(rows))
	assert [(one.file, one.sourced_id, one.column) for one in done.plan.errors] == [
		("users.csv", "RD-M0", "sms")
	]
	assert frappe.db.get_value("Guardian", mother, "mobile_number") == "+12125550100"


def alternates(imported, tag: str, staff: str | None, *lines: dict) -> list[str | None]:
	"""Import a guardian with each of these numbers in turn. Return the alternate number after each import.

	Staff enter theirs after the first one.
	"""
	rows = zips.district(tag=tag)
	found = []
	for line in lines:
		find(rows, "users", f"{tag}-F0").update(line)
		father = imported(zips.roster(rows)).names[GUARDIANS, f"{tag}-F0"]
		found.append(frappe.db.get_value("Guardian", father, "alternate_number"))
		if staff and len(found) == 1:
			frappe.db.set_value("Guardian", father, "alternate_number", staff)
	return found


MOBILE, NEXT, PHONE, OTHER = ("+13125550143", "+13125550144", "+13125550145", "+13125550146")


@pytest.mark.parametrize("first", ["", PHONE])
@pytest.mark.parametrize(
	"later",
	[
		{"sms": NEXT, "phone": ""},
		{"sms": NEXT, "phone": OTHER},
		{"sms": "", "phone": OTHER},
		{"sms": OTHER, "phone": OTHER},
	],
)
def test_an_alternate_number_that_staff_entered_stays(imported, first, later):
	entered = "(312) 555-0147"
	found = alternates(imported, "RX", entered, {"sms": MOBILE, "phone": first}, later)
	assert found == [first or None, entered]


def test_an_alternate_number_of_the_roster_follows_the_roster(imported):
	lines = [(MOBILE, PHONE), (NEXT, PHONE), (NEXT, OTHER), (OTHER, OTHER), (OTHER, PHONE), (OTHER, "")]
	found = alternates(imported, "RY", None, *({"sms": sms, "phone": phone} for sms, phone in lines))
	assert found == [PHONE, PHONE, OTHER, None, PHONE, None]


def test_who_is_missing_from_a_full_roster_left(imported):
	rows = zips.district(tag="RE")
	names = imported(zips.roster(rows)).names
	student, group = names[STUDENTS, "RE-P0"], names[GROUPS, "RE-G0"]
	less = without(rows, "RE-P0", "RE-M1")
	done = imported(zips.roster(less))
	assert done.applied.errors == []
	left = frappe.get_doc("Student", student)
	assert left.enabled == 0 and left.date_of_leaving and len(left.guardians) == 2
	assert active(group) == {names[STUDENTS, "RE-P2"]}
	assert names[GUARDIANS, "RE-M1"] not in guardians(names[STUDENTS, "RE-P1"])
	assert frappe.db.exists("Guardian", names[GUARDIANS, "RE-M1"])
	back = imported(zips.roster(zips.district(tag="RE")))
	assert back.applied.errors == []
	assert frappe.db.get_value("Student", student, ["enabled", "date_of_leaving"]) == (1, None)
	assert student in active(group) and names[GUARDIANS, "RE-M1"] in guardians(names[STUDENTS, "RE-P1"])
	assert back.names[STUDENTS, "RE-P0"] == student


def active(group: str) -> set[str]:
	filters = {"parent": group, "parenttype": "Student Group", "active": 1}
	return set(frappe.get_all("Student Group Student", filters, pluck="student", order_by="idx"))


def guardians(student: str) -> set[str]:
	filters = {"parent": student, "parenttype": "Student"}
	return set(frappe.get_all("Student Guardian", filters, pluck="guardian", order_by="idx"))


def test_a_delta_removes_only_what_it_names(imported):
	rows = zips.district(tag="RF")
	names = imported(zips.roster(rows)).names
	gone = {**find(rows, "users", "RF-P0"), "status": "tobedeleted"}
	done = imported(zips.roster({"users": [gone]}, mode="delta"))
	assert {kind: each["removed"] for kind, each in done.counts.items() if each["removed"]} == {
		"Student": 1,
		"Student in a Group": 1,
	}
	enabled = {
		key: frappe.db.get_value("Student", names[STUDENTS, key], "enabled") for key in ("RF-P0", "RF-P1")
	}
	assert enabled == {"RF-P0": 0, "RF-P1": 1}


def test_a_delta_changes_a_person_whose_role_it_does_not_repeat(imported):
	rows = zips.district(tag="RG")
	names = imported(zips.roster(rows)).names
	changed = {**find(rows, "users", "RG-M0"), "status": "active", "sms": "3125550144"}
	done = imported(zips.roster({"users": [changed]}, mode="delta"))
	assert done.plan.errors == [] and done.applied.written == 1
	assert frappe.db.get_value("Guardian", names[GUARDIANS, "RG-M0"], "mobile_number") == "+13125550144"


def test_new_ids_for_the_same_people_make_no_second_records(imported):
	rows = zips.district(tag="RH")
	before = imported(zips.roster(rows)).names
	packed = {name: [dict(row) for row in every] for name, every in rows.items()}
	for every in packed.values():
		for row in every:
			for column in ("sourcedId", "userSourcedId", "agentSourcedIds"):
				for old in ("RH-P", "RH-M", "RH-F"):
					row[column] = row.get(column, "").replace(old, old + "new")
	for every in packed.values():
		for row in every:
			for column in [column for column in row if not row[column]]:
				del row[column]
	done = imported(zips.roster(packed))
	assert done.counts["Student"]["matched"] == 4 and done.counts["Guardian"]["matched"] == 8
	assert done.plan.brake is None and done.applied.errors == []
	student = before[STUDENTS, "RH-P0"]
	assert done.names[STUDENTS, "RH-Pnew0"] == student
	assert frappe.db.get_value("Student", student, "enabled") == 1
	assert guardians(student) == {before[GUARDIANS, "RH-M0"], before[GUARDIANS, "RH-F0"]}
	assert student in active(before[GROUPS, "RH-G0"])


def test_what_education_has_already_is_matched_and_only_blanks_are_filled(imported):
	student = frappe.get_doc(
		{
			"doctype": "Student",
			"first_name": "Ana Lucia",
			"last_name": "RIfamily0",
			"student_email_id": "RI-P0@students.example",
		}
	).insert()
	done = imported(zips.roster(zips.district(tag="RI")))
	assert done.counts["Student"]["matched"] == 1 and done.names[STUDENTS, "RI-P0"] == student.name
	student.reload()
	assert student.first_name == "Ana Lucia" and str(student.date_of_birth) == "2015-03-04"
	assert len(student.guardians) == 2


def test_one_school_shows_no_school(imported):
	frappe.db.delete("Dialer School")
	frappe.get_doc({"doctype": "Dialer School", "school_name": "The Only School"}).insert()
	done = imported(zips.roster(zips.district(tag="RJ", schools=1)))
	assert done.names[SCHOOLS, "RJ-S0"] == "The Only School"
	assert not frappe.db.get_value("Student", done.names[STUDENTS, "RJ-P0"], "dialer_school")
	assert frappe.db.count("Dialer School") == 1


def test_an_import_gives_no_consent(imported):
	before = {doctype: frappe.db.count(doctype) for doctype in ("Contact Consent", "Consent Event")}
	imported(zips.roster(zips.district(tag="RK")))
	assert {doctype: frappe.db.count(doctype) for doctype in before} == before


def test_references_that_lead_nowhere_are_reported_and_the_rest_is_imported(imported):
	rows = zips.district(tag="RL")
	find(rows, "users", "RL-P0")["agentSourcedIds"] = "RL-P0,RL-nobody,RL-M0"
	rows["enrollments"] += [
		zips.enrollment("RL-none", "RL-P0", "student"),
		zips.enrollment("RL-G0", "RL-M0", "student"),
	]
	find(rows, "orgs", "RL-D")["parentSourcedId"] = "RL-S0"
	rows["academicSessions"].append(
		zips.session("RL-Q", "Quarter", "gradingPeriod", "2020-01-01", "2020-03-01", "RL-Q")
	)
	rows["roles"].append(zips.role("RL-nobody", "student", "RL-S0"))
	done = imported(zips.roster(rows))
	assert sorted((one.file, one.column) for one in done.plan.errors) == [
		("academicSessions.csv", "parentSourcedId"),
		("enrollments.csv", "classSourcedId"),
		("enrollments.csv", "userSourcedId"),
		("roles.csv", "userSourcedId"),
		("users.csv", "agentSourcedIds"),
		("users.csv", "agentSourcedIds"),
	]
	assert guardians(done.names[STUDENTS, "RL-P0"]) == {done.names[GUARDIANS, "RL-M0"]}
	assert done.counts["Student in a Group"]["new"] == 4 and done.applied.errors == []


def test_what_education_refuses_is_reported_and_the_rest_is_imported(imported):
	rows = zips.district(tag="RM")
	names = imported(zips.roster(rows)).names
	frappe.db.set_value("Student Group", names[GROUPS, "RM-G0"], "max_strength", 1)
	more = zips.district(students=6, tag="RM")
	done = imported(zips.roster(more))
	assert [(one.file, one.sourced_id) for one in done.applied.errors] == [("classes.csv", "RM-G0")]
	assert len(active(names[GROUPS, "RM-G1"])) == 3 and len(active(names[GROUPS, "RM-G0"])) == 2
	frappe.db.set_value("Student Group", names[GROUPS, "RM-G0"], "max_strength", 0)
	imported(zips.roster(more))
	assert len(active(names[GROUPS, "RM-G0"])) == 3


def test_a_name_that_frappe_does_not_take_is_reported_and_the_rest_is_imported(imported):
	rows = zips.district(tag="RT")
	find(rows, "classes", "RT-G0")["title"] = "Math <5"
	done = imported(zips.roster(rows))
	assert [(one.file, one.sourced_id) for one in done.applied.errors] == [("classes.csv", "RT-G0")]
	assert done.names[GROUPS, "RT-G1"] and (GROUPS, "RT-G0") not in done.names


@pytest.mark.parametrize("naming", ["Full Name", "Naming Series", "Employee Number", ""])
def test_teachers_of_one_name_become_two_records(imported, naming):
	frappe.db.set_single_value("Education Settings", "instructor_created_by", naming)
	rows = zips.district(tag="RS")
	for teacher in ("RS-I0", "RS-I1"):
		find(rows, "users", teacher).update(givenName="Kim", familyName="RSSame")
	done = imported(zips.roster(rows))
	assert done.applied.errors == []
	first, second = (done.names[INSTRUCTORS, teacher] for teacher in ("RS-I0", "RS-I1"))
	assert first != second and teachers(done.names[GROUPS, "RS-G1"]) == [second]
	assert frappe.db.get_value("Instructor", second, "instructor_name") == "Kim RSSame"
	assert imported(zips.roster(rows)).applied.written == 0


def teachers(group: str) -> list[str]:
	return [row.instructor for row in frappe.get_doc("Student Group", group).instructors]


def test_what_was_deleted_by_hand_is_not_made_again(imported):
	rows = zips.district(tag="RN")
	names = imported(zips.roster(rows)).names
	frappe.delete_doc("Student Group", names[GROUPS, "RN-G0"])
	find(rows, "classes", "RN-G0")["termSourcedIds"] = "RN-Y"
	done = imported(zips.roster(rows))
	assert [one.sourced_id for one in done.applied.errors] == ["RN-G0"]
	assert not frappe.db.exists("Student Group", names[GROUPS, "RN-G0"])


def test_members_whom_staff_added_or_took_off_stay_so(imported):
	rows = zips.district(tag="RO")
	names = imported(zips.roster(rows)).names
	group = frappe.get_doc("Student Group", names[GROUPS, "RO-G0"])
	group.students[0].active = 0
	group.append("students", {"student": names[STUDENTS, "RO-P1"], "active": 1})
	group.save()
	rows["enrollments"].append(zips.enrollment("RO-G0", "RO-P3", "student"))
	imported(zips.roster(rows))
	assert active(group.name) == {names[STUDENTS, key] for key in ("RO-P1", "RO-P2", "RO-P3")}


def test_an_upgraded_site_stops_at_the_default_share():
	frappe.db.delete("Singles", {"doctype": "Dialer Settings", "field": "roster_most_percent"})
	assert plan.most_percent() == 10
	frappe.db.set_single_value("Dialer Settings", "roster_most_percent", 0)
	assert plan.most_percent() == 0
