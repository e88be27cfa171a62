"""Numbers and email addresses of guardians from whom a safety hold keeps a student.

What a machine says or writes there about the student would reach them, no matter whom it is for. So it is not
said there, except in an emergency. The other parent is called at other numbers, or phoned by a member of
staff, who can ask who is there (34 CFR 99.31(c)).
"""

from collections import defaultdict

from school_dialer.audience import barred, mail_address, on_record, student_rights

GUARDIAN = "Guardian"


def numbers(on_file: student_rights.OnFile) -> dict[tuple[str, str], set[str]]:
	"""Return the guardians from whom a hold keeps a student, by (number on their record, student).

	Runs no query if there is no hold against a single guardian.
	"""
	students: dict[str, set[str]] = defaultdict(set)
	for (guardian, student), kinds in on_file.choices.items():
		if guardian and student_rights.HOLD in kinds:
			students[guardian].add(student)
	kept: dict[tuple[str, str], set[str]] = defaultdict(set)
	for number in on_record.numbers_of(GUARDIAN, students) if students else ():
		for student in students[number.name]:
			kept[number.phone, student].add(number.name)
	return kept


def addresses(students: set[str]) -> set[tuple[str, str]]:
	"""Return (address as `barred.mailbox` normalizes it, student), like `barred.addresses`."""
	rows = student_rights.in_force(tuple(students)) if students else ()
	pairs = [
		(guardian, student) for guardian, student, kind in rows if guardian and kind == student_rights.HOLD
	]
	address_of = mail_address.addresses_of((GUARDIAN, guardian) for guardian, _student in pairs)
	return {
		(barred.mailbox(address_of[GUARDIAN, guardian]), student)
		for guardian, student in pairs
		if (GUARDIAN, guardian) in address_of
	}
