"""What any method can do to whom: no row about a child, no number, no file, and nothing written by a link.

A list of methods is never complete, since one may call another. So each method of each other app is asked
directly, by GET and POST, and through the two that call others, as users of all kinds, about children,
numbers, and files that are planted here. Only what comes of it counts. This app's own methods mask by
themselves: `tests/integration/roles` and `tests/integration/privacy` try every one, `test_verbs` their verbs.
"""

import json
import re
import secrets
import socket
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial, wraps

import frappe
import pytest
from frappe.database.database import Database
from rq import Queue

from school_dialer.desk.support import verb
from tests.effort import ALL, EFFORT
from tests.integration import districts
from tests.integration.privacy import children, portal
from tests.integration.privacy.children import ATTENDANCE
from tests.security.asking import Answer, Seat, nothing, seat
from tests.security.methods import Method, Probe, found

pytestmark = pytest.mark.exhaustive

READS = ("Academics User",)
WHO = {
	"website user": (),
	"guardian in Education's portal": portal.ROLES,
	"instructor": ("Instructor",),
	"agent": ("Dialer Agent",),
	"approver": ("Dialer Emergency Approver",),
	"one child's manager": ("Dialer Manager", *READS),
	"one company's System Manager": ("System Manager", *READS),
	"officer": ("Dialer Compliance Officer", *READS),
}
"""Users and their roles.

The guardian has a child of her own, whose other guardian is called. Education lets her and instructors read
every Student. The manager is limited to one student, and the System Manager to one company and one school.
The officer may read all, which shows what the questions find. The others may read no student.
"""
PORTAL, INSTRUCTOR, LIMITED, ADMIN, CONTROL = (
	"guardian in Education's portal",
	"instructor",
	"one child's manager",
	"one company's System Manager",
	"officer",
)
STUDENT = "student"
"""The way of asking about a student's own record."""
CALLING = ("frappe.model.mapper.make_mapped_doc", "frappe.model.mapper.map_docs")
WRITES = re.compile(r"\s*(?:insert|update|delete|replace)\b[^`]*`tab([^`]+)`", re.IGNORECASE)
CHANGES_TABLES = re.compile(r"\s*(?:create|alter|drop|truncate|rename|optimize)\b", re.IGNORECASE)
HERE = frozenset({"localhost", "127.0.0.1", "::1", None})
MOST_METHODS = 300
"""Of a shorter run, spread over all, with seven questions each: so it ends within two minutes."""


@dataclass
class Scene:
	methods: list[Method]
	families: children.Scene
	file: str
	url: str
	content: str
	own: frozenset[str]
	"""This app's DocTypes."""
	schools: tuple[str, str]
	"""Of the two children."""
	kept: list[str] = field(default_factory=list)
	"""The DocTypes of this app that the present request has written to, and then committed."""
	written: list[str] = field(default_factory=list)

	def hidden_from(self, who: str, way: str) -> tuple[str, ...]:
		"""Return the texts by which is recognized what this user may not see, asked for in this way."""
		mine, other = self.families.mine, self.families.other
		if who == INSTRUCTOR and way == STUDENT:
			return (*beside_student(mine), *beside_student(other), self.content)
		if who == CONTROL:
			return (self.content,)
		if who == PORTAL:
			return (*portal.hidden(mine), *portal.hidden(other), self.content)
		if who == LIMITED:  # Managers see the number of a consent that names no one, as the guardian's here.
			return (*other.secrets, other.own_phone[-10:], self.content)
		hidden = (other,) if who == ADMIN else (mine, other)
		return (*(text for child in hidden for text in (*child.of_family, *numbers_of(child))), self.content)


def beside_student(child: children.Child) -> tuple[str, ...]:
	"""Return what is not on a student's record: the guardian's number, and what the family owes."""
	return child.phone[-10:], str(child.owes), f"{child.owes:,.2f}"


def numbers_of(child: children.Child) -> tuple[str, str]:
	return child.phone[-10:], child.own_phone[-10:]


@pytest.fixture
def scene(monkeypatch) -> Iterator[Scene]:
	"""Two families of two schools with rows of every kind, and someone's private file, all rolled back."""
	methods = found()  # It imports all apps, which nothing here may disturb.
	keep_inside(monkeypatch)
	own = frozenset(frappe.get_all("DocType", {"module": "School Dialer"}, pluck="name", order_by="name"))
	with districts.district("North", "South") as schools, seat("Administrator"):
		content, name = f"q{secrets.token_hex(8)}", f"{secrets.token_hex(8)}.csv"
		values = {"doctype": "File", "file_name": name, "content": content, "is_private": 1}
		file = frappe.get_doc(values).insert()
		found_scene = Scene(methods, families(schools), file.name, file.file_url, content, own, schools)
		note_writes(monkeypatch, found_scene)
		yield found_scene
		frappe.set_user("Administrator")
		frappe.delete_doc("File", file.name, force=True)
	frappe.clear_cache()  # Of what a System Manager changed.


