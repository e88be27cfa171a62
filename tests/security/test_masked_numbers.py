"""A user who may not see numbers learns none by any method of Frappe or of other apps."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace

import frappe
import pytest

from tests.integration.privacy.conftest import GUARDED
from tests.security.asking import Answer, over_http, seat
from tests.security.methods import Method, Probe, found

ROLES = ("Dialer Agent", "Dialer Emergency Approver")
KNOWN = 10
"""The attacker knows this many characters of the number, and asks whether the next digit is right."""

COUNTING = ("frappe.client.get_count",)


@pytest.fixture(scope="module")
def methods(site_connection, counted) -> list[Method]:
	every = found()
	some = [method for method in every if method.takes_a_doctype]
	counted(f"{len(every)} methods found, {len(some)} of them take a DocType")
	assert len(some) > 100
	return some


@pytest.fixture(scope="module")
def users(scene) -> dict[str, str]:
	"""Yield one user per role as committed rows, since the requests have their own connections."""
	made = {}
	for role in ROLES:
		made[role] = scene.agent.user if role == ROLES[0] else new_user(role)
	frappe.db.commit()
	yield made
	frappe.set_user("Administrator")
	for user in set(made.values()) - {scene.agent.user}:
		frappe.delete_doc("User", user, force=True)
	frappe.db.commit()


@pytest.fixture(scope="module", autouse=True)
def removed(scene):
	"""Delete what the agent's requests left behind, in every table."""
	yield
	frappe.db.rollback()
	for (table,) in frappe.db.sql(
		"select table_name from information_schema.columns "
		"where table_schema = database() and column_name = 'owner'"
	):
		frappe.db.sql("delete from `" + table + "` where owner = %s", scene.agent.user)
	frappe.db.commit()


def new_user(role: str) -> str:
	values = {"email": f"{frappe.generate_hash(length=10)}@school.example", "first_name": "Test"}
	roles = [{"role": role}]
	return (
		frappe.get_doc({"doctype": "User", "send_welcome_email": 0, "roles": roles, **values}).insert().name
	)


def probes(scene, doctype: str) -> tuple[Probe, Probe]:
	"""Return a right guess at one more digit, and a wrong one."""
	right = scene.number[: KNOWN + 1]
	wrong = right[:-1] + str((int(right[-1]) + 5) % 10)
	return tuple(Probe(doctype, scene.names[doctype], "phone", guess) for guess in (right, wrong))


def told(scene, text: str) -> bool:
	plain = text.replace(" ", "").replace("-", "").replace("(", "").replace(")", "")
	return scene.digits in plain or scene.digits[-7:] in plain or "203.0.113.9" in plain


@dataclass
class Attack:
	"""Puts both guesses to one method after the other. `ask` sends the arguments."""

	scene: SimpleNamespace
	ask: Callable[[Method, dict], Answer]
	asked: int = 0
	refused: int = 0
	answered: int = 0
	leaks: list[tuple] = field(default_factory=list)
	oracles: list[tuple] = field(default_factory=list)

	def on(self, method: Method, doctype: str, way: str) -> None:
		pair = probes(self.scene, doctype)
		if self.same(method, pair, way):
			return
		if not any(self.same(method, pair, way) for _again in range(2)):
			self.oracles.append((method.path, way, doctype))

	def same(self, method: Method, pair: tuple[Probe, Probe], way: str) -> bool:
		"""Return whether the right guess and the wrong one get the same response.

		A response that the first request changes differs only once.
		"""
		right, wrong = (self.ask(method, method.arguments(dict(probe.ways())[way])) for probe in pair)
		for answer in (right, wrong):
			self.asked += 1
			self.refused += answer.refused
			self.answered += not answer.failed
			if told(self.scene, answer.failed + answer.text):
				self.leaks.append((method.path, way, pair[0].doctype))
		return right.echoes_only(pair[0].guess, wrong, pair[1].guess)

	def report(self, who: str, methods: list[Method], counted: Callable[[str], None]) -> None:
		counted(
			f"{who}: {len(methods)} methods attacked by {self.asked} questions, {self.refused} refused, "
			f"{self.answered} answered without a number, "
			f"{len(self.leaks)} leaks, {len(self.oracles)} told a right guess from a wrong one"
		)
		assert self.refused and self.answered
		assert (self.leaks, self.oracles) == ([], [])


@pytest.mark.parametrize("role", ROLES)
def test_no_method_tells_a_number(scene, users, methods, role, counted):
	"""Try every method with all ways to write fields, filters, order and group, one DocType after another."""
	ways = [way for way, _arguments in probes(scene, GUARDED[0])[0].ways()]
	with seat(users[role]) as one:
		attack = Attack(scene, one.ask)
		for place, method in enumerate(methods):
			for turn, way in enumerate(ways):
				attack.on(method, GUARDED[(place + turn) % len(GUARDED)], way)
	attack.report(role, methods, counted)


@pytest.mark.parametrize("by_cmd", [False, True], ids=["path", "cmd"])
def test_no_request_tells_a_number(scene, methods, by_cmd, counted):
	"""Try the same over HTTP, with the method in the path and in the query, once per method."""
	attack = Attack(scene, partial(over_http, scene.agent, by_cmd))
	for place, method in enumerate(methods):
		way = "lean filters" if method.reads_the_form else "lists"
		attack.on(method, GUARDED[place % len(GUARDED)], way)
	attack.report("by cmd" if by_cmd else "by path", methods, counted)


def test_the_attack_finds_what_there_is_to_find(scene, methods):
	"""Check the attack itself as an officer, who may see numbers.

	It finds them, and distinguishes a right guess from a wrong one.
	"""
	by_path = {method.path: method for method in methods}
	with seat(scene.officer.user) as one:
		attack = Attack(scene, one.ask)
		for path in (*COUNTING, "frappe.client.get"):
			for way in ("filters", "lists", "lean filters"):
				attack.on(by_path[path], "Dialer Call Log", way)
	assert {path for path, _way, _doctype in attack.oracles} >= set(COUNTING)
	assert "frappe.client.get" in {path for path, _way, _doctype in attack.leaks}
