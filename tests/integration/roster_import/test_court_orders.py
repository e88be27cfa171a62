"""What the school decided about a guardian is never changed by a roster."""

import frappe

from dev import roster_zip as zips
from school_dialer.roster_import.kinds import GUARDIANS, STUDENTS
from tests.integration.roster_import.families import permissions, restrict

ORDER = "None by Court Order"


def test_a_restriction_outlives_every_import(imported):
	rows = zips.district(tag="CA")
	names = imported(zips.roster(rows)).names
	student, father = names[STUDENTS, "CA-P0"], names[GUARDIANS, "CA-F0"]
	restrict(student, father, ORDER)
	for row in rows["users"]:
		if row["sourcedId"] in ("CA-P0", "CA-F0"):
			row["familyName"] = "CAother"
	done = imported(zips.roster(rows))
	assert done.applied.errors == []
	assert permissions(student) == {names[GUARDIANS, "CA-M0"]: "All", father: ORDER}


def test_a_restricted_guardian_whom_the_roster_drops_stays_on_the_record(imported):
	rows = zips.district(tag="CB")
	names = imported(zips.roster(rows)).names
	student, father = names[STUDENTS, "CB-P0"], names[GUARDIANS, "CB-F0"]
	restrict(student, father, ORDER)
	rows["users"] = [row for row in rows["users"] if row["sourcedId"] != "CB-F0"]
	next(row for row in rows["users"] if row["sourcedId"] == "CB-P0")["agentSourcedIds"] = "CB-M0"
	done = imported(zips.roster(rows))
	assert permissions(student)[father] == ORDER
	assert any("restricted the contact" in one.problem for one in done.applied.errors)


def test_a_restricted_father_under_a_new_id_and_number_is_the_same_father(imported):
	rows = zips.district(tag="CC")
	names = imported(zips.roster(rows)).names
	student, father = names[STUDENTS, "CC-P0"], names[GUARDIANS, "CC-F0"]
	restrict(student, father, ORDER)
	for row in (*rows["users"], *rows["roles"]):
		for column in ("sourcedId", "userSourcedId", "agentSourcedIds"):
			if column in row:
				row[column] = row[column].replace("CC-F0", "CC-other")
		if row["sourcedId"] == "CC-other":
			row["sms"] = "312 555 0145"
	done = imported(zips.roster(rows))
	assert done.names[GUARDIANS, "CC-other"] == father
	assert permissions(student) == {names[GUARDIANS, "CC-M0"]: "All", father: ORDER}


def test_someone_new_beside_a_restricted_guardian_is_for_emergencies_only(imported):
	rows = zips.district(tag="CD")
	names = imported(zips.roster(rows)).names
	student = names[STUDENTS, "CD-P0"]
	restrict(student, names[GUARDIANS, "CD-F0"], ORDER)
	rows["users"].append(zips.person("CD-X", "Johnny", "CDfamily0", sms="312 555 0146"))
	rows["roles"].append(zips.role("CD-X", "relative", "CD-S0"))
	next(row for row in rows["users"] if row["sourcedId"] == "CD-P0")["agentSourcedIds"] += ",CD-X"
	done = imported(zips.roster(rows))
	assert permissions(student)[done.names[GUARDIANS, "CD-X"]] == "Emergency Only"
	assert any("Emergency Only" in one.problem for one in done.applied.errors)


def test_a_guardian_whom_staff_took_off_does_not_come_back(imported):
	rows = zips.district(tag="CE")
	names = imported(zips.roster(rows)).names
	student = frappe.get_doc("Student", names[STUDENTS, "CE-P0"])
	student.set("guardians", [row for row in student.guardians if row.guardian != names[GUARDIANS, "CE-F0"]])
	student.save()
	next(row for row in rows["users"] if row["sourcedId"] == "CE-P0")["middleName"] = "May"
	imported(zips.roster(rows))
	assert set(permissions(student.name)) == {names[GUARDIANS, "CE-M0"]}


def test_parents_may_receive_records_and_relatives_may_not(imported):
	rows = zips.district(tag="CF")
	for row in rows["roles"]:
		if row["userSourcedId"] == "CF-F0":
			row["role"] = "relative"
	names = imported(zips.roster(rows)).names
	said = dict(
		frappe.get_all(
			"Student Guardian",
			{"parent": names[STUDENTS, "CF-P0"]},
			["guardian", "dialer_may_receive_records"],
			order_by="idx",
			as_list=True,
		)
	)
	assert said[names[GUARDIANS, "CF-M0"]] == "Yes" and not said[names[GUARDIANS, "CF-F0"]]
