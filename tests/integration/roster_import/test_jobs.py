"""An import from its file to its end, as its jobs run it. They commit; what they made is deleted."""

import csv
import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import frappe
import pytest

from dev import roster_zip as zips
from school_dialer.desk.district import rosters
from school_dialer.health import rosters as health
from school_dialer.roster_import import folder, imports, result_files
from school_dialer.roster_import.result_files import DOCTYPE
from tests.integration.roster_import import leftovers

KILLED = """
import sys, frappe
frappe.init(sys.argv[1], sites_path=".")
frappe.connect()
from school_dialer import clock
from school_dialer.roster_import import applying, plan
from school_dialer.roster_import.writing import Site
applying.CHUNK = 5
planned = plan.make(open(sys.argv[2], "rb").read())
def commit(done, total):
	frappe.db.commit()
	print(done, flush=True)
	sys.stdin.readline()
applying.apply(planned.changes, planned.records, Site.read(planned.names, str(clock.db_now().date())), commit)
"""


@pytest.fixture(autouse=True)
def clean(no_accounts) -> Iterator[None]:
	frappe.db.commit()
	yield
	frappe.db.rollback()
	leftovers.clear()


def checked(content: bytes) -> frappe._dict:
	name = folder.made("roster.zip", content, nightly=0)
	imports.check(name)
	return frappe.get_doc(DOCTYPE, name)


def import_all(content: bytes):
	doc = checked(content)
	assert doc.state == imports.CHECKED, doc.message
	imports.start(doc.name, 0, queue=False)
	imports.run(doc.name)
	return frappe.get_doc(DOCTYPE, doc.name)


def test_a_check_writes_nothing_and_an_import_does():
	doc = checked(zips.roster(zips.district(tag="JA")))
	counts = {each["kind"]: each["new"] for each in frappe.parse_json(doc.result)["counts"]}
	assert doc.state == imports.CHECKED and counts["Student"] == 4 and counts["Guardian"] == 8
	assert not frappe.db.exists("Student", {"last_name": "JAfamily0"})
	imports.start(doc.name, 0, queue=False)
	imports.run(doc.name)
	doc.reload()
	assert (doc.state, doc.errors, doc.file) == (imports.IMPORTED, 0, None)
	assert doc.started_by == "Administrator" and doc.ended_at
	assert frappe.db.count("Student", {"last_name": ("like", "JAfamily%")}) == 4


def test_what_would_remove_unusually_many_waits_for_the_number():
	import_all(zips.roster(zips.district(students=30, tag="JB")))
	doc = checked(zips.roster(zips.district(students=15, tag="JB")))
	assert doc.state == imports.STOPPED and doc.brake_number == 30
	assert "30 of 60 guardians" in doc.brake_reason and "15 of 30 students" in doc.brake_reason
	for confirmed in (0, 29):
		with pytest.raises(imports.NotConfirmed):
			imports.start(doc.name, confirmed)
	imports.start(doc.name, 30, queue=False)
	imports.run(doc.name)
	doc.reload()
	assert (doc.state, doc.confirmed_by, doc.confirmed_number) == (imports.IMPORTED, "Administrator", 30)
	assert frappe.db.count("Student", {"last_name": ("like", "JBfamily%"), "enabled": 1}) == 15


def test_an_import_stops_if_it_became_more_unusual_than_what_was_confirmed():
	import_all(zips.roster(zips.district(students=30, tag="JC")))
	doc = checked(zips.roster(zips.district(students=15, tag="JC")))
	imports.start(doc.name, 30, queue=False)
	frappe.db.set_value(DOCTYPE, doc.name, "confirmed_number", 20)
	imports.run(doc.name)
	assert frappe.db.get_value(DOCTYPE, doc.name, "state") == imports.STOPPED
	assert frappe.db.count("Student", {"last_name": ("like", "JCfamily%"), "enabled": 1}) == 30