def families(schools: tuple[str, str]) -> children.Scene:
	"""Make two families of these schools, with what the school and the dialer note on their students."""
	made = children.scene()
	for child, school in zip(made.children, schools, strict=True):
		frappe.db.set_value("Student", child.student, "dialer_school", school, update_modified=False)
	portal.note_on(made)
	return made


def keep_inside(monkeypatch) -> None:
	"""Let no method reach another host, start a program, put a job into a queue, or change a table."""
	resolve = socket.getaddrinfo

	def here_only(host, *args, **kwargs):
		if host not in HERE:
			raise OSError(f"not in this test: {host}")
		return resolve(host, *args, **kwargs)

	def no_program(*_args, **_kwargs):
		raise OSError("not in this test")

	monkeypatch.setattr(socket, "getaddrinfo", here_only)
	monkeypatch.setattr(subprocess, "Popen", no_program)
	monkeypatch.setattr(Queue, "enqueue_call", nothing)


def note_writes(monkeypatch, scene: Scene) -> None:
	"""Note which of this app's DocTypes a request writes to, and what a commit keeps of that."""
	sql = Database.sql

	@wraps(sql)
	def run(self, query, *args, **kwargs):
		if CHANGES_TABLES.match(str(query)):  # MariaDB would commit.
			raise OSError("not in this test")
		write = WRITES.match(str(query))
		if write and write[1] in scene.own:
			scene.written.append(write[1])
		return sql(self, query, *args, **kwargs)

	def commit(_db, *_args, **_kwargs) -> None:
		scene.kept += scene.written

	monkeypatch.setattr(Database, "sql", run)
	frappe.db.commit = partial(verb.asking(commit), frappe.db)


@dataclass
class Attack:
	"""Asks one user's questions. `leaks` and `writes` say by which method and way something came of them."""

	scene: Scene
	who: str
	one: Seat
	counts: Counter = field(default_factory=Counter)
	leaks: list[tuple] = field(default_factory=list)
	writes: list[tuple] = field(default_factory=list)

	def on(self, method: Method, doctype: str) -> None:
		"""Ask a method about a row of this DocType, and about the file, in every way."""
		row = self.scene.families.rows[doctype][self.scene.families.other.student]
		probe = Probe(doctype, row, "name", self.scene.families.other.tag)
		form = probe.form({}, ["*"], "name", None)
		self.ask("form", method, method.arguments(form), method.verb)
		self.ask("GET", method, method.arguments(dict(probe.ways())["lean filters"]), "GET")
		self.ask("file", method, method.arguments(self.of_file()), method.verb)
		for calling, arguments in (
			(CALLING[0], {"method": method.path, "source_name": row}),
			(CALLING[1], {"method": method.path, "source_names": json.dumps([doctype]), "target_doc": row}),
		):
			caller = Method(calling, frappe.get_attr(calling))
			for with_verb in ("GET", "POST"):
				self.ask("through", caller, arguments, with_verb, method.path)
		self.about_students(method)

	def about_students(self, method: Method) -> None:
		"""Ask about the records of both children themselves, which Education shows to some."""
		for child in self.scene.families.children:
			probe = Probe("Student", child.student, "name", child.tag)
			self.ask(STUDENT, method, method.arguments(probe.form({}, ["*"], "name", None)), method.verb)

	def of_file(self) -> dict:
		probe = Probe("File", self.scene.file, "name", self.scene.file[:4])
		address = dict.fromkeys(("file_url", "fid", "url", "path", "import_file"), self.scene.url)
		return {**probe.form({}, ["*"], "name", None), **address, "files": json.dumps([self.scene.file])}

	def ask(self, way: str, method: Method, arguments: dict, with_verb: str, through: str = "") -> Answer:
		self.scene.written.clear()
		self.scene.kept.clear()
		frappe.local.flags.commit = False
		answer = self.one.ask(method, arguments, with_verb)
		if frappe.local.flags.commit:
			self.scene.kept += self.scene.written
		self.counts.update({"asked": 1, "refused": answer.refused, "answered": not answer.failed})
		name, given = through or method.path, json.dumps(arguments, default=str)
		text = answer.failed + answer.text
		leaked = children.leaks(text, self.scene.hidden_from(self.who, way))
		other = self.scene.families.other
		self.counts["shown"] += any(one in text and one not in given for one in (other.name, other.student))
		self.leaks += [(name, way, one) for one in leaked if one not in given]
		if with_verb == "GET":
			self.writes += [(name, way, one) for one in self.scene.kept]
		return answer


