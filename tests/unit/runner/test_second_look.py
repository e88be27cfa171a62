"""A failed test is looked at a second time, alone: flaky is shown and recorded, and no failure is hidden."""

import json

import pytest

from dev.runner import record, second_look
from dev.runner.record import Run
from tests.unit.runner.sample import flaky, open_lane, part_of

BAD = "\ndef test_bad():\n\tassert False, 'always'\n"
GOOD = "\ndef test_good():\n\tpass\n"


@pytest.fixture(autouse=True)
def records(folder, monkeypatch):
	monkeypatch.setattr(record, "RUNS", folder / "runs.jsonl")
	monkeypatch.setattr(record, "FLAKY", folder / "flaky.jsonl")


def run_of(*parts) -> Run:
	run = Run("test", "2026-12-08", 1, list(parts))
	run.looks = second_look.run(run.parts, open_lane, 1)
	run.keep()
	return run


def lines(file) -> list[dict]:
	return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def test_a_test_that_fails_at_its_first_try_only_is_flaky(folder, capsys):
	run = run_of(part_of(folder, flaky(folder, "once") + GOOD))
	assert run.is_green and run.counts() == (2, 0)
	run.show(["integration"])
	shown = capsys.readouterr()
	assert "FLAKY" in shown.err and "integration: flaky" in shown.err
	assert "the first try of once fails" in shown.out and "a second look at" in shown.out
	(kept,) = lines(record.FLAKY)
	assert kept["test"].endswith("::test_once") and kept["today"] == "2026-12-08" and kept["seed"] == 1
	(line,) = lines(record.RUNS)
	assert line["green"] and line["flaky"] == [kept["test"]] and line["failures"] == []


def test_a_test_that_fails_twice_has_failed(folder, capsys):
	run = run_of(part_of(folder, BAD + flaky(folder, "once")))
	assert not run.is_green and run.counts() == (1, 1)
	run.show(["integration"])
	assert "FAILED TWICE" in capsys.readouterr().err
	(line,) = lines(record.RUNS)
	assert not line["green"] and [name.rpartition("::")[2] for name in line["failures"]] == ["test_bad"]


def test_four_flaky_tests_are_too_many(folder):
	names = ["one", "two", "three", "four"]
	three = run_of(*(part_of(folder, flaky(folder, name)) for name in names[:3]))
	assert three.is_green and len(three.flaky) == 3
	for name in names:
		(folder / f"{name}.tried").unlink(missing_ok=True)
	four = run_of(part_of(folder, "".join(flaky(folder, name) for name in names)))
	assert not four.is_green and len(four.flaky) == 4


@pytest.mark.parametrize("suite", ["unit", "security", "chaos"])
def test_what_does_not_depend_on_speed_gets_no_second_look(folder, suite):
	run = run_of(part_of(folder, flaky(folder, "once"), suite=suite))
	assert run.looks == [] and not run.is_green and run.counts() == (0, 1)


def test_a_part_that_broke_off_gets_none(folder):
	run = run_of(part_of(folder, "import no_such_module\n"))
	assert run.looks == [] and not run.is_green and run.counts() == (0, 1)


def test_each_case_of_a_test_is_looked_at_by_itself(folder):
	text = """
import pytest
from pathlib import Path

@pytest.mark.parametrize("word", ["a [b]", "c::d", "Zoë"])
def test_words(word):
	tried = Path({path!r}, f"case-{{ord(word[0])}}")
	first = not tried.exists()
	tried.touch()
	assert not first
"""
	run = run_of(part_of(folder, text.format(path=str(folder))))
	assert run.is_green and len(run.flaky) == 3