def test_an_import_that_was_killed_is_finished_by_the_next(site, tmp_path):
	content = zips.roster(zips.district(students=12, tag="JD"))
	(tmp_path / "roster.zip").write_bytes(content)
	child = subprocess.Popen(
		[sys.executable, "-c", KILLED, site, str(tmp_path / "roster.zip")],
		stdin=subprocess.PIPE,
		stdout=subprocess.PIPE,
		text=True,
	)
	for done in ("5", "10", "15", "20", "25", "30", "35"):
		assert child.stdout.readline().strip() == done
		if done != "35":
			child.stdin.write("\n")
			child.stdin.flush()
	os.kill(child.pid, signal.SIGKILL)
	child.wait()
	child.stdin.close()
	child.stdout.close()
	frappe.db.rollback()
	half = frappe.db.count("Student", {"last_name": ("like", "JDfamily%")})
	assert 0 < half < 12
	assert import_all(content).state == imports.IMPORTED
	assert frappe.db.count("Student", {"last_name": ("like", "JDfamily%")}) == 12
	assert frappe.db.count("Guardian", {"guardian_name": ("like", "%JDfamily%")}) == 24
	again = checked(content)
	assert again.message and all(not each["new"] for each in frappe.parse_json(again.result)["counts"])


def test_rows_with_errors_are_in_a_file_that_no_spreadsheet_runs():
	rows = zips.district(tag="JE")
	rows["users"].append({**zips.person("=cmd|'/c calc'!A1", "...", "X"), "sms": "1"})
	rows["roles"].append(zips.role("=cmd|'/c calc'!A1", "parent", "JE-S0"))
	doc = checked(zips.roster(rows))
	assert doc.errors == 1
	name = frappe.db.get_value("File", {"file_url": doc.errors_file})
	assert frappe.db.get_value("File", name, "is_private") == 1
	found = list(csv.reader(io.StringIO(frappe.get_doc("File", name).get_content())))
	assert found[1][0] == "users.csv" and found[1][2] == "'=cmd|'/c calc'!A1"


@pytest.mark.parametrize("content", [b"", b"no zip", zips.pack({"orgs.csv": ""})])
def test_a_file_that_is_no_roster_fails_with_a_sentence(content):
	doc = checked(content)
	assert doc.state == imports.FAILED and doc.message.endswith(".")
	with pytest.raises(frappe.ValidationError):
		imports.start(doc.name, 0)


def test_no_import_that_would_make_accounts_and_send_mail():
	frappe.db.set_single_value("Education Settings", "user_creation_skip", 0)
	doc = checked(zips.roster(zips.district(tag="JF")))
	assert doc.state == imports.FAILED and "Education Settings" in doc.message


def test_the_newest_zip_of_the_folder_is_taken_once():
	frappe.db.set_single_value("Dialer Settings", "roster_nightly", 1)
	folder.path().mkdir(exist_ok=True)
	paths = [folder.path() / name for name in ("ja-old.zip", "ja-new.zip")]
	for age, path in enumerate(paths):
		path.write_bytes(zips.roster(zips.district(tag=f"J{'GH'[age]}")))
		os.utime(path, (10_000_000 + age, 10_000_000 + age))
	try:
		folder.take()
		folder.take()
		made = frappe.get_all(DOCTYPE, {"nightly": 1}, ["state", "file_name"], order_by="creation")
		assert [(one.state, one.file_name) for one in made] == [(imports.IMPORTED, "ja-new.zip (10000001)")]
		assert frappe.db.exists("Student", {"last_name": "JHfamily0"})
		assert not frappe.db.exists("Student", {"last_name": "JGfamily0"})
		assert health.nightly_import().state == "ok"
	finally:
		for path in paths:
			path.unlink()


def test_a_link_in_the_folder_leads_nowhere(tmp_path):
	folder.path().mkdir(exist_ok=True)
	(tmp_path / "secret.zip").write_bytes(zips.roster(zips.district(tag="JI")))
	link = folder.path() / "link.zip"
	link.symlink_to(tmp_path / "secret.zip")
	try:
		assert folder.newest() is None
	finally:
		link.unlink()


