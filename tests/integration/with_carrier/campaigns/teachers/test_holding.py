"""A teacher who may not send any more: their messages are held back wherever they are."""

import frappe
import pytest

from school_dialer.base import states
from school_dialer.base.roles import TEACHER
from school_dialer.campaigns import actions
from school_dialer.campaigns.approval import check
from school_dialer.campaigns.teachers import standing
from tests.integration import factories as make
from tests.integration import statements
from tests.integration.with_carrier.campaigns.teachers.classroom import (
	Classroom,
	as_user,
	begin,
	manager,
	settle,
	state,
)
from tests.integration.with_carrier.running import dial


def out_of_the_group(lesson) -> None:
	frappe.db.delete("Student Group Instructor", {"name": lesson.row})


def disabled(lesson) -> None:
	frappe.db.set_value("User", lesson.teacher, "enabled", 0)


def without_role(lesson) -> None:
	frappe.db.delete("Has Role", {"parent": lesson.teacher, "role": TEACHER})


def group_closed(lesson) -> None:
	frappe.db.set_value("Student Group", lesson.group, "disabled", 1)


def left_the_school(lesson) -> None:
	frappe.db.set_value("Employee", lesson.employee, "status", "Left")


def message_withdrawn(lesson) -> None:
	frappe.db.set_value("Dialer Message Template", lesson.template, "teachers_may_use", 0)


REASONS = (out_of_the_group, disabled, without_role, group_closed, left_the_school, message_withdrawn)


@pytest.mark.parametrize("happens", REASONS)
def test_before_planning(carrier, posted, lesson, happens):
	name = lesson.send()
	happens(lesson)
	begin(name)
	dial(carrier)
	status, said = state(name)
	assert status == states.PAUSED and "any more" in said
	assert not make.recipients(name) and not posted(lesson.numbers[0])


@pytest.mark.parametrize("happens", [out_of_the_group, disabled])
def test_before_dialing(carrier, posted, lesson, happens):
	name = lesson.send()
	begin(name)
	assert state(name)[0] == states.RUNNING
	happens(lesson)
	frappe.db.commit()
	dial(carrier)
	assert state(name)[0] == states.PAUSED and not posted(lesson.numbers[0])
	with pytest.raises(frappe.ValidationError, match="any more"):
		actions.resume(name)


def test_a_manager_resumes_once_it_is_right_again(carrier, posted, lesson):
	name = lesson.send()
	disabled(lesson)
	begin(name)
	frappe.db.set_value("User", lesson.teacher, "enabled", 1)
	assert actions.resume(name) == states.PREPARING
	begin(name)
	dial(carrier)
	assert len(posted(lesson.numbers[0])) == 1


def test_before_approval(lesson):
	settle(teachers_need_approval=1)
	name = lesson.send()
	out_of_the_group(lesson)
	frappe.db.commit()
	with pytest.raises(frappe.ValidationError, match="does not teach this group"):
		as_user(manager(), lambda: actions.approve(name))


def test_running_messages_are_checked_together(carrier, lesson):
	"""Check that those of others go on, and that the number of queries does not depend on how many run."""
	other = Classroom()
	names = [lesson.send(), other.send()]
	for name in names:
		begin(name)
	out_of_the_group(lesson)
	frappe.db.commit()
	check.compare_running()
	assert [state(name)[0] for name in names] == [states.PAUSED, states.RUNNING]
	fields = ["name", "purpose", *check.TEACHERS]
	few, many = [
		queries_of(frappe.get_all("Dialer Campaign", {"name": ("in", some)}, fields))
		for some in (names[:1], names)
	]
	assert few == many


def queries_of(rows) -> int:
	standing.held_back(rows)
	return statements.count(standing.held_back, rows)


def test_another_campaign_costs_nothing(school):
	doc = make.campaign()
	row = frappe.get_all("Dialer Campaign", {"name": doc.name}, ["name", "purpose", *check.TEACHERS])
	assert queries_of(row) == 0
