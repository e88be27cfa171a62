"""Lists: every page size finds the same resources, each once, newest first."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from dev.carrier.api.resources import Message
from dev.carrier.exchange.shelf import Shelf, TimeFilter, page

START = datetime(2026, 3, 8, 23, 59, 58, tzinfo=timezone.utc)
SENT = TimeFilter("DateSent", lambda message: message.sent, inclusive_before=True)


def shelf_of(recipients: list[str]) -> Shelf[Message]:
	shelf: Shelf[Message] = Shelf()
	for number, to in enumerate(recipients):
		message = Message(f"SM{number:032x}", "AC", to, "+13125550100", "", START + timedelta(seconds=number))
		message.sent = message.created if number % 3 else None
		shelf.add(message)
	return shelf


def all_pages(shelf: Shelf[Message], keep, to: str | None, size: int) -> list[str]:
	found, query = [], {"PageSize": str(size)}
	while True:
		answer = page(shelf, "messages", "/Messages.json", query, keep, to)
		assert len(answer["messages"]) <= size
		found += [message["sid"] for message in answer["messages"]]
		if answer["next_page_uri"] is None:
			return found
		query = dict(parse_qsl(urlsplit(answer["next_page_uri"]).query))


@given(
	st.lists(st.sampled_from(["+13125550101", "+13125550102"]), max_size=30),
	st.integers(1, 7),
	st.sampled_from([None, "+13125550101", "+13125550109"]),
)
def test_pages_partition_the_list(recipients, size, to):
	shelf = shelf_of(recipients)
	expected = [message.sid for message in reversed(shelf.items) if to in (None, message.to)]
	assert all_pages(shelf, lambda message: True, to, size) == expected


def test_what_arrives_while_a_list_is_paged_does_not_shift_it():
	shelf = shelf_of(["+13125550101"] * 4)
	first = page(shelf, "messages", "/Messages.json", {"PageSize": "2"}, lambda message: True, None)
	shelf.add(Message("SM" + "f" * 32, "AC", "+13125550101", "+13125550100", "", START))
	query = dict(parse_qsl(urlsplit(first["next_page_uri"]).query))
	second = page(shelf, "messages", "/Messages.json", query, lambda message: True, None)
	assert [message["sid"][-1] for message in second["messages"]] == ["1", "0"]


@given(st.integers(0, 9), st.sampled_from(["", "<", ">"]), st.booleans())
def test_times_are_compared_as_described(second, suffix, day_only):
	shelf = shelf_of(["+13125550101"] * 10)
	instant = START + timedelta(seconds=second)
	given_time = instant.strftime("%Y-%m-%d" if day_only else "%Y-%m-%dT%H:%M:%SZ")
	meets = SENT.conditions({f"DateSent{suffix}": given_time})
	found = {message.index for message in shelf.items if meets(message)}
	sent = {message.index: message.sent for message in shelf.items if message.sent}
	if suffix == "":
		expected = {index for index, at in sent.items() if at.date() == instant.date()}
	elif day_only:
		earlier = suffix == "<"
		expected = {
			index
			for index, at in sent.items()
			if (at.date() <= instant.date() if earlier else at.date() >= instant.date())
		}
	else:
		expected = {
			index for index, at in sent.items() if (at <= instant if suffix == "<" else at >= instant)
		}
	assert found == expected
