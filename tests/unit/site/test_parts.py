"""`make test` runs every test file once, however deep its folder."""

from collections import Counter
from pathlib import Path

from dev.site import checks


def test_every_test_file_is_in_one_part():
	tests = checks.ROOT / "tests"
	run: Counter[Path] = Counter()
	for suite in checks.SUITES:
		for part in checks.parts_of(suite):
			for name in part:
				path = checks.ROOT / name
				run.update(path.rglob("test_*.py") if path.is_dir() else [path])
	assert run == Counter(tests.rglob("test_*.py"))


def test_a_large_folder_is_parted_and_the_last_part_is_of_loose_files():
	parts = checks.parts_of("integration")
	assert all(len(part) <= checks.LARGEST_PART["integration"] for part in parts)
	assert any("/approval/" in name for part in parts for name in part)
	assert all(name.count("/") == 2 for name in parts[-1])


def test_each_part_runs_once_and_nothing_follows_chaos_on_its_bench(monkeypatch):
	ran: dict[str, list[str]] = {"first": [], "second": [], "third": []}
	monkeypatch.setattr(checks.Part, "run", lambda part, bench: ran[bench].append(part.suite))
	suites = [checks.CHAOS, *["integration"] * 7, "unit"]
	checks.run_beside([checks.Part(suite, []) for suite in suites], list(ran))
	assert sorted(suite for done in ran.values() for suite in done) == sorted(suites)
	assert all(checks.CHAOS not in done[:-1] for done in ran.values())
