"""Each benchmark still works: in its small form it ends, and reports what it reports in full. No times count.

The benchmarks fill the lane's site with made-up families, so this file runs last (`conftest.py`), but for
that which has a lane of its own.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module

import frappe
import pytest

from benchmarks.__main__ import MEASURES, RESULTS
from benchmarks.kit import small
from dev.site.layout import ROOT, current

pytestmark = [pytest.mark.exhaustive, pytest.mark.each_case]


@pytest.fixture(scope="module")
def found() -> Iterator[Callable[[str], dict]]:
	"""Run all measures in one process, and yield a function that waits for what one of them found."""
	if not current().owned:
		pytest.skip("benchmarks start and stop servers of the project's own bench")
	frappe.db.commit()
	reported: dict[str, dict] = {}
	with subprocess.Popen(
		[sys.executable, "-m", "benchmarks", "--small"],
		cwd=ROOT,
		env={**os.environ, **current().variables()},
		stdout=subprocess.PIPE,
		text=True,
	) as process:

		def of(name: str) -> dict:
			while name not in reported and (line := process.stdout.readline()):
				if line.startswith('{"'):
					reported.update(json.loads(line))
			assert name in reported, f"the benchmarks ended before {name}"
			return reported[name]

		yield of
		process.kill()


@pytest.mark.parametrize("name", MEASURES)
def test_it_ends_and_reports_what_is_on_record(found, name):
	here, module = found(name), import_module(f"benchmarks.{name}")
	assert small.FAILED not in here, here[small.FAILED]
	if "absent" not in here:
		on_record = json.loads(RESULTS.read_text())[name]
		assert on_record.keys() - {"run"} <= here.keys()
	rows = [row for part in module.parts(here) for row in part[2]] if hasattr(module, "parts") else None
	assert rows or module.table(here)
