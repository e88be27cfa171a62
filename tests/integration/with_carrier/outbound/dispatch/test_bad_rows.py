"""A recipient whose call cannot be prepared holds back no other."""

import frappe
import pytest

from school_dialer.base import clock, states
from school_dialer.campaigns import message_content
from school_dialer.campaigns.planning import planner
from school_dialer.outbound.attempts import claims
from school_dialer.outbound.dispatch import campaign_failures
from school_dialer.outbound.dispatch.chunk_sender import ChunkSender
from tests.integration import emergencies, statements
from tests.integration import factories as make
from tests.integration.with_carrier.running import dial, prepare, state_of


@pytest.fixture
def numbers(carrier) -> list[str]:
	found = [make.phone() for _ in range(5)]
	make.consents(found)
	return found


@pytest.fixture
def spoiled(monkeypatch, numbers) -> str:
	"""Return a number whose message cannot be made, for a reason that no one foresaw."""
	real = message_content.for_rows

	def for_rows(campaign, rows):
		if any(row.phone == numbers[0] for row in rows):
			raise RuntimeError("broken on purpose")
		return real(campaign, rows)

	monkeypatch.setattr(message_content, "for_rows", for_rows)
	monkeypatch.setattr(campaign_failures, "AGAIN_SECONDS", 0.2)
	return numbers[0]


def errors_of(doc) -> int:
	return frappe.db.count("Error Log", {"method": ("like", f"%dispatch of {doc.name}%")})


def test_in_an_emergency_the_others_are_called(carrier, posted, numbers, spoiled):
	doc = emergencies.approved(numbers)
	planner.run(doc.name)
	dial(carrier, emergency=True)
	assert [len(posted(number)) for number in numbers] == [0, 1, 1, 1, 1]
	assert state_of(doc) == states.RUNNING and errors_of(doc)
	(row,) = [row for row in make.recipients(doc.name) if row.phone == spoiled]
	assert row.status == states.PENDING


def test_at_a_slow_pace_too(carrier, posted, numbers, spoiled, set_pace):
	set_pace(2)
	doc = emergencies.approved(numbers)
	planner.run(doc.name)
	dial(carrier, emergency=True)
	assert [len(posted(number)) for number in numbers] == [0, 1, 1, 1, 1]


def test_another_campaign_pauses_once_only_that_one_is_left(carrier, posted, numbers, spoiled):
	doc = make.campaign(numbers)
	prepare(doc)
	dial(carrier)
	assert [len(posted(number)) for number in numbers] == [0, 1, 1, 1, 1]
	assert state_of(doc) == states.PAUSED and errors_of(doc)


def test_rows_that_were_not_tried_are_given_back(carrier, posted, numbers, spoiled, set_pace, monkeypatch):
	"""Check a failure after the log of a single row was written: that row alone is left to the reconciler."""
	set_pace(20)
	real, failed = ChunkSender.post_and_record, []

	def post_and_record(self, campaign, requests, line):
		if not failed:
			failed.append(requests)
			raise RuntimeError("broken on purpose")
		return real(self, campaign, requests, line)

	monkeypatch.setattr(ChunkSender, "post_and_record", post_and_record)
	doc = emergencies.approved(numbers)
	planner.run(doc.name)
	dial(carrier, emergency=True)
	assert sorted(len(posted(number)) for number in numbers) == [0, 0, 1, 1, 1] and errors_of(doc)
	rows = {row.phone: row.status for row in make.recipients(doc.name)}
	assert rows[spoiled] == states.PENDING
	assert list(rows.values()).count(states.DIALING) == 1


def test_a_count_that_is_behind_the_call_logs_is_mended(carrier, answering, posted, numbers):
	silent = numbers[0]
	answering(silent, "no answer")
	doc = make.campaign(numbers, max_attempts=3)
	prepare(doc)
	others = "update `tabDialer Recipient` set not_before = %s where campaign = %s and phone != %s"
	frappe.db.sql(others, (frappe.utils.add_days(clock.db_now(), 1), doc.name, silent))
	frappe.db.commit()
	dial(carrier)
	frappe.db.sql(
		"""update `tabDialer Recipient` set not_before = %s, attempts = if(phone = %s, 0, attempts)
		where campaign = %s""",
		(clock.db_now(), silent, doc.name),
	)
	frappe.db.commit()
	dial(carrier)
	assert [len(posted(number)) for number in numbers] == [2, 1, 1, 1, 1] and not errors_of(doc)
	(row,) = [row for row in make.recipients(doc.name) if row.phone == silent]
	assert row.attempts == 2


def test_a_chunk_is_claimed_and_checked_in_as_many_statements_as_a_row(numbers):
	doc = make.campaign(numbers)
	prepare(doc)
	with statements.collected() as first:
		one = claims.claim(doc.name, 1)
		claims.still_due(doc.name, one)
	frappe.db.rollback()
	with statements.collected() as sent:
		others = claims.claim(doc.name, 50)
		claims.still_due(doc.name, others)
	assert (len(one), len(others)) == (1, len(numbers) - 1)
	assert [len([text for text in some if "`tab" in text]) for some in (first, sent)] == [4, 4]
