"""A teacher's message from the button to the families' phones, and its limits."""

import threading
from datetime import datetime, timedelta

import frappe
import pytest

from dev.patience import PATIENCE
from school_dialer.base import clock, states
from school_dialer.campaigns import actions, teacher_messages
from school_dialer.campaigns.due import all_campaigns_due
from school_dialer.campaigns.teachers import limits
from school_dialer.consent import ledger
from school_dialer.desk.teachers import messages
from tests.integration import factories as make
from tests.integration.with_carrier.campaigns.teachers.classroom import (
	as_user,
	begin,
	settle,
	state,
	template,
)
from tests.integration.with_carrier.running import dial

pytestmark = pytest.mark.dates


def test_it_reaches_the_families_of_the_group_and_no_one_else(carrier, posted, lesson):
	name = lesson.send()
	doc = frappe.get_doc("Dialer Campaign", name)
	assert (doc.teacher, doc.owner, doc.requested_by) == (lesson.teacher,) * 3
	assert (doc.status, doc.purpose, doc.audience_name) == (states.SCHEDULED, "Event", lesson.group)
	begin(name)
	dial(carrier)
	assert {row.phone: row.status for row in make.recipients(name)} == dict.fromkeys(
		lesson.numbers, states.REACHED
	)
	assert [len(posted(number)) for number in lesson.numbers] == [1, 1]


def test_a_family_without_consent_gets_nothing(carrier, posted, lesson):
	gone = lesson.numbers[0]
	ledger.opt_out(gone, evidence=make.evidence("Agent"))
	name = lesson.send()
	begin(name)
	dial(carrier)
	assert not posted(gone) and len(posted(lesson.numbers[1])) == 1
	found = as_user(lesson.teacher, lambda: messages.result(name))
	assert found == {"reached": ["Student 1"], "not_reached": ["Student 0"]}
	(mine,) = as_user(lesson.teacher, messages.mine)
	assert (mine["families"], mine["reached"], mine["ended"]) == (2, 1, True)


def test_the_answers_hold_no_number(carrier, lesson):
	name = lesson.send()
	begin(name)
	dial(carrier)
	said = str(as_user(lesson.teacher, lambda: (messages.mine(), messages.result(name), messages.overview())))
	said += str(as_user(lesson.teacher, lambda: messages.preview(lesson.group, lesson.template, "Text")))
	assert not [number for number in lesson.numbers if number[-7:] in said or number[-4:] in said]
	assert "P0" not in said


def test_undo_before_anything_is_sent(carrier, posted, lesson):
	name = lesson.send()
	as_user(lesson.teacher, lambda: messages.stop(name))
	begin(name)
	dial(carrier)
	assert state(name)[0] == states.CANCELLED
	assert not make.recipients(name) and not posted(lesson.numbers[0])


def test_the_daily_limit(lesson):
	settle(teachers_messages_per_day=2)
	taken_back = lesson.send()
	as_user(lesson.teacher, lambda: messages.stop(taken_back))
	lesson.send()
	lesson.send()
	with pytest.raises(limits.DailyLimit, match="2 messages"):
		lesson.send()
	frappe.db.rollback()
	settle(teachers_messages_per_day=0)
	with pytest.raises(limits.DailyLimit, match="at this time"):
		lesson.send()


def test_a_message_that_was_begun_counts_also_when_it_is_stopped(lesson):
	settle(teachers_messages_per_day=1)
	name = lesson.send()
	begin(name)
	as_user(lesson.teacher, lambda: messages.stop(name))
	with pytest.raises(limits.DailyLimit):
		lesson.send()


def test_two_at_once_do_not_pass_the_limit(lesson, site, sites_path):
	settle(teachers_messages_per_day=1)
	outcomes, ready = [], threading.Barrier(2)

	def request() -> None:
		frappe.init(site, sites_path=str(sites_path))
		frappe.connect()
		try:
			frappe.set_user(lesson.teacher)
			frappe.db.sql("select count(*) from `tabDialer Campaign`")
			ready.wait(PATIENCE)
			try:
				teacher_messages.send(lesson.asked())
				frappe.db.commit()
				outcomes.append("sent")
			except limits.DailyLimit:
				outcomes.append("refused")
		finally:
			frappe.db.rollback()
			frappe.destroy()

	threads = [threading.Thread(target=request) for _ in range(2)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join(PATIENCE)
	frappe.db.rollback()
	assert sorted(outcomes) == ["refused", "sent"]
	assert frappe.db.count("Dialer Campaign", {"teacher": lesson.teacher}) == 1


def test_outside_the_hours_it_waits_for_the_next_day(lesson, set_clock):
	set_clock(datetime(2026, 11, 25, 23, 0, tzinfo=clock.system_zone()))
	settle(teachers_from="08:00:00", teachers_until="18:00:00")
	doc = frappe.get_doc("Dialer Campaign", lesson.send())
	assert doc.scheduled_at == datetime(2026, 11, 26, 8, 0)
	assert doc.deadline == datetime(2026, 11, 27, 18, 0)
	found = as_user(lesson.teacher, lambda: messages.preview(lesson.group, lesson.template, "Text"))
	assert found["goes_out"] == doc.scheduled_at and found["families"] == 2


def test_words_of_a_day_do_not_wait_for_the_next_day(lesson, set_clock):
	news = "News: {{ campaign_details }}"
	lesson.template = template("General", said={"voice": news, "text": news})
	frappe.db.commit()
	set_clock(datetime(2026, 11, 25, 23, 0, tzinfo=clock.system_zone()))
	settle(teachers_from="08:00:00", teachers_until="18:00:00")
	with pytest.raises(frappe.ValidationError, match="Write the date"):
		lesson.send(details="Bring your boots tomorrow.")
	assert lesson.send(details="Bring your boots on Thursday.")


def test_no_one_is_due_outside_the_hours(lesson):
	name = lesson.send()
	begin(name)
	assert name in {row.name for row in all_campaigns_due()}
	before = (clock.db_now() - timedelta(minutes=2)).time().replace(microsecond=0)
	settle(teachers_from="00:00:00", teachers_until=str(before))
	assert name not in {row.name for row in all_campaigns_due()}


def test_details_are_said(carrier, lesson):
	words = "Bring {{ campaign_details }} on Thursday."
	lesson.template = template(said={"voice": words, "text": words})
	frappe.db.commit()
	name = lesson.send(details="two apples")
	begin(name)
	dial(carrier)
	(body, *_rest) = [
		entry["params"]["Body"] for entry in carrier.log("message") if entry["to"] == lesson.numbers[0]
	]
	assert "Bring two apples on Thursday." in body
	with pytest.raises(frappe.MandatoryError):
		lesson.send()


def test_a_manager_does_not_take_it_back_to_draft(lesson):
	name = lesson.send()
	with pytest.raises(frappe.ValidationError, match="teacher's message"):
		actions.back_to_draft(name)
