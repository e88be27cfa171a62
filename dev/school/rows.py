"""The roster's records as rows of the DocTypes of Education and ERPNext."""

from __future__ import annotations

from collections.abc import Iterator

from dev.school.model import ABBR, COMPANY, GRADES, Enrollment, Group, Roster, Student

COUNTRY = "United States"


def guardians(roster: Roster) -> Iterator[dict]:
	for guardian in roster.guardians:
		place = guardian.place
		yield {
			"name": guardian.name,
			"guardian_name": guardian.guardian_name,
			"email_address": guardian.email,
			"mobile_number": guardian.mobile.raw,
			"alternate_number": guardian.alternate.raw,
			"date_of_birth": guardian.date_of_birth,
			"occupation": guardian.occupation,
			"dialer_language": guardian.language or None,
			"dialer_state": place and place.state,
			"dialer_postal_code": place and place.postal_code,
		}


def students(roster: Roster) -> Iterator[dict]:
	names = {guardian.name: guardian.guardian_name for guardian in roster.guardians}
	for student in roster.students:
		yield {
			"name": student.name,
			"naming_series": "EDU-STU-.YYYY.-",
			"enabled": 0 if student.left_on else 1,
			"first_name": student.first_name,
			"last_name": student.last_name,
			"student_name": student.full_name,
			"joining_date": student.joining_date,
			"date_of_leaving": student.left_on,
			"reason_for_leaving": "The family moved." if student.left_on else None,
			"student_email_id": student.email,
			"student_mobile_number": student.mobile.raw,
			"date_of_birth": student.date_of_birth,
			"gender": student.gender,
			"address_line_1": student.street,
			"city": student.place.city,
			"state": student.place.state,
			"pincode": student.place.postal_code,
			"country": COUNTRY,
			"dialer_language": student.language,
			"guardians": [
				{
					"guardian": link.guardian,
					"guardian_name": names[link.guardian],
					"relation": link.relation,
					"dialer_contact_permission": link.permission,
					"dialer_may_receive_records": "Yes" if link.records else "No",
					"dialer_contact_order": link.order,
				}
				for link in student.links
			],
			"siblings": [sibling(roster.student(name)) for name in student.siblings],
		}


def sibling(student: Student) -> dict:
	return {
		"studying_in_same_institute": "YES",
		"student": student.name,
		"full_name": student.full_name,
		"gender": student.gender,
		"date_of_birth": student.date_of_birth,
		"program": GRADES[student.grade],
	}


def employees(roster: Roster) -> Iterator[dict]:
	for employee in roster.employees:
		yield {
			"name": employee.name,
			"employee": employee.name,
			"naming_series": "HR-EMP-",
			"first_name": employee.first_name,
			"last_name": employee.last_name,
			"employee_name": employee.full_name,
			"gender": employee.gender,
			"date_of_birth": employee.date_of_birth,
			"date_of_joining": employee.date_of_joining,
			"relieving_date": employee.left_on,
			"status": "Left" if employee.left_on else "Active",
			"company": COMPANY,
			"department": f"{employee.department} - {ABBR}",
			"designation": employee.designation,
			"cell_number": employee.cell.raw,
			"company_email": employee.email,
		}


def instructors(roster: Roster) -> Iterator[dict]:
	for employee in roster.employees:
		if employee.instructor:
			yield {
				"name": employee.instructor,
				"naming_series": "EDU-INS-.YYYY.-",
				"instructor_name": employee.full_name,
				"employee": employee.name,
				"gender": employee.gender,
				"department": f"{employee.department} - {ABBR}",
				"status": "Active",
			}


def groups(roster: Roster) -> Iterator[dict]:
	teachers = {employee.instructor: employee.full_name for employee in roster.employees}
	for group in roster.groups:
		homeroom = group.based_on == "Batch"
		yield {
			"name": group.name,
			"student_group_name": group.name,
			"group_based_on": group.based_on,
			"academic_year": roster.year.name,
			"program": GRADES[group.grade] if homeroom else None,
			"batch": batch(group) if homeroom else None,
			"max_strength": 40,
			"students": [
				{
					"student": name,
					"student_name": roster.student(name).full_name,
					"group_roll_number": number,
					"active": 0 if name in group.inactive else 1,
				}
				for number, name in enumerate(group.students, 1)
			],
			"instructors": [{"instructor": group.instructor, "instructor_name": teachers[group.instructor]}],
		}


def enrollments(roster: Roster) -> Iterator[dict]:
	for row in roster.enrollments:
		yield {
			"name": row.name,
			"student": row.student,
			"student_name": roster.student(row.student).full_name,
			"enrollment_date": row.date,
			"program": GRADES[row.grade],
			"academic_year": row.year.name,
			"student_batch_name": batch_of(roster, row),
			"docstatus": row.docstatus,
		}


def batch_of(roster: Roster, row: Enrollment) -> str | None:
	"""Return the batch of this year's homeroom, else None. Education derives group membership from it."""
	room = roster.homeroom(row.student)
	return batch(room) if room and row.year == roster.year and row.grade == room.grade else None


def batch(homeroom: Group) -> str:
	return homeroom.name.split(" (")[0][-1]


def contacts() -> Iterator[dict]:
	"""Yield contacts outside the roster that a school also calls: its board and its volunteers."""
	people = (
		("Judith", "Keller", "(708) 555-0105", "Board of Education"),
		("Victor", "Osei", "708-555-0106", "Board of Education"),
		("Carmen", "Delgado", "7085550107", "Parent Teacher Association"),
		("Hoa", "Bùi", "+1 708 555 0108", "Parent Teacher Association"),
		("Peter", "Novak", "708.555.0109", "Volunteers"),
		("Samira", "Haddad", "", "Volunteers"),
	)
	for first_name, last_name, phone, company in people:
		yield {
			"first_name": first_name,
			"last_name": last_name,
			"company_name": company,
			"phone_nos": [{"phone": phone, "is_primary_mobile_no": 1}] if phone else [],
		}