def test_a_nightly_import_that_failed_is_found_by_the_health_page():
	frappe.db.set_single_value("Dialer Settings", "roster_nightly", 1)
	assert health.nightly_import().state == "warn"
	name = folder.made("x.zip (1)", b"no zip", nightly=1)
	imports.check(name)
	assert health.nightly_import().state == "warn" and "not imported" in health.nightly_import().text
	frappe.db.set_single_value("Dialer Settings", "roster_nightly", 0)
	assert health.nightly_import().state == "ok"


def test_old_files_are_deleted():
	doc = checked(zips.roster(zips.district(tag="JJ")))
	frappe.db.set_value(DOCTYPE, doc.name, "modified", "2026-01-01", update_modified=False)
	folder.forget_old()
	assert not frappe.db.exists("File", {"attached_to_doctype": DOCTYPE, "attached_to_name": doc.name})
	with pytest.raises(frappe.ValidationError):
		result_files.content_of(frappe.get_doc(DOCTYPE, doc.name))


def test_who_may_import(as_role):
	name = checked(zips.roster(zips.district(tag="JK"))).name
	schools = [
		frappe.get_doc({"doctype": "Dialer School", "school_name": f"JK {one}"}).insert().name
		for one in ("School", "Other School")  # the only school of a site narrows nothing
	]
	for role in ("Dialer Agent", "Dialer Manager", "Dialer Emergency Approver"):
		as_role(role)
		for method in (rosters.check, rosters.start, rosters.progress):
			with pytest.raises(frappe.PermissionError):
				method(name)
	for role in ("Dialer Compliance Officer", "System Manager"):
		user = as_role(role)
		assert rosters.progress(name)["state"] == imports.CHECKED
		assert frappe.get_list(DOCTYPE, pluck="name") == [name]
		frappe.set_user("Administrator")
		permission = {
			"doctype": "User Permission",
			"user": user,
			"allow": "Dialer School",
			"for_value": schools[0],
		}
		frappe.get_doc(permission).insert()
		frappe.set_user(user)
		assert frappe.get_list(DOCTYPE, pluck="name") == [] and frappe.get_list("Dialer Roster Record") == []
		with pytest.raises(frappe.PermissionError):
			rosters.progress(name)
		assert not frappe.has_permission(DOCTYPE, "read", doc=name)


def test_a_zip_that_was_uploaded_to_the_form_is_the_imports_own(as_role):
	user = as_role("Dialer Compliance Officer")
	upload = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": "export.zip",
			"is_private": 1,
			"content": zips.roster(zips.district(tag="JL")),
			"attached_to_doctype": DOCTYPE,
			"attached_to_name": "new-dialer-roster-import-abc",
			"attached_to_field": "file",
		}
	).insert()
	doc = frappe.get_doc(
		{"doctype": DOCTYPE, "file": upload.file_url, "state": "Checked", "done": 7}
	).insert()
	assert (doc.state, doc.done or 0, doc.file_name[-4:], doc.owner) == (imports.NEW, 0, ".zip", user)
	assert doc.file != upload.file_url and not frappe.db.exists("File", upload.name)
	rosters.check(doc.name)
	imports.check(doc.name)
	doc.reload()
	assert doc.state == imports.CHECKED, doc.message
	doc.file = "/private/files/other.zip"
	with pytest.raises(frappe.ValidationError):
		doc.save()


def test_no_one_imports_a_file_that_they_may_not_read(as_role):
	theirs = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": "theirs.zip",
			"is_private": 1,
			"content": zips.roster(zips.district(tag="JM")),
		}
	).insert()
	as_role("Dialer Compliance Officer")
	with pytest.raises(frappe.DoesNotExistError):
		frappe.get_doc({"doctype": DOCTYPE, "file": theirs.file_url}).insert()
	frappe.set_user("Administrator")
	theirs.delete()
