"""Show a school's user only what is of their schools: rows of this app, students and guardians.

Implements the hooks `permission_query_conditions` and `has_permission` by `schools.decisions`, and narrows
this app's own queries. One SQL condition is the answer to both, so a list and a form never differ.

A row about people is of a school if something in it says so, such as a student, a campaign or the field
`school`, and nothing in it speaks of another school: a row with students of two schools is shown to neither.
A row that names no school and no one of a school is the district's. Conditions hold subqueries that do not
depend on the row, never lists of names.
"""

import re
from collections.abc import Callable, Collection, Iterator

import frappe
from frappe import _

from school_dialer.base.refusal import throw
from school_dialer.base.without_permission import is_unchecked
from school_dialer.schools import registry, users
from school_dialer.schools.decisions import (
	ALL,
	DECISIONS,
	DISTRICT,
	FAMILY,
	OWN,
	SHARED,
	USER,
	WITHIN,
	Decision,
)

COPIED = re.compile(r"/api/v2/document/.+/copy/?$")

FIELD = "dialer_school"
NONE = "1 = 0"
WITH_SCHOOL = ("Employee", "Instructor", "Contact")
"""DocTypes of people, besides students, that have the field `FIELD`."""
CHANGES = ("write", "create", "delete", "submit", "cancel", "amend", "share", "import")


def conditions(doctype: str, user: str | None = None) -> str:
	"""Return SQL for the rows of this DocType that the user may read; "" for a district user."""
	user = user or frappe.session.user
	schools = users.of_user(user)
	if schools is None:
		return ""
	return trusted(Condition(schools, user).of(doctype))


def narrowing(doctype: str) -> str:
	"""Return `conditions` for the end of our own query, which names its table in full and takes values."""
	condition = conditions(doctype)
	return " and " + condition.replace("%", "%%") if condition else ""


def trusted(condition: str) -> str:
	"""Note a condition as this app's own.

	`privacy.hidden_fields` lets it use columns with numbers, and `privacy.hidden_rows` all rows: it decides
	what is shown and shows nothing itself.
	"""
	noted = getattr(frappe.local, "dialer_conditions", None)
	if noted is None:
		noted = frappe.local.dialer_conditions = set()
	noted.add(condition)
	return condition


def without_trusted(statement: str) -> str:
	"""Return an SQL statement without the conditions that this app put into it in this request."""
	noted = getattr(frappe.local, "dialer_conditions", None) or ()
	for condition in sorted(noted, key=len, reverse=True):  # One may be part of another.
		statement = statement.replace(condition, "1 = 1")
	return statement


def is_visible(doctype: str, name: str | None, user: str | None = None) -> bool:
	"""Return whether a stored row is of the user's schools. True for a district user. One query."""
	condition = conditions(doctype, user)
	return not condition or exists(doctype, name, condition)


def exists(doctype: str, name: str | None, condition: str) -> bool:
	if frappe.get_meta(doctype).issingle:
		return condition != NONE
	query = f"select 1 from `tab{doctype}` where name = %s and ({condition.replace('%', '%%')})"
	return bool(frappe.db.sql(query, (name,)))


def allowed(doc, ptype: str = "read", user: str | None = None) -> bool:
	"""Return whether the row is of the user's schools. Hook for `has_permission`.

	For a change, both the stored row and the row as it would be stored must be.
	"""
	user = user or frappe.session.user
	schools = users.of_user(user)
	if schools is None:
		return True
	decision, condition = DECISIONS[doc.doctype], Condition(schools, user)
	if ptype in CHANGES and not may_change(doc, decision, schools, user):
		return False
	if ptype == "create" or doc.get("__islocal"):
		return True
	wanted = condition.changed(doc.doctype) if ptype in CHANGES else condition.of(doc.doctype)
	return exists(doc.doctype, doc.name, wanted)


