"""Requests and answers checked against description.json; what Twilio does not describe is refused.

Each violation is also recorded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from dev.carrier.api.contract.schema import Check, compiled

MOST_KEPT = 100


@cache
def description(name: str = "description") -> dict:
	"""Return what a carrier describes: Twilio, or the one of this name."""
	return json.loads((Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8"))


@cache
def _check(whose: str, *path: str) -> Check:
	part = description(whose)
	for name in path:
		part = part[name]
	return compiled(part, description(whose))


def parameters(operation: str, whose: str = "description") -> dict[str, dict]:
	"""Return the described parameters of an operation, by name."""
	return description(whose)["operations"][operation]["parameters"]["properties"]


def typed(schema: Mapping[str, Any], values: Sequence[str], whose: str = "description") -> Any:
	"""Return the value that a form's or query's text means: "25" is 25 where an integer is described.

	Text that cannot be converted stays text, and fails the check.
	"""
	if "$ref" in schema:
		schema = description(whose)["$defs"][schema["$ref"].rpartition("/")[2]]
	kind = schema.get("type")
	if kind == "array":
		return list(values)
	text = values[-1]
	if kind == "boolean":
		return {"true": True, "false": False}.get(text.lower(), text)
	if kind in ("integer", "number"):
		try:
			return int(text) if kind == "integer" else float(text)
		except ValueError:
			return text
	return text


class Contract:
	"""Checks against the description.

	``violations``, which tests assert to be empty, holds one line of text for each of the first MOST_KEPT.
	"""

	def __init__(self, whose: str = "description") -> None:
		self.whose = whose
		self.violations: list[str] = []

	def note(self, where: str, problems: Sequence[str]) -> None:
		for problem in problems[: MOST_KEPT - len(self.violations)]:
			self.violations.append(f"{where}: {problem}")

	def request(self, operation: str, given: Mapping[str, Sequence[str]]) -> tuple[list[str], list[str]]:
		"""Return what a request has that is not described: (unknown parameters, invalid values).

		An empty value counts as absent.
		"""
		if operation not in description(self.whose)["operations"]:
			return [], []
		described = parameters(operation, self.whose)
		unknown = [f"{name} is no parameter" for name in given if name not in described]
		values = {
			name: typed(described[name], texts, self.whose)
			for name, texts in given.items()
			if name in described and any(texts)
		}
		wrong = list(_check(self.whose, "operations", operation, "parameters")(values))
		wrong += [
			f"{name} is given {len(texts)} times"
			for name, texts in given.items()
			if name in values and len(texts) > 1 and not isinstance(values[name], list)
		]
		self.note(operation, unknown + wrong)
		return unknown, wrong

	def answer(self, operation: str, status: int, body: dict | None) -> None:
		"""Record what is wrong with one of this carrier's own answers."""
		promised = description(self.whose)["operations"].get(operation)
		if promised is None and status < 400:
			return
		kind = "error" if status >= 400 else promised["answer"]
		problems = list(_check(self.whose, "schemas", kind)(body)) if kind else []
		if promised and status < 400 and status != promised["status"]:
			problems.append(f"status {status}, where {promised['status']} is described")
		self.note(f"answer to {operation}", problems)
