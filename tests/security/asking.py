"""Calling methods as another user: in this process for many calls, and over HTTP."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import frappe
from frappe.handler import execute_cmd
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from dev.patience import PATIENCE
from school_dialer.desk import withheld
from school_dialer.privacy import hidden_fields, hidden_files
from tests.security.methods import Method

NOISE = re.compile(
	r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
	r"|\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?|\b[0-9a-z]{10,}\b|\d+\.\d+|0x[0-9a-f]+"
	r"|line \d+|\b\d{6,}\b|\b[a-z_-]+\d{4}\b"
	r"|\b(tab|section|column)_[0-9a-z]{4}\b",
	re.IGNORECASE,
)
"""What differs between two responses to the same request.

These are ids of tasks, times, names, durations, memory addresses, counters, and the parts of Frappe CRM's
layouts, which get a random name each time.
"""

STATE = ("request", "form_dict", "response", "lang")
"""What of this process a request changes. Outside a request, Frappe has no `request` at all."""
JSON = {"Accept": "application/json"}


@dataclass(frozen=True)
class Answer:
	refused: bool
	text: str
	failed: str = ""

	@property
	def quiet(self) -> str:
		return NOISE.sub("#", self.failed + self.text)

	def echoes_only(self, guess: str, other: "Answer", other_guess: str) -> bool:
		"""Return whether both responses are equal, or differ only in the guess that they repeat."""
		texts = (self.failed + self.text, other.failed + other.text)
		if self.quiet == other.quiet:
			return True
		blanked = [
			NOISE.sub("#", text.replace(each, "?"))
			for text, each in zip(texts, (guess, other_guess), strict=True)
		]
		return blanked[0] == blanked[1]


@contextmanager
def seat(user: str) -> Iterator["Seat"]:
	"""Act in this process as this user, watched as a request is.

	Nothing is committed, queued or sent, and everything is rolled back. A transaction that begins would
	commit the one before.
	"""
	kept = {name: getattr(frappe.local, name) for name in STATE if hasattr(frappe.local, name)}
	enqueue, frappe.enqueue = frappe.enqueue, nothing
	frappe.db.commit = frappe.db.rollback = frappe.db.begin = nothing
	hidden_fields.begin()
	hidden_files.begin()
	withheld.begin()
	try:
		yield Seat(user)
	finally:
		del frappe.db.commit, frappe.db.rollback, frappe.db.begin, frappe.local.dialer_hidden
		frappe.enqueue = enqueue
		for name in STATE:
			if name in kept:
				setattr(frappe.local, name, kept[name])
			elif hasattr(frappe.local, name):
				delattr(frappe.local, name)
		frappe.db.rollback()
		frappe.set_user("Administrator")


def nothing(*_args, **_kwargs) -> None:
	pass


@dataclass
class Seat:
	user: str

	def ask(self, method: Method, arguments: dict, verb: str = "", keep: bool = False) -> Answer:
		"""Ask, and take back what was written; with `keep` only if the question failed, as a request does."""
		path, verb = method.path, verb or method.verb
		frappe.set_user(self.user)
		frappe.local.request = Request(EnvironBuilder(path="/", method=verb).get_environ())
		frappe.local.response = frappe._dict(docs=[])
		frappe.local.form_dict = frappe._dict(arguments, cmd=path)
		frappe.clear_messages()
		frappe.db.savepoint("seat")
		refused, failed, value = False, "", None
		try:
			value = execute_cmd(path)
		except frappe.PermissionError as error:
			refused, failed = True, f"{type(error).__name__}: {error}"
		except (Exception, SystemExit) as error:
			failed = f"{type(error).__name__}: {error}"
		if failed or not keep:
			with suppress(Exception):  # A DDL statement has ended the transaction.
				frappe.db.sql("rollback to savepoint seat")
		frappe.db.transaction_writes = 0
		told = [value, dict(frappe.local.response), frappe.local.message_log]
		return Answer(refused, json.dumps(told, default=written), failed)


def written(value: object) -> str:
	if isinstance(value, bytes):
		return value.decode("utf-8", "replace")
	if hasattr(value, "as_dict"):
		return json.dumps(value.as_dict(), default=str)
	if hasattr(value, "get_data"):
		return value.get_data(as_text=True)
	return str(value)


def over_http(desk, by_cmd: bool, method: Method, arguments: dict) -> Answer:
	"""Send a request to the served site, with the method in its path or, as `cmd`, in its query."""
	path, verb = method.path, method.verb
	values = {
		name: value if isinstance(value, str) else json.dumps(value)
		for name, value in arguments.items()
		if value is not None
	}
	query = {"cmd": path} if by_cmd else {}
	address = f"{desk.url}/" if by_cmd else f"{desk.url}/api/method/{path}"
	if verb == "GET":
		response = desk.session.get(address, params={**values, **query}, headers=JSON, timeout=PATIENCE)
	else:
		response = desk.session.request(
			verb, address, params=query, data=values, headers=JSON, timeout=PATIENCE
		)
	status = response.status_code
	return Answer(status == 403, response.text, "" if status == 200 else str(status))
