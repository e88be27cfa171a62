"""The small form of each measure: it shows within seconds that a measure still works, and measures nothing.

`python -m benchmarks --small` runs it on the site of the bench as it is, which it fills with made-up
families: for a copy of a site that is thrown away, as the tests have. Nothing is written but that, and a line
of JSON for each measure. A process that a measure starts takes the same numbers, by the variable.
"""

from __future__ import annotations

import json
import os
import traceback
from collections.abc import Iterable
from importlib import import_module
from typing import Any

VARIABLE = "DIALER_BENCH_SMALL"
FAILED = "failed"
PEOPLE = 60
STILL = 1 << 62
"""More bytes than a database's log ever has: no measure waits for a calm database."""

NUMBERS: dict[str, dict[str, Any]] = {
	"benchmarks.place": {"STILL": STILL},
	"benchmarks.planning": {"SIZES": (20, 40, PEOPLE), "SOME": 40, "DOCUMENTS": 2},
	"benchmarks.district": {"SCHOOLS": 3, "PEOPLE": PEOPLE},
	"benchmarks.queries": {"PEOPLE": PEOPLE, "PLANNED": 40},
	"benchmarks.decisions": {"LINES": 50},
	"benchmarks.dispatch": {"PEOPLE": 40},
	"benchmarks.pacing": {"PACES": (10,), "WORKERS": (1,), "SECONDS": 1, "PEOPLE": 40},
	"benchmarks.emergency": {"EVERYBODY": PEOPLE, "PACE": 2, "WORKERS": 1},
	# In turn: of so few calls none may end before its words were fetched.
	"benchmarks.callbacks": {"CALLS": 5, "PINGS": 40, "KEYS": 4, "LAG": 2, "CONNECTIONS": 1},
	"benchmarks.costs": {"PEOPLE": 40},
	"benchmarks.loop": {"PEOPLE": 40, "CALLS": 10, "PACE": 20, "KEYED": 5, "STOPPED": 5},
	"benchmarks.newsletter": {"PEOPLE": 20, "PART": 4},
	"benchmarks.live": {"RECIPIENTS": 50, "CALLS": 60},
	"benchmarks.reports": {"PEOPLE": PEOPLE, "CAMPAIGNS": 2, "EACH": 20},
	"benchmarks.reach": {"STUDENTS": 50, "GROUPS": 4, "COUNTED": 20},
	"benchmarks.capacity": {"PLANS": (20, 40), "CALLS": (4, 8)},
	"school_dialer.campaigns.planning.planner": {"CHUNK": 20},
}


def is_asked() -> bool:
	return bool(os.environ.get(VARIABLE))


def take_numbers() -> None:
	"""Give each measure its small numbers, if they are asked for."""
	for path, values in NUMBERS.items() if is_asked() else ():
		module = import_module(path)
		for name, value in values.items():
			if not hasattr(module, name):
				raise AttributeError(f"{path} has no {name} any more")
			setattr(module, name, value)


def run(names: Iterable[str]) -> int:
	"""Run these measures, and print what each one found, or how it failed, as a line of JSON."""
	os.environ[VARIABLE] = "1"
	failed = False
	take_numbers()
	for name in names:
		try:
			found = import_module(f"benchmarks.{name}").measure(1)
		except Exception:
			found, failed = {FAILED: traceback.format_exc()}, True
		print(json.dumps({name: found}), flush=True)
	return int(failed)
