"""A conversation's words and number go as a review's do: retention, erasure, legal holds, access requests."""

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.desk.inbox import conversations
from school_dialer.inbound.conversations import conversation
from school_dialer.privacy import erasure, holds, person, retention
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass

MESSAGE = "Dialer Conversation Message"


@pytest.fixture
def closed(number, say, thread_of) -> str:
	say(number, "Ana is sick today")
	conversation.close(conversation.open_of(number))
	frappe.db.commit()
	return thread_of(number)[0].name


def grow_old(name: str) -> None:
	old = frappe.utils.add_to_date(clock.db_now(), days=-100)
	frappe.db.set_value("Dialer Conversation", name, "last_at", old, update_modified=False)
	frappe.db.sql(f"update `tab{MESSAGE}` set said_at = %s where conversation = %s", (old, name))


def purge() -> None:
	kept = dict.fromkeys(retention.SETTINGS, 0) | {"keep_notices_days": 60}
	for _rows in retention.purge(kept, unlink=True):
		pass


def state_of(name: str) -> tuple:
	fields = ["phone", "title", "last_words", "person", "students"]
	row = frappe.db.get_value("Dialer Conversation", name, fields, as_dict=True)
	words = frappe.get_all(MESSAGE, {"conversation": name}, pluck="words", order_by="said_at, creation")
	phones = frappe.get_all(MESSAGE, {"conversation": name}, pluck="phone", order_by="name")
	return row, words, phones


def test_retention_takes_words_and_number_of_what_is_over(closed, number):
	grow_old(closed)
	purge()
	row, words, phones = state_of(closed)
	assert row.last_words is None and set(words) == {None}
	assert {phone[:5] for phone in (row.phone, *phones)} == {"hash:"}
	assert number[-2:] not in row.title
	before = retention.count(dict.fromkeys(retention.SETTINGS, 60), unlink=True)
	assert not before[MESSAGE] and not before["Dialer Conversation"]


def test_an_open_one_stays(number, say, thread_of):
	say(number, "Ana is sick today")
	name = thread_of(number)[0].name
	grow_old(name)
	purge()
	assert state_of(name)[1][0] == "Ana is sick today"


def test_erasure_and_what_an_access_request_shows(closed, number):
	kept = person.export(person.of_phone(number))["kept"]
	assert "sick" in str(kept[MESSAGE]) and kept["Dialer Conversation"]
	report = erasure.erase(person.of_phone(number), really=True)
	assert any(MESSAGE in sentence for sentence in report.removed)
	row, words, _phones = state_of(closed)
	assert row.phone.startswith("hash:") and set(words) == {None}


@pytest.mark.parametrize("held", ["number", "student"])
def test_a_legal_hold_keeps_all_of_it(carrier, say, thread_of, held):
	mother = make.unlisted_phone()
	school = SchoolClass([{"Rosa": [mother]}])
	frappe.db.commit()
	say(mother, "Ana is sick today")
	conversation.close(conversation.open_of(mother))
	name = thread_of(mother)[0].name
	grow_old(name)
	hold = {"doctype": holds.DOCTYPE, "reason": "A case", "status": holds.IN_FORCE}
	about = {"person_doctype": "Student", "person": school.student(0)}
	about = {"phone": mother} if held == "number" else about
	frappe.get_doc({**hold, **about, "name": frappe.generate_hash(length=10)}).db_insert()
	purge()
	row, words, phones = state_of(name)
	assert "Ana is sick today" in words and set(phones) == {mother} == {row.phone}


def test_a_cleared_one_is_shown_and_not_answered(closed, number, as_role):
	grow_old(closed)
	purge()
	as_role("Dialer Agent")
	shown = conversations.thread(closed)
	assert shown["status"] == "Closed" and {one["words"] for one in shown["messages"]} == {""}
	with pytest.raises(frappe.ValidationError, match="removed"):
		conversations.reopen(closed)
