"""`bench dialer roster`, as an administrator types it."""

import json
from collections.abc import Iterator
from pathlib import Path

import frappe
import pytest

from dev import roster_zip as zips
from tests.integration.roster_import import leftovers


@pytest.fixture(autouse=True)
def clean(no_accounts) -> Iterator[None]:
	frappe.db.commit()
	yield
	frappe.db.rollback()
	leftovers.clear()


def write(path: Path, students: int) -> str:
	path.write_bytes(zips.roster(zips.district(students=students, tag="KA")))
	return str(path)


def test_a_roster_is_shown_and_imported(bench, tmp_path):
	file = write(tmp_path / "roster.zip", 30)
	shown = bench("roster", file)
	assert shown.returncode == 0 and "Student                        30" in shown.stdout
	assert not frappe.db.exists("Student", {"last_name": "KAfamily0"})
	refused = bench("roster", file, "--import", typed="n\n")
	assert refused.returncode == 1 and not frappe.db.exists("Student", {"last_name": "KAfamily0"})
	done = json.loads(bench("roster", file, "--import", "--yes", "--json").stdout)
	assert done["state"] == "Imported" and frappe.db.exists("Student", {"last_name": "KAfamily0"})
	half = write(tmp_path / "half.zip", 15)
	assert bench("roster", half, "--import", "--yes").returncode == 1
	assert frappe.db.count("Student", {"last_name": ("like", "KAfamily%"), "enabled": 1}) == 30
	assert bench("roster", half, "--import", "--yes", "--confirmed", "30").returncode == 0
	assert frappe.db.count("Student", {"last_name": ("like", "KAfamily%"), "enabled": 1}) == 15


def test_no_other_role_imports(bench, tmp_path):
	user = frappe.get_doc(
		{
			"doctype": "User",
			"email": f"{frappe.generate_hash(length=10)}@school.example",
			"first_name": "T",
			"roles": [{"role": "Dialer Manager"}],
			"send_welcome_email": 0,
		}
	).insert()
	frappe.db.commit()
	try:
		done = bench("roster", write(tmp_path / "roster.zip", 2), "--user", user.name)
		assert done.returncode == 1 and done.stdout == ""
	finally:
		user.delete()
		frappe.db.commit()
