"""Answers as Twilio's description allows them: null, missing and unknown fields.

None of these keeps the app from getting what it asked for.
"""

import json
import logging
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.http.response import Response

from dev.carrier.api.contract.strict import description
from school_dialer.carriers.base import (
	Account,
	AccountState,
	CarrierError,
	Placed,
	ResponseUnknown,
	Text,
	Voice,
)
from school_dialer.carriers.twilio import TwilioCarrier
from school_dialer.compliance.mint import mint
from school_dialer.outbound.attempts.matching import Lost, match
from tests.unit.compliance.cases import CHICAGO, GIVEN, NOON, judge, request

DESCRIPTION = description()
SENDER = "+13125550199"
SINCE = datetime(2026, 5, 13, 12, tzinfo=timezone.utc)
DATE = "Wed, 13 May 2026 12:00:30 +0000"
BEFORE = "Wed, 13 May 2026 11:00:00 +0000"
SIDS = {"call": "CA", "message": "SM", "account": "AC"}
VOICE = Voice("https://school.example/voice", "https://school.example/status", 25, False)
TEXT = Text("Hello", "https://school.example/status")
VALUES = {"string": "x", "integer": 1, "object": {}, "array": [], "boolean": True, "number": 1.0}


def whole(kind: str, **values) -> dict:
	"""Return a row with all its fields, as the description has them."""
	row = {name: value_of(field) for name, field in DESCRIPTION["schemas"][kind]["properties"].items()}
	return {**row, "sid": SIDS[kind] + "a" * 32, "to": CHICAGO, "from": SENDER, **values}


def value_of(field: dict) -> object:
	if "$ref" in field:
		name = field["$ref"].rpartition("/")[2]
		return DATE if name == "date" else value_of(DESCRIPTION["$defs"][name])
	if "enum" in field:
		return next(one for one in field["enum"] if one is not None)
	types = field.get("type", "string")
	return VALUES[types if isinstance(types, str) else next(one for one in types if one != "null")]


def rows(kind: str) -> st.SearchStrategy[dict]:
	"""Return rows with any field null, missing or of another type, and with undescribed fields."""
	changes = st.dictionaries(
		st.sampled_from([*DESCRIPTION["schemas"][kind]["properties"], "new_field", "another"]),
		st.sampled_from([None, ..., 5, "", "garbage", [], {}, [None], True, DATE]),
		max_size=8,
	)
	return changes.map(
		lambda some: {name: value for name, value in (whole(kind) | some).items() if value is not ...}
	)


ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.just([]), st.just({}))


class Answering:
	"""Replaces the network: gives this answer to every request."""

	def __init__(self, body: object, status: int = 200):
		self.body, self.status = body, status

	def request(self, *_args, **_more) -> Response:
		text = self.body if isinstance(self.body, str) else json.dumps(self.body)
		return Response(self.status, text)


def carrier(body: object, status: int = 200) -> TwilioCarrier:
	made = TwilioCarrier(Account("AC" + "0" * 32, "token", "http://127.0.0.1:9"))
	made.client.http_client = Answering(body, status)
	return made


def page(kind: str, some: list) -> dict:
	name = "calls" if kind == "call" else "messages"
	return {name: some, "next_page_uri": None, "page": 0, "page_size": 1000, "uri": "/x"}


def permit(channel: str = "Voice"):
	return mint(judge(request(channel=channel), GIVEN), call_log="LOG", to=CHICAGO, sender=SENDER)


@pytest.mark.parametrize("kind", ["call", "message"])
def test_all_that_was_placed_is_listed_without_legs_and_answers(kind):
	channel = "Voice" if kind == "call" else "Text"
	some = [
		whole(kind, sid="CA1", direction="outbound-api", date_created=DATE),
		whole(kind, sid="CA2", direction="outbound-dial", date_created=DATE),
		whole(kind, sid="CA3", direction="outbound-reply", date_created=DATE),
		whole(kind, sid="CA4", direction="inbound", date_created=DATE),
		whole(kind, sid="CA5", direction="outbound-api", date_created=BEFORE),
		whole(kind, sid="CA6", direction="outbound-api", date_created=None),
		whole(kind, sid="CA7", direction=None, date_created=DATE),
	]
	found = carrier(page(kind, some)).list_placed(channel, SENDER, SINCE)
	assert [one.sid for one in found] == ["CA1", "CA6"]


