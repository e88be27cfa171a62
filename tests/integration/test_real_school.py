"""What Education requires of a school, with the real app or its stand-in, and that the demo school has it."""

import json
import os
import subprocess
from datetime import timedelta
from pathlib import Path

import frappe
import pytest

from dev.days import last_ordinary
from dev.patience import PATIENCE
from dev.school import load as loader
from dev.school.model import COMPANY, SchoolYear
from dev.site import ports
from dev.site.layout import current
from tests.integration import attendance

pytestmark = pytest.mark.dates

SETTINGS = "Education Settings"


@pytest.fixture
def student() -> str:
	"""Return a student of the demo school, without attendance on the last school day."""
	loader.load()
	known = {"enabled": 1, "student_email_id": ("like", "%@students.example.org")}
	name = frappe.get_all("Student", known, pluck="name", order_by="name", limit=1)[0]
	frappe.db.delete("Student Attendance", {"student": name, "date": day()})
	return name


def day():
	return last_ordinary(frappe.utils.getdate())


def test_attendance_of_a_student_of_the_demo_school_is_taken(student: str) -> None:
	doc = attendance.mark(student, day=day())
	assert (doc.docstatus, doc.student_group) == (1, attendance.group_of(student, day()))


def test_leave_of_a_student_of_the_demo_school_is_granted(student: str) -> None:
	frappe.db.delete("Student Leave Application", {"student": student})
	leave = {"doctype": "Student Leave Application", "student": student, "reason": "Flu"}
	of = {"attendance_based_on": "Student Group", "student_group": attendance.group_of(student, day())}
	doc = frappe.get_doc({**leave, **of, "from_date": day(), "to_date": day()}).insert().submit()
	assert doc.total_leave_days == 1
	marked = {"student": student, "date": day(), "docstatus": 1, "leave_application": doc.name}
	assert frappe.db.get_value("Student Attendance", marked, "status") == "Absent"


def test_attendance_that_education_does_not_take(student: str) -> None:
	group, tomorrow = attendance.group_of(student, day()), frappe.utils.getdate() + timedelta(days=1)
	stranger = frappe.get_doc(
		{"doctype": "Student", "first_name": "Zed", "student_email_id": "zed@example.org"}
	)
	stranger.insert()
	before = SchoolYear.of(day()).first_day - timedelta(days=1)
	refused = (
		{"day": tomorrow},
		{"day": day(), "student_group": None},
		{"day": day(), "student": stranger.name, "student_group": group},
		{"day": before, "student_group": group},
	)
	for values in refused:
		with pytest.raises(frappe.ValidationError):
			attendance.mark(**{"student": student, **values})


def test_a_company_without_a_list_of_holidays_takes_no_attendance(student: str) -> None:
	for name in frappe.get_all("Company", pluck="name", order_by="name"):
		frappe.db.set_value("Company", name, "default_holiday_list", None)
		frappe.clear_document_cache("Company", name)
	with pytest.raises(frappe.ValidationError, match="Holiday List"):
		attendance.mark(student, day=day())
	loader.load()
	assert frappe.db.get_value("Company", COMPANY, "default_holiday_list")
	attendance.mark(student, day=day())


def test_a_list_of_the_company_is_left_as_it_is(student: str) -> None:
	span = {"from_date": "2020-01-01", "to_date": "2099-01-01"}
	own = frappe.get_doc({"doctype": "Holiday List", "holiday_list_name": "Our own", **span}).insert().name
	frappe.db.set_value("Company", COMPANY, "default_holiday_list", own)
	loader.load()
	assert frappe.db.get_value("Company", COMPANY, "default_holiday_list") == own


def test_assessment_groups_stand_in_a_tree() -> None:
	loader.load()
	root = frappe.db.get_value("Assessment Group", "Fall", "parent_assessment_group")
	assert frappe.db.get_value("Assessment Group", root, "is_group") == 1
	with pytest.raises(frappe.MandatoryError):
		frappe.get_doc({"doctype": "Assessment Group", "assessment_group_name": "Alone"}).insert()


def test_students_of_the_demo_school_get_no_accounts() -> None:
	"""Check that no user accounts are made.

	Education makes one for each student that is saved, and sends an e-mail to it. It fails without an
	address.
	"""
	loader.load()
	new = {"doctype": "Student", "first_name": "Zoe"}
	frappe.get_doc(new).insert()
	frappe.get_doc({**new, "student_email_id": "zoe@students.example.org"}).insert()
	assert not frappe.db.exists("User", "zoe@students.example.org")
	frappe.db.set_single_value(SETTINGS, "user_creation_skip", 0)
	with pytest.raises(Exception, match=r"(?i)mail|none|strip"):
		frappe.get_doc(new).insert()


def test_employees_stand_in_the_tree_of_employees() -> None:
	loader.load()
	places = frappe.db.sql(
		"select lft, rgt from `tabEmployee` where name like 'HR-EMP-%' order by name limit 60"
	)
	edges = [edge for place in places for edge in place]
	if frappe.get_meta("Employee").get("nsm_parent_field"):
		assert len(set(edges)) == len(edges) and all(left < right for left, right in places)


def set_setup_complete(value: int) -> None:
	if frappe.get_meta("Installed Application").has_field("is_setup_complete"):
		frappe.db.set_value("Installed Application", {"app_name": "frappe"}, "is_setup_complete", value)
	else:
		frappe.db.set_single_value("System Settings", "setup_complete", value)


def test_a_site_before_its_setup_wizard_is_refused_in_words() -> None:
	set_setup_complete(0)
	try:
		with pytest.raises(loader.CannotLoad, match="setup wizard"):
			loader.load()
	finally:
		set_setup_complete(1)


def examine(sites: Path, app: str = "school_dialer") -> subprocess.CompletedProcess:
	bench = current()
	environment = {**os.environ, **bench.variables(), "SITES_PATH": str(sites)}
	command = [str(bench.python), "-m", "dev.site.inside.examine", app]
	return subprocess.run(
		command, cwd=sites, env=environment, capture_output=True, text=True, timeout=PATIENCE
	)


def test_a_bench_that_has_everything(sites_path: Path) -> None:
	done = examine(sites_path)
	assert (done.returncode, done.stderr) == (0, "")


def test_what_a_bench_lacks_is_named_in_one_sentence(sites_path: Path, site: str, tmp_path: Path) -> None:
	absent = examine(sites_path, "another_app")
	assert absent.returncode == 1
	assert absent.stderr == f"another_app is not installed on {site}\n"

	for name in (site, "apps.txt"):
		(tmp_path / name).symlink_to(sites_path / name)
	port = ports.any_free()
	common = json.loads((sites_path / "common_site_config.json").read_text())
	common["redis_cache"] = f"redis://127.0.0.1:{port}"
	(tmp_path / "common_site_config.json").write_text(json.dumps(common))
	dead = examine(tmp_path)
	assert dead.returncode == 1
	assert (
		dead.stderr
		== f"The bench's redis_cache does not answer at redis://127.0.0.1:{port}: start the bench first.\n"
	)