def may_change(doc, decision: Decision, schools: Collection[str], user: str) -> bool:
	"""Return whether a row as it would be stored is of the user's schools, as far as its own fields say."""
	if decision.kind in (DISTRICT, ALL) or doc.doctype == registry.DOCTYPE:
		return False
	if decision.kind in (OWN, SHARED) and doc.get(decision.school) not in schools:
		return False
	return all(
		is_visible(doctype, doc.get(column), user) for column, doctype in decision.uses if doc.get(column)
	)


def check_written(doc, _event: str | None = None) -> None:
	"""Raise PermissionError if a user wrote a row that is not of their schools.

	Hook for after_insert and on_update of the DocTypes whose rows users create.
	"""
	if not is_unchecked(doc) and not is_visible(doc.doctype, doc.name):
		throw(_("This is not of your school."), frappe.PermissionError)


def readers(people: Collection[str], doctype: str | None, name: str | None) -> set[str]:
	"""Return those of these users who may be notified about a row; news of no row is the district's.

	Other apps' rows are for those named. If there are only schools' users, news of no row is theirs.
	"""
	district = users.of_district(people)
	if not doctype:
		return district or set(people)
	if doctype not in DECISIONS:
		return set(people)
	return district | {user for user in set(people) - district if is_visible(doctype, name, user)}