def test_the_texts_of_a_messaging_service_only():
	service = "MG" + "a" * 32
	some = [
		whole("message", sid="SM1", direction="outbound-api", messaging_service_sid=service),
		whole("message", sid="SM2", direction="outbound-api", messaging_service_sid=None),
	]
	(found,) = carrier(page("message", some)).list_placed("Text", service, SINCE)
	assert found.sid == "SM1"


def list_recent(kind: str, some: list, numbers=(CHICAGO,)) -> list[Placed]:
	return carrier(page(kind, some)).list_recent(
		"Voice" if kind == "call" else "Text", set(numbers), SENDER, SINCE
	)


@pytest.mark.parametrize("kind", ["call", "message"])
def test_a_call_without_a_date_may_be_the_lost_one(kind):
	(found,) = list_recent(kind, [whole(kind, date_created=None, status=None)])
	assert (found.created_at, found.status, found.to) == (None, "queued", CHICAGO)
	lost = Lost("log", CHICAGO, SINCE - timedelta(hours=3))
	assert match([lost], [found]).placed == {"log": found}


@pytest.mark.parametrize("to", [None, ...])
def test_the_number_that_was_asked_for_is_that_of_a_row_without_one(to):
	row = {name: value for name, value in whole("call", to=to).items() if value is not ...}
	(found,) = list_recent("call", [row])
	assert found.to == CHICAGO


def test_what_was_made_before_is_left_out():
	assert not list_recent("call", [whole("call", date_created=BEFORE)])


@pytest.mark.parametrize("shown", [CHICAGO, CHICAGO[:-4] + "XXXX"])
def test_a_lost_text_is_found_by_a_whole_number_and_by_an_obfuscated_one(shown):
	(found,) = list_recent("message", [whole("message", to=shown)])
	logs = [
		Lost("its", CHICAGO, found.created_at - timedelta(seconds=1)),
		Lost("other", "+14045550142", found.created_at - timedelta(seconds=1)),
	]
	assert set(match(logs, [found]).placed) == {"its"}


def test_a_bad_row_is_passed_over_and_logged(caplog):
	bad = ["no row", None, 5, whole("call", sid=None), whole("call", date_created=7)]
	with caplog.at_level(logging.WARNING, "school_dialer.twilio"):
		found = list_recent("call", [*bad, whole("call"), *bad])
	assert [one.sid for one in found] == ["CA" + "a" * 32]
	assert len(caplog.records) == 2 * len(bad) and CHICAGO not in caplog.text


@pytest.mark.parametrize("kind", ["call", "message"])
@given(data=st.data())
def test_whatever_the_rows_lack_the_good_ones_are_found(kind, data):
	odd = data.draw(st.lists(st.one_of(rows(kind), ANYTHING), max_size=4))
	good = whole(kind, sid=SIDS[kind] + "b" * 32)
	at = data.draw(st.integers(0, len(odd)))
	found = list_recent(kind, [*odd[:at], good, *odd[at:]])
	assert good["sid"] in {one.sid for one in found}
	assert all(one.sid and isinstance(one.status, str) for one in found)
	match([Lost("log", CHICAGO, SINCE)], found)


@given(st.lists(st.one_of(rows("message"), ANYTHING), max_size=4), st.data())
def test_received_texts_are_found_whatever_the_other_rows_lack(odd, data):
	good = whole("message", sid="SM" + "b" * 32, direction="inbound")
	at = data.draw(st.integers(0, len(odd)))
	found = carrier(page("message", [*odd[:at], good, *odd[at:]])).list_received({CHICAGO}, SINCE)
	assert good["sid"] in {one.sid for one in found}
	assert all(one.to == CHICAGO and one.at >= SINCE and isinstance(one.body, str) for one in found)


@pytest.mark.parametrize("direction", ["outbound-api", "outbound-reply", "outbound-call", None])
def test_a_text_that_the_school_sent_was_not_received(direction):
	sent = whole("message", direction=direction)
	assert not carrier(page("message", [sent])).list_received({CHICAGO}, SINCE)


