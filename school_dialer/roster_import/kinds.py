"""The kinds of records that a roster makes, as Dialer Roster Record names them. Pure Python."""

SCHOOLS = "School"
YEARS = "Academic Year"
TERMS = "Academic Term"
COURSES = "Course"
INSTRUCTORS = "Instructor"
GUARDIANS = "Guardian"
STUDENTS = "Student"
LINKS = "Guardian of a Student"
GROUPS = "Student Group"
MEMBERS = "Student in a Group"
TEACHERS = "Instructor of a Group"

ORDER = (
	SCHOOLS, YEARS, TERMS, COURSES, INSTRUCTORS, GUARDIANS, STUDENTS, LINKS, GROUPS, MEMBERS, TEACHERS,
)  # fmt: skip
"""In the order in which they are written: what is referred to comes first."""

DOCTYPES = {
	SCHOOLS: "Dialer School",
	YEARS: "Academic Year",
	TERMS: "Academic Term",
	COURSES: "Course",
	INSTRUCTORS: "Instructor",
	GUARDIANS: "Guardian",
	STUDENTS: "Student",
	LINKS: "Student",
	GROUPS: "Student Group",
	MEMBERS: "Student Group",
	TEACHERS: "Student Group",
}
"""The DocType of the record. Links and members are rows of another's table."""
ROWS = {LINKS: GUARDIANS, MEMBERS: STUDENTS, TEACHERS: INSTRUCTORS}
"""Kinds that are rows of a record, and the kind that the row refers to."""

Key = tuple[str, str]
"""(kind, sourcedId)."""
SEPARATOR = "\x1f"


def pair(parent: str, row: str) -> str:
	"""Return the id of a row of a record's table: the record's id, and that of what the row refers to."""
	return f"{parent}{SEPARATOR}{row}"


def apart(sourced_id: str) -> tuple[str, str]:
	"""Return (parent, row) of such an id."""
	parent, _separator, row = sourced_id.partition(SEPARATOR)
	return parent, row
