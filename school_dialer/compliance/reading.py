"""Read checked values from a policy's JSON. Every error names the field."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from school_dialer.base.bounds import bounded_json

LONGEST, DEEPEST, MOST_VALUES = 1_000_000, 30, 50_000
"""The limits of a policy as JSON, many times the size of our longest one."""


class PolicyError(ValueError):
	"""The policy data are not usable. The message names the field."""


def parse(text: str) -> Any:
	"""Parse JSON in which no object has the same key twice.

	Text larger than a policy can be is refused before it is parsed. Raises PolicyError, and
	json.JSONDecodeError for text that is not JSON.
	"""
	try:
		text = bounded_json.measured(text, LONGEST, DEEPEST, MOST_VALUES)
	except bounded_json.NotRead as refusal:
		raise PolicyError(str(refusal)) from None
	return json.loads(text, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
	members = dict(pairs)
	if len(members) != len(pairs):
		counts = Counter(key for key, _ in pairs)
		raise PolicyError(f"{next(key for key in counts if counts[key] > 1)[:40]} is there twice")
	return members


def refuse_unknown_keys(data: Mapping[str, Any], allowed: Iterable[str], path: str = "") -> None:
	"""Raise PolicyError for a key that no rule reads: a typo would be a rule that silently does not apply."""
	unknown = sorted(set(data) - set(allowed))
	if unknown:
		raise PolicyError(f"{path}.{unknown[0][:40]}".strip(".") + " is not known")


def get(data: Mapping[str, Any], key: str, kind: type, path: str = "") -> Any:
	"""Return the value under ``key``. Raises PolicyError when it is missing or is not a ``kind``."""
	where = f"{path}.{key}" if path else key
	if not isinstance(data, Mapping) or key not in data:
		raise PolicyError(f"{where} is missing")
	value = data[key]
	if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
		raise PolicyError(f"{where} has the wrong type")
	return value


def text(data: Mapping[str, Any], key: str, path: str = "") -> str:
	"""Return stripped text. Raises PolicyError when it is missing or empty."""
	value = get(data, key, str, path).strip()
	if not value:
		raise PolicyError(f"{path}.{key}".strip(".") + " is empty")
	return value


def day(value: str, path: str) -> date:
	try:
		return date.fromisoformat(value)
	except ValueError:
		raise PolicyError(f"{path} is not a date") from None


def number(
	data: Mapping[str, Any], key: str, path: str, least: int, most: int, optional: bool = False
) -> int | None:
	"""Return an integer within the limits. Raises PolicyError otherwise.

	Returns None when the number is ``optional`` and missing.
	"""
	if optional and data.get(key) is None:
		return None
	value = get(data, key, int, path)
	if not least <= value <= most:
		raise PolicyError(f"{path}.{key} must be between {least} and {most}")
	return value


def strings(data: Mapping[str, Any], key: str, path: str) -> list[str]:
	values = get(data, key, list, path)
	if not all(isinstance(value, str) and value for value in values):
		raise PolicyError(f"{path}.{key} must be a list of texts")
	return values


def chosen(data: Mapping[str, Any], key: str, path: str, allowed: Iterable[str]) -> frozenset[str]:
	"""Return a non-empty list of allowed words as a set.

	Raises PolicyError for an empty list or another word.
	"""
	values = frozenset(strings(data, key, path))
	if not values or not values <= set(allowed):
		raise PolicyError(f"{path}.{key} must name some of {', '.join(allowed)}")
	return values