class Condition:
	"""SQL conditions for one user of these schools. `schools` are quoted for the IN of a query."""

	def __init__(self, schools: Collection[str], user: str):
		self.schools = quoted(sorted(schools))
		self.user = quoted([user])

	def of(self, doctype: str) -> str:
		"""Return the condition for the rows of this DocType that the user may read."""
		decision, table = DECISIONS[doctype], f"`tab{doctype}`"
		return {
			DISTRICT: lambda: NONE,
			ALL: lambda: "1 = 1",
			OWN: lambda: f"{table}.{decision.school} in ({self.schools})",
			SHARED: lambda: f"ifnull({table}.{decision.school}, '') in ('', {self.schools})",
			USER: lambda: f"{table}.{decision.user} = {self.user}",
			WITHIN: lambda: self.within(decision, table, self.of),
			FAMILY: lambda: self.family(decision, table),
		}[decision.kind]()

	def changed(self, doctype: str) -> str:
		"""Return the condition for the stored rows that the user may change."""
		decision = DECISIONS[doctype]
		if decision.kind == SHARED:
			return f"`tab{doctype}`.{decision.school} in ({self.schools})"
		if decision.kind == WITHIN:
			return self.within(decision, f"`tab{doctype}`", self.changed)
		return self.of(doctype)

	def within(self, decision: Decision, table: str, condition_of: Callable[[str], str]) -> str:
		"""Return the condition that the row is part of one that meets its DocType's condition."""
		column, doctype = decision.within
		of_parent = f"{table}.{column} in (select name from `tab{doctype}` where {condition_of(doctype)})"
		if not decision.user:
			return of_parent
		of_user = f"(ifnull({table}.{column}, '') = '' and {table}.{decision.user} = {self.user})"
		return f"({of_parent} or {of_user})"

	def family(self, decision: Decision, table: str) -> str:
		"""Return the condition that something says it is of these schools, and nothing speaks of another."""
		return f"(({' or '.join(self.says(decision, table))}) and {self.agrees(decision, table)})"

	def says(self, decision: Decision, table: str) -> Iterator[str]:
		"""Yield conditions, each of which says that the row is of these schools."""
		if decision.school:
			yield f"{table}.{decision.school} in ({self.schools})"
		if decision.students:
			yield f"ifnull({table}.{decision.students}, '') not in ('', '[]')"
		for pair in decision.people:
			yield self.of_person(table, *pair)
		for column, doctype in decision.links:
			yield f"{table}.{column} in (select name from `tab{doctype}` where school in ({self.schools}))"
		if decision.number:
			for numbers in self.numbers():
				yield f"{table}.{decision.number} in ({numbers})"

	def agrees(self, decision: Decision, table: str) -> str:
		"""Return the condition that nothing in the row speaks of another school."""
		own_or_none = f"in ('', {self.schools})"
		parts = [f"ifnull({table}.{decision.school}, '') {own_or_none}"] if decision.school else []
		if decision.students:
			parts.append(
				f"not exists (select 1 from {listed(table, decision.students)} "
				f"where child.student not in ({self.students()}))"
			)
		parts += [self.of_no_other(table, *pair) for pair in decision.people]
		for column, doctype in decision.links:
			named = f"select name from `tab{doctype}` where ifnull(school, '') {own_or_none}"
			parts.append(f"(ifnull({table}.{column}, '') = '' or {table}.{column} in ({named}))")
		for kind, column, doctype in decision.references:
			other = f"{table}.{kind} != '{doctype}'" if kind else "1 = 0"
			agreeing = self.agrees(DECISIONS[doctype], f"`tab{doctype}`")
			named = f"select name from `tab{doctype}` where {agreeing}"
			parts.append(f"(ifnull({table}.{column}, '') = '' or {other} or {table}.{column} in ({named}))")
		return " and ".join(parts) or "1 = 1"

	def of_person(self, table: str, doctype: str, name: str) -> str:
		"""Return the condition that a row's person is of these schools."""
		return self.person(table, doctype, name, self.with_school)

	def of_no_other(self, table: str, doctype: str, name: str) -> str:
		"""Return the condition that a row's person is not of another school.

		A student and a guardian are of none but their own; staff and contacts may be the district's.
		"""
		no_one = f"ifnull({table}.{name}, '') = ''"
		of_person = self.person(table, doctype, name, self.without_other)
		if not doctype:
			return f"({no_one} or {of_person})"
		kinds = quoted(("Student", "Guardian", *WITH_SCHOOL))
		return f"({no_one} or ifnull({table}.{doctype}, '') not in ({kinds}) or {of_person})"

	def person(self, table: str, doctype: str, name: str, named: Callable[[str], str]) -> str:
		"""Return the condition that the person is one of those that SQL finds for their DocType."""
		if not doctype:
			return f"{table}.{name} in ({self.students()})"
		sql_of = {"Student": self.students(), "Guardian": self.guardians()}
		sql_of |= {kind: named(kind) for kind in WITH_SCHOOL if frappe.db.has_column(kind, FIELD)}
		kinds = [
			f"({table}.{doctype} = '{kind}' and {table}.{name} in ({sql}))" for kind, sql in sql_of.items()
		]
		return f"({' or '.join(kinds)})"

	def students(self) -> str:
		"""Return SQL for the names of these schools' students."""
		if not has_students():
			return no_names()
		return f"select name from `tabStudent` where {FIELD} in ({self.schools})"

	def guardians(self) -> str:
		"""Return SQL for the names of those who have a child at these schools."""
		if not has_students() or not frappe.db.exists("DocType", "Student Guardian", cache=True):
			return no_names()
		return (
			"select guardian from `tabStudent Guardian` where parenttype = 'Student' "
			f"and guardian is not null and parent in ({self.students()})"
		)

	def with_school(self, doctype: str) -> str:
		return f"select name from `tab{doctype}` where {FIELD} in ({self.schools})"

	def without_other(self, doctype: str) -> str:
		return f"select name from `tab{doctype}` where ifnull({FIELD}, '') in ('', {self.schools})"

	def numbers(self) -> list[str]:
		"""Return SQL for the numbers at which these schools' families are called or gave consent."""
		recipients, consents = "`tabDialer Recipient`", "`tabContact Consent`"
		return [
			f"select phone from {recipients} where {self.family(DECISIONS['Dialer Recipient'], recipients)}",
			f"select phone from {consents} where {self.of_person(consents, 'person_doctype', 'person')}",
		]


def of_student(user: str | None = None) -> str:
	"""Return SQL for the students of the user's schools. Hook for `permission_query_conditions`.

	Frappe by itself would also show students without a school.
	"""
	schools = users.of_user(user)
	if schools is None or not frappe.db.has_column("Student", FIELD):
		return ""
	return f"`tabStudent`.{FIELD} in ({quoted(sorted(schools))})"


