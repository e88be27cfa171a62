"""A site on which no one is a teacher shows nothing of it."""

import frappe
import pytest

from school_dialer.base.roles import TEACHER
from school_dialer.desk import boot
from tests.integration.with_carrier.campaigns.teachers.classroom import user

DEPENDS = "eval:frappe.boot.school_dialer.teachers"


def flag() -> bool:
	info = frappe._dict()
	boot.extend(info)
	return info.school_dialer["teachers"]


def test_the_desk_knows_whether_there_are_teachers(settings):
	frappe.db.delete("Has Role", {"role": TEACHER})
	assert flag() is False
	name = user(TEACHER)
	assert flag() is True
	frappe.db.set_value("User", name, "enabled", 0)
	assert flag() is False


def test_the_forms_ask_for_it():
	fields = frappe.get_meta("Dialer Settings")
	assert fields.get_field("s_teachers").depends_on == DEPENDS
	mark = frappe.get_meta("Dialer Message Template").get_field("teachers_may_use")
	assert (mark.depends_on, mark.default) == (DEPENDS, "0")
	assert frappe.get_meta("Dialer Campaign").get_field("teacher").depends_on == "eval:doc.teacher"
	defaults = [
		fields.get_field(f"teachers_{name}").default for name in ("need_approval", "messages_per_day")
	]
	assert defaults == ["1", "3"]


def test_hours_that_end_before_they_begin_are_refused(settings):
	doc = frappe.get_doc("Dialer Settings")
	doc.teachers_from, doc.teachers_until = "18:00:00", "08:00:00"
	with pytest.raises(frappe.ValidationError, match="must be later"):
		doc.save()
