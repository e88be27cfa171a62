"""Who gave a number for a consent with the basis "number provided", and until when each of them did.

As text there is one person in a line, as "DocType/name". The end of the row of Contact Consent is that of the
person whose consent lasts longest; a line names an earlier end of its own behind a tab. Pure: no Frappe here.
"""

from collections.abc import Mapping
from datetime import datetime, timezone

Ends = dict[str, datetime | None]
"""The end of each person's consent (aware), or None for one that has none."""


def read(text: str | None, row_ends: datetime | None) -> Ends:
	"""Return the people of a row whose consent ends at `row_ends`."""
	people: Ends = {}
	for line in (text or "").splitlines():
		name, _tab, ends = line.partition("\t")
		people[name] = datetime.fromisoformat(ends) if ends else row_ends
	return people


def write(ends: Mapping[str, datetime | None]) -> tuple[str, datetime | None]:
	"""Return the text, and the end of the row."""
	last = latest(ends)
	lines = (
		name if end == last else f"{name}\t{end.astimezone(timezone.utc).isoformat()}"
		for name, end in ends.items()
	)
	return "\n".join(lines), last


def latest(ends: Mapping[str, datetime | None]) -> datetime | None:
	return None if None in ends.values() else max(ends.values(), default=None)


def in_force(ends: Mapping[str, datetime | None], at: datetime) -> Ends:
	"""Return those whose consent has not ended at this time."""
	return {name: end for name, end in ends.items() if end is None or end > at}


def renamed(ends: Ends, names: Mapping[str, str]) -> Ends:
	"""Return the people by their present names. Two records of one person become one, with the later end."""
	if not names.keys() & ends.keys():
		return ends
	people: Ends = {}
	for name, end in ends.items():
		now = names.get(name, name)
		people[now] = latest({"": end, "/": people[now]}) if now in people else end
	return people
