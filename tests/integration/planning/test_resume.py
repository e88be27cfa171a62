"""Planners that are killed, run twice, paused and canceled.

Every household is planned once, exactly as in an undisturbed plan.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import frappe
import pytest

from dev.patience import PATIENCE
from school_dialer.base import states
from school_dialer.campaigns import actions
from school_dialer.campaigns.planning import planner
from tests.effort import ALL, EFFORT
from tests.integration import factories as make
from tests.integration.planning.conftest import plan_chunk, rows_of

pytestmark = pytest.mark.exhaustive

ROOT = Path(__file__).resolve().parents[3]
PLANNER = Path(__file__).with_name("planner.py")
CHUNK = 7
PEOPLE = 600
KILLS, MOST_CHUNKS = 8 if EFFORT == ALL else 4, 3


@pytest.fixture
def crowd(fictional: list[str]) -> str:
	"""Return a file with more lines than numbers, so that households recur many chunks later."""
	chosen = random.Random(5)
	return make.csv_file([(f"Person {index}", chosen.choice(fictional)) for index in range(PEOPLE)])


@pytest.fixture
def undisturbed(prepared: Callable[..., str], crowd: str) -> list[tuple]:
	name = prepared(audience_file=crowd)
	planner.plan_all(name)
	assert is_planned(name)
	return rows_of(name)


@pytest.fixture
def start_planner(sites_path: Path, site: str) -> Iterator[Callable[..., subprocess.Popen]]:
	"""Yield a function that starts a campaign's planner process and returns it when about to plan.

	With `most`, it is killed after so many chunks at the latest: a slow test would kill none of them in time.
	"""
	started: list[subprocess.Popen] = []

	def start(name: str, *most: int) -> subprocess.Popen:
		process = subprocess.Popen(
			[sys.executable, "-W", "ignore", str(PLANNER), name, str(CHUNK), *map(str, most)],
			cwd=sites_path,
			env={**os.environ, "PYTHONPATH": str(ROOT), "SITES_PATH": str(sites_path), "SITE": site},
			stdout=subprocess.PIPE,
			text=True,
		)
		started.append(process)
		assert process.stdout.readline() == "ready\n"
		return process

	yield start
	for process in started:
		process.kill()
		process.wait()
		process.stdout.close()


def written(name: str) -> int:
	frappe.db.rollback()
	return frappe.db.count("Dialer Recipient", {"campaign": name})


def is_planned(name: str) -> bool:
	frappe.db.rollback()
	return bool(frappe.db.get_value("Dialer Campaign", name, "planned_at"))


def test_killed_planners_leave_the_plan_of_an_undisturbed_one(prepared, crowd, undisturbed, start_planner):
	name = prepared(audience_file=crowd)
	chosen = random.Random(1)
	counts = [0]
	for _ in range(KILLS):
		process = start_planner(name, MOST_CHUNKS)
		while written(name) == counts[-1] and process.poll() is None:
			time.sleep(0.001)
		time.sleep(chosen.uniform(0, 0.03))
		process.kill()
		process.wait()
		counts.append(written(name))
	assert counts == sorted(counts), "nothing that was committed is lost"
	assert len(set(counts)) > KILLS / 2, "most were killed on the way"
	assert start_planner(name).wait(PATIENCE) == 0
	assert is_planned(name)
	assert rows_of(name) == undisturbed


def test_two_planners_at_once_plan_everybody_once(prepared, crowd, undisturbed, start_planner):
	name = prepared(audience_file=crowd)
	both = [start_planner(name), start_planner(name)]
	assert [process.wait(PATIENCE) for process in both] == [0, 0]
	assert is_planned(name)
	assert rows_of(name) == undisturbed


def test_a_chunk_that_another_planner_wrote_is_not_written_again(prepared, crowd, monkeypatch):
	monkeypatch.setattr(planner, "CHUNK", CHUNK)
	name = prepared(audience_file=crowd)
	late = planner.prepare(name, "")
	assert plan_chunk(name)
	before = rows_of(name)
	assert planner.write(late) is False
	assert rows_of(name) == before


@pytest.mark.parametrize("stop", [actions.pause, actions.cancel])
def test_nothing_is_written_after_a_stop(prepared, crowd, monkeypatch, stop):
	monkeypatch.setattr(planner, "CHUNK", CHUNK)
	name = prepared(audience_file=crowd)
	assert plan_chunk(name)
	late = planner.prepare(name, frappe.db.get_value("Dialer Campaign", name, "plan_cursor"))
	before = frappe.db.count("Dialer Recipient", {"campaign": name})
	stop(name)
	frappe.db.commit()
	assert planner.write(late) is False
	planner.plan_all(name)
	assert frappe.db.count("Dialer Recipient", {"campaign": name}) == before
	assert not is_planned(name)


def test_a_paused_plan_goes_on_where_it_was(prepared, crowd, undisturbed, monkeypatch):
	monkeypatch.setattr(planner, "CHUNK", 50)
	name = prepared(audience_file=crowd)
	assert plan_chunk(name)
	actions.pause(name)
	frappe.db.commit()
	frappe.db.sql("update `tabDialer Campaign` set status = 'Preparing' where name = %s", name)
	frappe.db.commit()
	planner.plan_all(name)
	assert is_planned(name)
	assert rows_of(name) == undisturbed


def test_progress_shows_while_planning(prepared, crowd, monkeypatch):
	monkeypatch.setattr(planner, "CHUNK", CHUNK)
	name = prepared(audience_file=crowd)
	seen = []
	for _ in range(3):
		assert plan_chunk(name)
		seen.append(frappe.db.count("Dialer Recipient", {"campaign": name}))
		assert frappe.db.get_value("Dialer Campaign", name, "heartbeat_at")
	assert seen == sorted(set(seen))


def test_an_audience_that_cannot_be_read_fails_with_its_reason(prepared):
	name = prepared(audience_file=make.csv_file([("Person", make.phone())]))
	frappe.db.set_value("Dialer Campaign", name, "audience_source", "People of the moon")
	frappe.db.commit()
	planner.run(name)
	status, message = frappe.db.get_value("Dialer Campaign", name, ["status", "status_message"])
	assert status == states.FAILED and "People of the moon" in message
