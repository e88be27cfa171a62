"""`make test` runs every test file once, however deep its folder, and a part that hangs is ended."""

from collections import Counter
from pathlib import Path
from threading import Thread

import pytest

from dev.runner import lanes, parts
from dev.site.layout import Bench
from dev.site.processes import wait_until
from dev.site.steps import StepFailed
from tests.unit.runner.sample import on_this_python, part_of

HANGING = """
import time
from pathlib import Path

def test_hangs():
	Path({path!r}).touch()
	time.sleep(3600)
"""


@pytest.mark.parametrize("effort", parts.EFFORTS)
def test_every_test_file_is_in_one_part(effort):
	tests = parts.ROOT / "tests"
	run: Counter[Path] = Counter()
	for suite in parts.SUITES:
		for part in parts.parts_of(suite, effort):
			for name in part:
				path = parts.ROOT / name
				run.update(path.rglob("test_*.py") if path.is_dir() else [path])
	assert run == Counter(tests.rglob("test_*.py"))


def test_a_path_is_a_part_of_its_suite():
	path = "tests/unit/runner/test_parts.py"
	wanted = ["tests/unit/runner", f"{path}::test_tests_are_counted"]
	assert parts.chosen(wanted) == [("unit", [name]) for name in wanted]
	with pytest.raises(StepFailed, match="neither"):
		parts.chosen(["tests/unit/no_such_folder"])


def test_a_large_folder_is_parted():
	made = parts.parts_of("integration")
	assert all(len(part) <= parts.LARGEST_PART["integration"] for part in made)
	assert any("/approval/" in name for part in made for name in part)


def test_what_waits_begins_beside_what_is_busy_and_nothing_is_lost():
	wanted = ["unit", "integration", "browser"]
	suites = [suite for suite, _files in parts.chosen(wanted)]
	busy = len(suites) - suites.count(parts.WAITS)
	assert suites[: 2 * busy : 2].count(parts.WAITS) == 0 and set(suites[1 : 2 * busy : 2]) == {parts.WAITS}
	assert len(suites) == sum(len(parts.parts_of(suite)) for suite in wanted)


@pytest.mark.parametrize("effort", [parts.REST, parts.BOTH, parts.ALL])
def test_some_files_are_a_part_of_their_own_and_come_first(effort):
	for suite in parts.LARGEST_PART:
		alone = [[name] for name in sorted(parts.ALONE) if name.startswith(f"tests/{suite}/")]
		assert alone and parts.parts_of(suite, effort)[: len(alone)] == alone


@pytest.mark.parametrize("effort", [parts.REST, parts.BOTH, parts.ALL])
def test_on_a_site_that_all_parts_use_the_app_is_taken_away_last(effort):
	wanted = parts.chosen(["browser", "integration"], effort)
	made = parts.on_one_site(wanted)
	assert made[-1] == ("integration", [parts.UNINSTALLS])
	assert sorted(made) == sorted(wanted)


def test_a_quick_run_opens_no_lane_for_what_it_leaves_out():
	made = parts.parts_of("integration", parts.QUICK)
	assert not [part for part in made if set(part) <= parts.ALONE]


def test_a_lane_is_known_from_a_bench_that_stays(tmp_path):
	assert lanes.is_lane(Bench(tmp_path / "lanes" / "1", "", owned=True))
	assert not lanes.is_lane(Bench(tmp_path, "", owned=True))
	assert not lanes.is_lane(Bench(tmp_path / "lanes" / "1", "", owned=False))


def test_a_part_is_ended_when_its_time_is_used_up(folder):
	part = part_of(folder, HANGING.format(path=str(folder / "begun")), suite="unit", limit=0)
	part.run(on_this_python(folder))
	assert not part.is_green and part.counts() == (0, 1)


def test_a_part_that_is_ended_shows_its_threads(folder):
	begun = folder / "begun"
	part = part_of(folder, HANGING.format(path=str(begun)), suite="unit")
	running = Thread(target=part.run, args=[on_this_python(folder)])
	running.start()
	assert wait_until(begun.exists, part.limit)
	part.stop()
	running.join()
	assert "test_hangs" in "".join(part.said) and "thread 0x" in "".join(part.said)
	assert part.counts() == (0, 1)


def test_tests_are_counted(folder):
	part = part_of(folder, "def test_good(): pass\n\ndef test_bad(): assert not 1\n", suite="unit")
	part.run(on_this_python(folder))
	assert part.counts() == (1, 1)
	assert [line.partition("::")[2] for line in part.failures] == ["test_bad: assert not 1"]
