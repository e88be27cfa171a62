"""The demo's table adds up on its face: people are people, and who has several reasons is said to."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from dev.site.layout import ROOT

CAMPAIGN = {
	"name": "Spring concert",
	"purpose": "Event",
	"channel": "Voice",
	"recipients": 10,
	"allowed": 6,
	"called": 6,
	"reached": 5,
	"deferred": 1,
	"deferred_until": "later",
	"not_called": 3,
}


@pytest.fixture
def table():
	pytest.importorskip("frappe")
	from dev.demo import table

	return table


def test_people_with_several_reasons_are_explained(table):
	lines = table.of_campaign({**CAMPAIGN, "blocked": {"NO_CONSENT": 3, "OPTED_OUT": 1}})
	assert lines[1].endswith("not called: 3 people")
	assert lines[-1].strip() == table.SEVERAL


def test_one_reason_each_needs_no_explanation(table):
	lines = table.of_campaign({**CAMPAIGN, "blocked": {"NO_CONSENT": 2, "OPTED_OUT": 1}})
	assert not [line for line in lines if table.SEVERAL in line]


def test_the_columns_of_people_add_up(table):
	keys = [key for _heading, key in table.COLUMNS]
	assert keys == ["recipients", "allowed", "called", "reached", "deferred"]
	assert CAMPAIGN["recipients"] == CAMPAIGN["allowed"] + CAMPAIGN["deferred"] + CAMPAIGN["not_called"]


def recipient(name: str, verdict: str, status: str) -> SimpleNamespace:
	return SimpleNamespace(name=name, school="Hill", verdict=verdict, status=status)


def test_of_the_permitted_no_more_people_are_called_than_there_are(table, monkeypatch):
	"""One opted out after the call, and one was called twice."""
	from dev.demo import district_checks

	rows = [
		recipient("stopped", "BLOCK", "Reached"),
		recipient("twice", "ALLOW", "Not Reached"),
		recipient("asleep", "DEFER", "Deferred"),
		recipient("barred", "BLOCK", "Blocked"),
	]
	logs = [
		SimpleNamespace(school="Hill", status="completed", recipient=name)
		for name in ("stopped", "twice", "twice")
	]
	monkeypatch.setattr(district_checks.frappe, "get_all", lambda *_some, **_more: rows)
	roster = SimpleNamespace(students=[])
	school, _own, total = district_checks.by_school(roster, [SimpleNamespace(name="Hill")], [], logs, {})
	for row in (school, total):
		assert (row["planned"], row["permitted"], row["called"], row["waiting"]) == (4, 2, 2, 1)
	assert school["calls"] == 3


DEMO = """
import warnings
from contextlib import contextmanager
from pathlib import Path
from unittest import mock
from dev.demo import __main__ as demo

@contextmanager
def stage(seed):
	warnings.warn_explicit("is deprecated", UserWarning, "model.py", 30, module="googleapiclient.model")
	OWN and warnings.warn_explicit("our own", UserWarning, "stage.py", 1, module="dev.demo.stage")
	yield mock.MagicMock()

part = {"violations": [], "students": []}
steps = {"attendance": ("one", part), "morning": ("two", part), "district": ([], part), "consent_drive": part}
demo.set_up, demo.STORIES, demo.wait_for, demo.OWN = stage, (), mock.Mock(), Path(FOLDER)
for name, found in steps.items():
	setattr(demo, name, mock.Mock(**{"run.return_value": found}))
demo.Person, demo.inbox = mock.Mock(), mock.Mock(**{"report_of.return_value": part})
demo.foundation, demo.frappe = mock.Mock(), mock.Mock()
demo.report_of = lambda *_some: {"violations": []}
demo.table = mock.Mock(**{"render.return_value": "THE TABLE"})
raise SystemExit(demo.main())
"""


@pytest.mark.parametrize("own", [False, True])
def test_no_warning_of_other_packages_stands_above_the_table(table, tmp_path, own):
	script = f"FOLDER, OWN = {str(tmp_path)!r}, {own}\n{DEMO}"
	shown = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
	assert shown.returncode == 0, shown.stderr
	assert shown.stdout == "THE TABLE\n"
	assert ("our own" in shown.stderr) is own
	assert "deprecated" not in shown.stderr
