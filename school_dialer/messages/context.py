"""Field values of many subjects at once, as read from records.

They are not cleaned yet, and typed by their fields' declarations.
"""

from collections.abc import Iterable
from typing import Any

from school_dialer.messages.catalogue import fields as catalogue_fields
from school_dialer.messages.model import Subject

CHUNK = 500


def read_values(subjects: Iterable[Subject], names: Iterable[str] | None = None) -> dict[str, dict[str, Any]]:
	"""Return ``{subject.key: {field name: value or None}}`` for the named fields, or for all of them.

	Every subject has an entry, and every named field a key. Each provider that declares one of the names
	takes a fixed number of queries per chunk of 500 subjects; the other providers are not called. A provider
	can only fill fields it declares.
	"""
	subjects = list(subjects)
	catalogue = catalogue_fields()
	wanted = [name for name in (catalogue if names is None else names) if name in catalogue]
	values = {subject.key: dict.fromkeys(wanted) for subject in subjects}
	for provider in catalogue.providers:
		own = [
			field.name for field in provider.fields if field.name in wanted and catalogue[field.name] == field
		]
		if not own:
			continue
		for start in range(0, len(subjects), CHUNK):
			_merge(values, provider(subjects[start : start + CHUNK]), own)
	return values


def _merge(values: dict[str, dict[str, Any]], provided: dict[str, dict[str, Any]], own: list[str]) -> None:
	for key, answers in provided.items():
		if key in values:
			values[key].update({name: answers[name] for name in own if name in answers})
