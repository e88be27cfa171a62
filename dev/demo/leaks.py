"""Whether any student record was spoken to a machine, written in a text, or disclosed too early.

Too early is before the person confirmed who they are. Pure: it reads the carrier's own journal, line by line,
and does not use the dialer's decisions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

CONFIRM = "1"
ABSENCE_WORDS = ("marked absent", "was absent", "were absent", "registró la ausencia")
MONTHS = {
	"en": "January February March April May June July August September October November December".split(),
	"es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
}


@dataclass(frozen=True)
class Family:
	"""The person called, and what their records hold: the names and groups of their children."""

	person_name: str
	values: tuple[str, ...]


def secrets_of(family: Family, month: int, day: int) -> list[re.Pattern]:
	"""Return patterns of what must not be disclosed.

	They are the values, except those in the guardian's own name, the day, and words about an absence.
	"""
	own = {word.lower() for word in family.person_name.split()}
	words = [
		value for value in family.values if value and not {part.lower() for part in value.split()} <= own
	]
	words += [f"{MONTHS['en'][month - 1]} {day}", f"{day} de {MONTHS['es'][month - 1]}", *ABSENCE_WORDS]
	return [re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE) for word in words]


def leaks(journal: Iterable[dict], families: Mapping[str, Family], month: int, day: int) -> Iterator[str]:
	"""Yield one sentence for each breach. `families` is by number (E.164)."""
	patterns = {number: secrets_of(family, month, day) for number, family in families.items()}
	confirmed: set[str] = set()
	for line in journal:
		known = patterns.get(line.get("to"))
		if known is None:
			continue
		if line["kind"] == "message":
			if reveals(known, [line.get("params", {}).get("Body", "")]):
				yield f"A text ({line.get('sid')}) says something of a student's records."
		elif line["kind"] == "twiml":
			to_machine = is_machine(line.get("answered_by"))
			if (to_machine or line["sid"] not in confirmed) and reveals(known, line["sentences"]):
				whom = "a machine" if to_machine else "a person who had not confirmed who they are"
				yield f"Call {line['sid']} says something of a student's records to {whom}."
			if (line.get("digits") or "").startswith(CONFIRM):
				confirmed.add(line["sid"])


def reveals(patterns: list[re.Pattern], sentences: Iterable[str]) -> bool:
	return any(pattern.search(sentence) for sentence in sentences for pattern in patterns)


def is_machine(answered_by: str | None) -> bool:
	return bool(answered_by) and (answered_by == "fax" or answered_by.startswith("machine"))


def kind_of_content(lines: list[dict], family: Family, month: int, day: int) -> str:
	"""Return the content of a call by the carrier's journal.

	One of "full", "generic", "voicemail, generic" and "nothing".
	"""
	spoken = [sentence for line in lines for sentence in line["sentences"]]
	if not spoken:
		return "nothing"
	if reveals(secrets_of(family, month, day), spoken):
		return "full"
	return "voicemail, generic" if any(is_machine(line.get("answered_by")) for line in lines) else "generic"