def seats(scene: Scene) -> dict[str, Seat]:
	mine = scene.families.mine
	companies = frappe.get_all("Company", pluck="name", order_by="name", limit=1) if has_companies() else ()
	limits = {
		LIMITED: [("Student", mine.student)],
		ADMIN: [("Dialer School", scene.schools[0]), *(("Company", name) for name in companies)],
	}
	made = {}
	for who, roles in WHO.items():
		frappe.set_user("Administrator")
		known = [role for role in roles if frappe.db.exists("Role", role)]
		new = portal.guardian_of(mine) if who == PORTAL else children.user(*known, allow=limits.get(who, ()))
		made[who] = Seat(new)
	return made


def has_companies() -> bool:
	return bool(frappe.db.exists("DocType", "Company"))


def some_of(methods: list[Method]) -> list[Method]:
	"""Return all methods, or in a shorter run every so many-th, always the same ones."""
	return methods if EFFORT == ALL else methods[:: -(-len(methods) // MOST_METHODS)]


def test_no_method_has_an_effect_that_its_user_may_not_have(scene, counted: Callable[[str], None]):
	"""Ask every method as every user; in a shorter run some methods as one of them each, in turn."""
	methods, doctypes = some_of(scene.methods), sorted(scene.families.rows)
	attacks = [Attack(scene, who, one) for who, one in seats(scene).items()]
	for place, method in enumerate(methods):
		for turn, attack in enumerate(attacks):
			if EFFORT == ALL or turn == place % len(attacks):
				attack.on(method, doctypes[(place + turn) % len(doctypes)])
	for attack in attacks:
		counted(
			f"{attack.who}: {attack.counts['asked']} questions to {len(methods)} methods, "
			f"{attack.counts['refused']} refused, {attack.counts['answered']} answered, "
			f"{attack.counts['shown']} with the other child, "
			f"{len(attack.leaks)} leaks, {len(attack.writes)} writes by GET"
		)
	assert all(attack.counts["refused"] and attack.counts["answered"] for attack in attacks)
	assert [one for attack in attacks for one in attack.leaks] == []
	assert [one for attack in attacks for one in attack.writes] == []


def test_the_attack_finds_what_there_is_to_find(scene):
	"""Check the attack itself, as users who may see children, numbers, and files."""
	by_path = {method.path: method for method in scene.methods}
	user = children.user("Dialer Compliance Officer", "Dialer Manager", *READS, "System Manager")
	attack = Attack(scene, "agent", Seat(user))
	attack.on(by_path["frappe.client.get"], "Dialer Recipient")
	family = scene.families.other
	leaked = {one for _name, _way, one in attack.leaks}
	assert {*numbers_of(family)} & leaked and {family.name, family.student} & leaked
	attack = Attack(scene, PORTAL, Seat(user))
	attack.about_students(by_path["frappe.desk.form.load.getdoc"])
	noted = {one for _name, _way, one in attack.leaks}
	assert {*portal.noted_on(scene.families.mine), *portal.noted_on(family)} <= noted
	# A private file that is attached to nothing is its owner's.
	frappe.db.set_value("File", scene.file, "owner", user, update_modified=False)
	opened = [path for path in by_path if path.endswith(".download_file")]
	answers = [attack.ask("file", by_path[path], {"file_url": scene.url}, "GET").text for path in opened]
	assert any(scene.content in answer for answer in answers)


def test_a_write_that_a_get_keeps_is_noticed(scene):
	"""Check what notices writes, by a method of another app that commits in a GET."""

	@frappe.whitelist()
	def writes(name: str) -> None:
		frappe.db.set_value("Dialer Campaign", name, "title", "Written by a link")
		frappe.db.commit()

	try:
		frappe.call(writes, name=scene.families.campaigns[ATTENDANCE])
		assert scene.kept == ["Dialer Campaign"]
	finally:
		frappe.whitelisted.remove(writes)
		frappe.allowed_http_methods_for_whitelisted_func.pop(writes, None)
