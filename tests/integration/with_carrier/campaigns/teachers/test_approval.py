"""Messages that wait for a manager: one at a time, many at once, and what stands in the way."""

import json

import frappe
import pytest

from school_dialer.base import states
from school_dialer.base.roles import AGENT, MANAGER, OFFICER
from school_dialer.campaigns import actions, notifications
from school_dialer.campaigns.planning import planner
from school_dialer.desk import campaigns
from school_dialer.desk.teachers import approvals, messages
from tests.integration import factories as make
from tests.integration.with_carrier.campaigns.teachers.classroom import (
	Classroom,
	as_user,
	manager,
	settle,
	state,
	user,
)
from tests.integration.with_carrier.running import dial


@pytest.fixture(autouse=True)
def with_approval(settings):
	settle(teachers_need_approval=1)


def waiting_for(boss: str) -> dict[str, dict]:
	return {row["name"]: row for row in as_user(boss, approvals.waiting)}


def test_many_at_once_each_checked_by_itself(carrier, posted, lesson):
	boss, other, third = manager(), Classroom(), Classroom()
	good, changed, gone = lesson.send(), other.send(), third.send()
	rows = waiting_for(boss)
	assert {good, changed, gone} <= set(rows)
	assert rows[good]["families"] == 2 and "concert" in rows[good]["messages"][0]["message"]
	frappe.db.set_value("Dialer Campaign", changed, "details", "something else")
	frappe.db.delete("Student Group Instructor", {"name": third.row})
	frappe.db.commit()
	seen = {name: rows[name]["seen"] for name in (good, changed, gone)}
	found = as_user(boss, lambda: approvals.approve(json.dumps(seen)))
	problems = {one["campaign"]: one["problem"] for one in found}
	assert problems[good] == ""
	assert "no longer what was asked for" in problems[changed]
	assert "does not teach" in problems[gone]
	assert [state(name)[0] for name in (good, changed, gone)] == [states.PREPARING, *[states.AWAITING] * 2]
	planner.run(good)
	dial(carrier)
	assert len(posted(lesson.numbers[0])) == 1 and not posted(other.numbers[0])


def test_one_that_was_asked_for_again_is_refused(lesson):
	name = lesson.send()
	(one,) = as_user(manager(), lambda: approvals.approve({name: "0123456789abcdef"}))
	assert "asked for again" in one["problem"] and state(name)[0] == states.AWAITING


def test_sent_back_with_the_reason(lesson):
	name = lesson.send()
	boss = manager()
	(one,) = as_user(boss, lambda: approvals.send_back([name], "The date <b>is</b> missing."))
	assert one["problem"] == "" and state(name)[0] == states.CANCELLED
	(mine,) = as_user(lesson.teacher, messages.mine)
	assert mine["status_message"].startswith("Not approved: The date")
	assert "<b>" not in mine["status_message"]
	notices = frappe.get_all("Notification Log", {"for_user": lesson.teacher}, ["subject", "document_name"])
	assert ["sent back" in row.subject and not row.document_name for row in notices] == [True]
	(again,) = as_user(boss, lambda: approvals.send_back([name], "Again."))
	assert "already" in again["problem"]
	with pytest.raises(frappe.MandatoryError):
		as_user(boss, lambda: approvals.send_back([name], " "))


def test_managers_hear_of_it(lesson):
	boss, name = manager(), lesson.send()
	notifications.notify_standing(name)
	notices = frappe.get_all("Notification Log", {"for_user": boss, "document_name": name}, pluck="subject")
	assert ["waiting for your approval" in subject for subject in notices] == [True]


@pytest.mark.parametrize("role", [AGENT, OFFICER])
def test_only_a_manager_approves(lesson, role):
	name, other = lesson.send(), user(role)
	with pytest.raises(frappe.PermissionError):
		as_user(other, lambda: approvals.approve({name: None}))
	frappe.db.rollback()
	with pytest.raises(frappe.PermissionError):
		as_user(other, lambda: campaigns.approve(name))


def test_no_one_approves_an_own_message(lesson):
	frappe.get_doc("User", lesson.teacher).add_roles(MANAGER)
	name = lesson.send()
	assert name not in waiting_for(lesson.teacher)
	seen = frappe.db.get_value("Dialer Campaign", name, "asked_digest")
	(one,) = as_user(lesson.teacher, lambda: approvals.approve({name: seen}))
	assert "second person" in one["problem"] and state(name)[0] == states.AWAITING


def test_another_campaign_is_not_decided_on_here(lesson):
	doc = make.campaign()
	frappe.db.commit()
	(one,) = as_user(manager(), lambda: approvals.send_back([doc.name], "Not so."))
	assert "not a teacher's message" in one["problem"]


def test_words_changed_after_approval_stop_it(carrier, posted, lesson):
	name = lesson.send()
	as_user(manager(), lambda: actions.approve(name))
	planner.run(name)
	frappe.db.sql(
		"update `tabDialer Message Translation` set text = 'Changed.' where parent = %s", lesson.template
	)
	frappe.clear_document_cache("Dialer Message Template", lesson.template)
	frappe.db.commit()
	dial(carrier)
	assert state(name)[0] == states.AWAITING and not posted(lesson.numbers[0])
