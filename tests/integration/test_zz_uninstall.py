"""Uninstall and install the app again as `bench` does.

Each command runs in its own process. After it has ended, another process looks at the site.

The app's own records are deleted: this file has a lane of its own, with the demo school. On a bench that this
repository does not own, it is the site of the tests, which must be a disposable one. Outside a lane it uses a
second site: the one that the developer works on stays as it is. ERPNext's Campaign and Call Log have names
like ours. They and everything else of other apps must stay as they are. The file runs last
(`conftest.py`), also of all parts on a site that they share (`parts.on_one_site`).
"""

import gzip
import json
import subprocess
from pathlib import Path

import frappe
import pytest

from dev.runner import lanes
from dev.site import site as sites
from dev.site.layout import current
from tests.integration import uninstalled_site as there

pytestmark = pytest.mark.exhaustive

GONE = (
	*(
		"installed",
		"roles",
		"assignments",
		"permissions",
		"doctypes",
		"tables",
		"settings",
		"secrets",
		"jobs",
	),
	*("custom_fields", "sidebars", "icons", "globals", "comments", "files", "steps"),
)


@pytest.fixture(scope="module")
def second():
	"""Yield functions that run a command on the site that loses the app, and look at it.

	The app is installed again at the end, whatever happened.
	"""
	bench = current()
	if bench.owned and not lanes.is_lane(bench):
		bench = sites.make_beside("uninstall.localhost")
	frappe.db.commit()

	def run(*command: str) -> subprocess.CompletedProcess:
		return subprocess.run(command, cwd=bench.sites, env=bench.variables(), capture_output=True, text=True)

	def frappe_command(*arguments: str) -> subprocess.CompletedProcess:
		return run(*bench.frappe("--site", bench.site, *arguments))

	def look(verb: str = "look") -> dict:
		done = run(str(bench.python), there.__file__, bench.site, verb)
		assert done.returncode == 0, done.stderr
		return json.loads(done.stdout.splitlines()[-1])

	yield frappe_command, look
	if not look()["installed"]:
		assert frappe_command("install-app", "school_dialer").returncode == 0
	frappe.clear_cache()


@pytest.fixture(scope="module")
def story(second) -> dict:
	"""Run the whole story, and return the output of each step and what the site contained after it.

	The steps are: before, a dry run, the uninstall, the install, and the import of the ledger.
	"""
	command, look = second
	told: dict = {"before": look("prepare")}
	for step, arguments in {
		"dry": ("uninstall-app", "school_dialer", "--yes", "--no-backup", "--dry-run"),
		"uninstalled": ("uninstall-app", "school_dialer", "--yes", "--no-backup"),
		"installed": ("install-app", "school_dialer"),
	}.items():
		told[step + "_said"] = command(*arguments)
		assert told[step + "_said"].returncode == 0, told[step + "_said"].stderr
		told[step] = look()
	words = told["uninstalled_said"].stdout.split()
	told["file"] = next((word for word in words if word.endswith(".jsonl.gz")), "none was named")
	return told


def test_a_dry_run_takes_nothing_away(story):
	assert story["dry"] == story["before"]


def test_uninstall_takes_all_of_ours(story):
	on_16 = frappe.db.exists("DocType", "Workspace Sidebar")
	not_everywhere = {"permissions"} if on_16 else {"permissions", "sidebars", "icons"}
	assert [trace for trace in GONE if not story["before"][trace] and trace not in not_everywhere] == []
	left = {trace: story["uninstalled"][trace] for trace in GONE if story["uninstalled"][trace]}
	assert left == {}


def test_uninstall_leaves_what_others_made(story):
	for trace in ("others", "court_orders", "evidence"):
		assert story["uninstalled"][trace] == story["before"][trace] != 0, trace
	assert story["uninstalled"]["foreign_roles"] == ["Newsletter Manager"]


def test_install_finds_the_court_order_and_offers_the_ledger(story):
	assert story["installed"]["court_orders"] == story["before"]["court_orders"]
	assert story["installed"]["custom_fields"] == story["before"]["custom_fields"]
	assert story["file"] in story["installed_said"].stdout
	assert not any(story["installed"]["consents"].values())


def test_the_ledger_is_taken_in_once_and_whole(second, story):
	command, look = second
	file = story["file"]
	assert Path(file).stat().st_mode & 0o077 == 0
	dry = command("dialer", "restore-ledger", file, "--json")
	count = story["before"]["numbers"]
	assert json.loads(dry.stdout)["restored"] == count >= 2 and not json.loads(dry.stdout)["changed"]
	assert not any(look()["consents"].values())
	for restored, known in ((count, 0), (0, count)):
		done = command("dialer", "restore-ledger", file, "--yes", "--json")
		assert done.returncode == 0, done.stderr
		answer = json.loads(done.stdout)
		assert (answer["restored"], answer["known"], answer["broken"]) == (restored, known, 0)
		assert look()["consents"] == story["before"]["consents"]
		assert look()["events"] == story["before"]["events"]
	verified = command("dialer", "verify-ledger", "--json")
	assert json.loads(verified.stdout)["sound"] and json.loads(verified.stdout)["anchors"] >= 1


def test_a_file_that_was_changed_is_refused(second, story, tmp_path):
	command, _look = second
	text = gzip.decompress(Path(story["file"]).read_bytes())
	changed = tmp_path / "changed.jsonl.gz"
	changed.write_bytes(gzip.compress(text.replace(b'"Opt Out"', b'"Opt In"')))
	done = command("dialer", "restore-ledger", str(changed), "--yes")
	assert done.returncode == 1 and "signature" in done.stderr and "Traceback" not in done.stderr
