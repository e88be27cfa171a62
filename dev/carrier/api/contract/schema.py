"""JSON Schema, as much as description.json uses, compiled to functions.

Compiled because every answer of a busy carrier is checked. tests/unit/carrier/test_carrier_conformance.py
compares it with the ``jsonschema`` package.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

Check = Callable[[Any], Iterator[str]]
TYPES: dict[str, Callable[[Any], bool]] = {
	"string": lambda value: isinstance(value, str),
	"integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
	"number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
	"boolean": lambda value: isinstance(value, bool),
	"object": lambda value: isinstance(value, dict),
	"array": lambda value: isinstance(value, list),
	"null": lambda value: value is None,
}
KEYWORDS = {
	"$ref",
	"type",
	"enum",
	"pattern",
	"minimum",
	"maximum",
	"minLength",
	"maxLength",
	"items",
	"properties",
	"required",
	"additionalProperties",
}


def compiled(schema: dict, root: dict) -> Check:
	"""Return a function that yields what is wrong with a value, and nothing if it fits.

	``root`` holds the targets of "$ref". Raises ValueError for an unsupported keyword: ignoring one silently
	would let invalid values pass.
	"""
	if unknown := set(schema) - KEYWORDS:
		raise ValueError(f"not understood: {', '.join(sorted(unknown))}")
	if "$ref" in schema:
		target = root
		for part in schema["$ref"].removeprefix("#/").split("/"):
			target = target[part]
		return compiled(target, root)
	checks = [make(schema, root) for name, make in MAKERS.items() if name in schema]

	def check(value: Any) -> Iterator[str]:
		for one in checks:
			yield from one(value)

	return check


def _type(schema: dict, root: dict) -> Check:
	names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
	tests = [TYPES[name] for name in names]

	def check(value: Any) -> Iterator[str]:
		if not any(test(value) for test in tests):
			yield f"{_short(value)} is not {' or '.join(names)}"

	return check


def _enum(schema: dict, root: dict) -> Check:
	def check(value: Any) -> Iterator[str]:
		if value not in schema["enum"]:
			yield f"{_short(value)} is none of {', '.join(map(str, schema['enum']))}"

	return check


def _text(schema: dict, root: dict) -> Check:
	pattern = re.compile(schema.get("pattern", ""))
	shortest, longest = schema.get("minLength", 0), schema.get("maxLength")

	def check(value: Any) -> Iterator[str]:
		if not isinstance(value, str):
			return
		if not pattern.search(value):
			yield f"{_short(value)} does not match {pattern.pattern}"
		if len(value) < shortest or (longest is not None and len(value) > longest):
			yield f"{len(value)} characters are not {shortest} to {longest}"

	return check


def _range(schema: dict, root: dict) -> Check:
	smallest, largest = schema.get("minimum", float("-inf")), schema.get("maximum", float("inf"))

	def check(value: Any) -> Iterator[str]:
		if TYPES["number"](value) and not smallest <= value <= largest:
			yield f"{value} is not within {smallest} and {largest}"

	return check


def _items(schema: dict, root: dict) -> Check:
	each = compiled(schema["items"], root)

	def check(value: Any) -> Iterator[str]:
		for place, one in enumerate(value if isinstance(value, list) else ()):
			yield from (f"[{place}]: {problem}" for problem in each(one))

	return check


def _object(schema: dict, root: dict) -> Check:
	properties = {name: compiled(one, root) for name, one in schema.get("properties", {}).items()}
	required, closed = schema.get("required", []), schema.get("additionalProperties") is False

	def check(value: Any) -> Iterator[str]:
		if not isinstance(value, dict):
			return
		yield from (f"{name} is missing" for name in required if name not in value)
		for name, one in value.items():
			if name in properties:
				yield from (f"{name}: {problem}" for problem in properties[name](one))
			elif closed:
				yield f"{name} is not described"

	return check


MAKERS: dict[str, Callable[[dict, dict], Check]] = {
	"type": _type,
	"enum": _enum,
	"pattern": _text,
	"minLength": _text,
	"maxLength": _text,
	"minimum": _range,
	"maximum": _range,
	"items": _items,
	"properties": _object,
}


def _short(value: Any) -> str:
	return repr(value)[:80]