def of_guardian(user: str | None = None) -> str:
	"""Return SQL for those with a child at the user's schools, and the guardians that the user entered.

	Of a user who is limited to some students, for those with a child among these.
	"""
	user = user or frappe.session.user
	schools, students = users.of_user(user), users.students_of(user)
	if schools is None and students is None:
		return ""
	entered, of_children = f"`tabGuardian`.owner = {quoted([user])}", no_names()
	if frappe.db.exists("DocType", "Student Guardian", cache=True):
		entered += " and `tabGuardian`.name not in (select ifnull(guardian, '') from `tabStudent Guardian`)"
		of_children = (
			"select guardian from `tabStudent Guardian` where parenttype = 'Student' and guardian is not null"
		)
	if schools is not None:
		of_children = Condition(schools, user).guardians()
	if students is not None:
		of_children += f" and parent in ({quoted(sorted(students))})"
	return f"(`tabGuardian`.name in ({of_children}) or ({entered}))"


def may_open_person(doc, ptype: str = "read", user: str | None = None) -> bool | None:
	"""Return False if the student or guardian is not of the user's schools. Hook for `has_permission`.

	Creation is left to roles and User Permissions. Otherwise other apps' hooks decide. A guardian that the
	user of this request may read is left with the children of the user's schools, and is not copied if that
	leaves some out: Education gives a copy all of them again, after this check.
	"""
	condition = {"Student": of_student, "Guardian": of_guardian}[doc.doctype](user)
	if not condition or ptype == "create" or doc.get("__islocal"):
		return undecided()
	if not exists(doc.doctype, doc.name, condition):
		return False
	if user in (None, frappe.session.user) and show_own_children(doc) and is_copied():
		return False
	return undecided()


def undecided() -> bool | None:
	"""Return what leaves a decision to others: Frappe 15 takes the first answer, Frappe 16 wants a yes."""
	return None if int(frappe.__version__.partition(".")[0]) < 16 else True


def is_copied() -> bool:
	"""Return whether this request asks the REST API of newer Frappe for a copy of a document."""
	request = getattr(frappe.local, "request", None)
	return bool(request and COPIED.match(request.path))


def show_own_children(doc, _event: str | None = None) -> bool:
	"""Take children of other schools off a guardian as it was read. Hook for onload.

	Return whether there were any.

	Education lists them all whenever it reads a guardian, and once more for the form. A form has a hook of
	its own; REST and print formats are narrowed where they ask for permission.
	"""
	condition = of_student().replace("%", "%%") if doc.get("students") else ""
	read = len(doc.get("students") or ())
	if condition:
		names = tuple(row.student for row in doc.students)
		may = {
			name
			for (name,) in frappe.db.sql(
				f"select name from `tabStudent` where name in %s and {condition}", (names,)
			)
		}
		doc.set("students", [row for row in doc.students if row.student in may])
	return read > len(doc.get("students") or ())


def has_students() -> bool:
	return bool(frappe.db.exists("DocType", "Student", cache=True)) and frappe.db.has_column("Student", FIELD)


def no_names() -> str:
	return f"select name from `tab{registry.DOCTYPE}` where {NONE}"


def listed(table: str, column: str) -> str:
	"""Return SQL for the students of a row as a table."""
	return (
		f"json_table(ifnull(nullif({table}.{column}, ''), '[]'), '$[*]' columns "
		"(student varchar(140) path '$')) child"
	)


def quoted(values: Collection[str]) -> str:
	"""Return escaped literals for the IN of a query that takes no values."""
	return ", ".join(frappe.db.escape(value, percent=False) for value in values)


def _hook(doctype: str) -> Callable[[str | None], str]:
	def of_rows(user: str | None = None) -> str:
		return conditions(doctype, user)

	return of_rows


def hook_of(doctype: str) -> str:
	"""Return the dotted path of the `permission_query_conditions` of a DocType."""
	return f"{__name__}.of_{doctype.lower().replace(' ', '_')}"


# Frappe calls the hook with a user and, in some releases, without the DocType.
globals().update({hook_of(_doctype).rpartition(".")[2]: _hook(_doctype) for _doctype in DECISIONS})