@given(st.lists(st.one_of(rows("call"), ANYTHING), max_size=4), st.data())
def test_received_calls_are_found_whatever_the_other_rows_lack(odd, data):
	good = whole("call", sid="CA" + "b" * 32, direction="inbound", status="completed")
	at = data.draw(st.integers(0, len(odd)))
	found = carrier(page("call", [*odd[:at], good, *odd[at:]])).list_received_calls({CHICAGO}, SINCE)
	assert good["sid"] in {one.sid for one in found}
	assert all(one.to == CHICAGO and one.at >= SINCE for one in found)


@pytest.mark.parametrize(
	("direction", "status"),
	[("outbound-api", "completed"), ("outbound-dial", "completed"), ("inbound", "in-progress")],
)
def test_a_call_that_the_school_placed_or_that_goes_on_was_not_missed(direction, status):
	row = whole("call", direction=direction, status=status)
	assert not carrier(page("call", [row])).list_received_calls({CHICAGO}, SINCE)


def test_texts_of_one_second_are_in_the_order_in_which_they_came():
	listed = [whole("message", sid=f"SM{one}" + "0" * 31, direction="inbound") for one in "321"]
	found = carrier(page("message", listed)).list_received({CHICAGO}, SINCE)
	assert [one.sid[2] for one in found] == ["1", "2", "3"]


def test_the_texts_to_many_numbers_are_listed_once():
	made, asked = carrier(page("message", [whole("message", direction="inbound")])), []
	answer = made.client.http_client.request
	made.client.http_client.request = lambda *some, **more: asked.append(1) or answer(*some, **more)
	many = {CHICAGO, *(f"+1312555{number:04}" for number in range(100, 150))}
	assert len(made.list_received(many, SINCE)) == 1 and len(asked) == 1


@pytest.mark.parametrize("kind", ["call", "message"])
@given(data=st.data())
def test_a_looked_up_row_may_lack_anything_but_itself(kind, data):
	row = data.draw(st.one_of(rows(kind), ANYTHING))
	channel = "Voice" if kind == "call" else "Text"
	sid = SIDS[kind] + "a" * 32
	try:
		found = carrier(row).fetch_status(channel, sid)
	except ResponseUnknown:
		return
	assert found.sid and isinstance(found.status, str) and isinstance(found.to, str)


@pytest.mark.parametrize("kind", ["call", "message"])
@given(data=st.data())
def test_what_was_created_has_an_id_or_its_answer_is_lost(kind, data):
	row = data.draw(st.one_of(rows(kind), ANYTHING))
	made = carrier(row, 201)
	try:
		found = made.call(permit(), VOICE, NOON) if kind == "call" else made.text(permit("Text"), TEXT, NOON)
	except ResponseUnknown:
		return
	assert found.sid


@given(rows("account") | ANYTHING)
def test_the_account_may_lack_anything(row):
	try:
		found = carrier(row).check()
	except ResponseUnknown:
		return
	assert isinstance(found, AccountState) and isinstance(found.name, str)


@given(st.one_of(ANYTHING, rows("call")), st.sampled_from([200, 202, 400, 404, 409, 500]))
def test_taking_a_call_back_ends_in_yes_no_or_an_error_of_ours(body, status):
	try:
		assert carrier(body, status).cancel("Voice", "CA" + "a" * 32) in ("canceled", "no-answer", "")
	except CarrierError:
		pass


@given(
	st.sampled_from(["", "<html>", "[]", "null", "{", '{"code": null}', '{"code": "21610"}', '{"code": [1]}'])
)
def test_a_refusal_need_not_be_readable(body):
	with pytest.raises(CarrierError):
		carrier(body, 400).call(permit(), VOICE, NOON)


@pytest.mark.parametrize("body", ["", "[]", {"calls": None}, {"page": 0}, {"calls": {}, "more": []}])
def test_a_list_that_is_none_is_a_lost_answer(body):
	with pytest.raises(ResponseUnknown):
		carrier(body).list_recent("Voice", {CHICAGO}, SENDER, SINCE)


def test_a_list_without_an_end_is_given_up():
	with pytest.raises(ResponseUnknown):
		carrier({"calls": [], "next_page_uri": "/2010-04-01/Accounts/x/Calls.json"}).list_recent(
			"Voice", {CHICAGO}, SENDER, SINCE
		)
