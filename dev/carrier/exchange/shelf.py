"""The resources of one kind, newest first in lists, found quickly by number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import urlencode

from dev.carrier.api.errors import ApiError
from dev.carrier.clock import UTC

DEFAULT_PAGE, LARGEST_PAGE = 50, 1000


class Resource(Protocol):
	sid: str
	to: str
	index: int
	deleted: bool

	def json(self) -> dict: ...


Item = TypeVar("Item", bound=Resource)


class Shelf(Generic[Item]):
	def __init__(self) -> None:
		self.items: list[Item] = []
		self.by_sid: dict[str, Item] = {}
		self._by_recipient: defaultdict[str, list[Item]] = defaultdict(list)

	def add(self, item: Item) -> None:
		item.index = len(self.items)
		self.items.append(item)
		self.by_sid[item.sid] = item
		self._by_recipient[item.to].append(item)

	def get(self, sid: str, path: str) -> Item:
		"""Return the resource with this SID; raise ApiError 20404 if there is none."""
		item = self.by_sid.get(sid)
		if item is None or item.deleted:
			raise ApiError(20404, path=path)
		return item

	def rename_recipient(self, item: Item, to: str) -> None:
		"""Forget the full number: the item is listed under what is left of the number."""
		self._by_recipient[item.to].remove(item)
		item.to = to
		self._by_recipient[to].append(item)

	def newest_first(self, to: str | None, before: str | None) -> Iterator[Item]:
		candidates = self.items if to is None else self._by_recipient.get(to, [])
		last = self.by_sid[before].index if before in self.by_sid else len(self.items)
		for item in reversed(candidates):
			if item.index < last and not item.deleted:
				yield item


@dataclass(frozen=True)
class TimeFilter:
	"""The date conditions of a list: the description's ``Name``, ``Name<`` and ``Name>``.

	Without < or > the condition is a day, whatever time of day comes with it (clients send a date as its
	midnight). With them, days are compared too where that is all the carrier promises (``by_day``). Otherwise
	instants are compared, by whole seconds, because the API shows no finer ones. What has not happened yet
	(an empty date) matches no condition.
	"""

	name: str
	of: Callable[[Any], datetime | None]
	inclusive_before: bool = False

	def conditions(self, query: Mapping[str, str], by_day: bool = False) -> Callable[[Any], bool]:
		"""Return a function that says whether an item meets all of the query's date conditions.

		Raises ApiError 20422 for a value that is not a date.
		"""
		wanted = {
			suffix: _span(self.name, given, by_day)
			for suffix in ("", "<", ">")
			if (given := query.get(self.name + suffix))
		}

		def meets(item: Any) -> bool:
			moment = self.of(item) if wanted else None
			return all(
				moment is not None and self._holds(suffix, moment, *span) for suffix, span in wanted.items()
			)

		return meets

	def _holds(self, suffix: str, moment: datetime, start: datetime, end: datetime) -> bool:
		moment = moment.replace(microsecond=0)
		if suffix == ">":
			return moment >= start
		if suffix == "<":
			return moment < (end if self.inclusive_before else start)
		return moment.date() == start.date()


def _span(name: str, wanted: str, by_day: bool) -> tuple[datetime, datetime]:
	try:
		start = datetime.fromisoformat(wanted.replace("Z", "+00:00"))
	except ValueError:
		raise ApiError(20422, name=name, value=wanted) from None
	start = start.astimezone(UTC) if start.tzinfo else start.replace(tzinfo=UTC)
	if by_day or len(wanted) == 10:
		start = start.replace(hour=0, minute=0, second=0, microsecond=0)
		return start, start + timedelta(days=1)
	start = start.replace(microsecond=0)
	return start, start + timedelta(seconds=1)


def page(
	shelf: Shelf[Item],
	key: str,
	path: str,
	query: Mapping[str, str],
	keep: Callable[[Item], bool],
	to: str | None,
) -> dict:
	"""Return one page of a list, in the description's envelope."""
	size, number = _whole(query, "PageSize", DEFAULT_PAGE), _whole(query, "Page", 0)
	if not 1 <= size <= LARGEST_PAGE:
		raise ApiError(20007)
	token = query.get("PageToken")
	matching = (item for item in shelf.newest_first(to, token[2:] if token else None) if keep(item))
	skip = 0 if token else number * size
	found = list(islice(matching, skip, skip + size + 1))
	more_follow = len(found) > size
	del found[size:]
	filters = {name: value for name, value in query.items() if name not in ("PageSize", "Page", "PageToken")}

	def uri(page_number: int, **more: str) -> str:
		return f"{path}?{urlencode({**filters, 'PageSize': size, 'Page': page_number, **more})}"

	start = number * size
	return {
		key: [item.json() for item in found],
		"end": max(start, start + len(found) - 1),
		"first_page_uri": uri(0),
		"next_page_uri": uri(number + 1, PageToken=f"PA{found[-1].sid}") if more_follow else None,
		"page": number,
		"page_size": size,
		"previous_page_uri": uri(number - 1) if number else None,
		"start": start,
		"uri": f"{path}?{urlencode(query)}" if query else path,
	}


def _whole(query: Mapping[str, str], name: str, default: int) -> int:
	value = query.get(name, "")
	if value and not (value.isascii() and value.isdecimal()):
		raise ApiError(20422, name=name, value=value)
	return int(value) if value else default
