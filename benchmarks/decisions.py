"""Decisions per second of ``python -m school_dialer.compliance`` on one core, as a school would feed it.

	python benchmarks/decisions.py [--lines 100000] [--runs 5] [--require 20000]

Every run starts the command again (its start-up time counts) and pipes the same seeded lines through it. The
output is JSON: the median rate by CPU time and by the clock, and the cost of only reading and writing the
same JSON lines in the same run, so that results from different machines can be compared. Exits 1 when the
rate by CPU time is below ``--require``.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
START = datetime(2026, 5, 4, tzinfo=timezone.utc)
COMMAND = [sys.executable, "-m", "school_dialer.compliance"]
FLOOR = [
	sys.executable,
	"-c",
	"import json, sys\n"
	"for line in sys.stdin: print(json.dumps({'id': json.loads(line)['id'], 'verdict': None}))",
]
AREAS = {
	"IL": ("312", "217"),
	"NY": ("212", "518"),
	"FL": ("305", "850"),
	"CA": ("415", "213"),
	"TX": ("713", "915"),
	"AZ": ("602", "928"),
	"IN": ("317", "219"),
	"AL": ("205",),
	"KY": ("502",),
	"HI": ("808",),
	"ND": ("701",),
	"WA": ("206",),
}
TITLE = "Decisions"
LINES = 100_000
PURPOSES = ("Attendance", "Academic", "Event", "General", "Fees", "Fundraising")


def make_lines(count: int, seed: int = 1) -> list[str]:
	"""Return the JSON lines of ``count`` decisions.

	Most have consent; some are opted out, expired, capped, at night or in an emergency.
	"""
	chosen = random.Random(seed)
	return [json.dumps(_line(index, chosen)) for index in range(count)]


def _line(index: int, chosen: random.Random) -> dict[str, Any]:
	state = chosen.choice(list(AREAS))
	channel, purpose = chosen.choice(("Voice", "Text")), chosen.choice(PURPOSES)
	line: dict[str, Any] = {
		"id": str(index),
		"at": _time(START + timedelta(minutes=chosen.randrange(28 * 24 * 60))),
		"phone": f"+1{chosen.choice(AREAS[state])}{chosen.randrange(200, 1000)}{chosen.randrange(10000):04d}",
		"line_type": chosen.choice(("mobile", "landline", "unknown")),
		"channel": channel,
		"purpose": purpose,
		"person": {"country": "US", "state": state, "restricted": chosen.random() < 0.01},
		"consents": [],
		"opt_outs": [],
		"history": [],
	}
	if chosen.random() < 0.8:
		line["consents"].append(_consent(chosen))
	if chosen.random() < 0.1:
		line["opt_outs"].append(
			{
				"scope": "this purpose",
				"purpose": purpose,
				"channel": "Any",
				"at": _time(START - timedelta(days=3)),
			}
		)
	for _ in range(chosen.randrange(4)):
		when = _time(START + timedelta(minutes=chosen.randrange(24 * 60)))
		line["history"].append({"at": when, "channel": channel, "purpose": purpose})
	if chosen.random() < 0.02:
		line["purpose"] = "Emergency"
		line["emergency"] = {"type": "Fire", "requested_by": "ann", "approved_by": "bea"}
	return line


def _consent(chosen: random.Random) -> dict[str, Any]:
	granted = START - timedelta(days=chosen.randrange(900))
	return {
		"channel": "Any",
		"purpose": "All",
		"basis": chosen.choice(("number provided", "express oral", "express written")),
		"granted_at": _time(granted),
		"expires_at": _time(granted + timedelta(days=700)) if chosen.random() < 0.3 else None,
	}


def _time(moment: datetime) -> str:
	return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def run(command: list[str], source: Path) -> tuple[float, float]:
	"""Return the CPU and wall-clock seconds of one run of ``command`` over the lines in ``source``."""
	before = resource.getrusage(resource.RUSAGE_CHILDREN)
	start = time.perf_counter()
	with source.open("rb") as stdin:
		subprocess.run(command, stdin=stdin, stdout=subprocess.DEVNULL, cwd=ROOT, check=True)
	wall = time.perf_counter() - start
	after = resource.getrusage(resource.RUSAGE_CHILDREN)
	return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def measure(runs: int = 5, count: int | None = None) -> dict[str, Any]:
	"""Return medians of ``runs`` runs over ``count`` lines, by default LINES.

	The floor is measured between the runs on the same machine.
	"""
	count = count or LINES
	with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="ascii") as file:
		file.write("\n".join(make_lines(count)) + "\n")
		file.flush()
		source = Path(file.name)
		ours, floor = [], []
		for _ in range(runs):
			ours.append(run(COMMAND, source))
			floor.append(run(FLOOR, source))
	cpu = statistics.median(cpu for cpu, _ in ours)
	wall = statistics.median(wall for _, wall in ours)
	bare = statistics.median(cpu for cpu, _ in floor)
	return {
		"decisions": count,
		"runs": runs,
		"decisions_per_cpu_second": round(count / cpu),
		"decisions_per_second": round(count / wall),
		"times_the_bare_json": round(cpu / bare, 2),
	}


def table(found: dict[str, Any]) -> list[tuple[str, str, str]]:
	"""Return rows of what was measured, the result and the goal."""
	return [
		("Decisions for each second of CPU", f"{found['decisions_per_cpu_second']:,}", "20,000"),
		("Decisions a second by the clock", f"{found['decisions_per_second']:,}", ""),
		("CPU, as a multiple of reading and writing the same JSON", f"{found['times_the_bare_json']}", ""),
	]


def bars(found: dict[str, Any]) -> list[tuple[str, float, float, str]]:
	return [("Decisions for each second of CPU", found["decisions_per_cpu_second"], 20_000, "least")]


def main() -> int:
	parser = argparse.ArgumentParser(description="Decisions a second on one core.")
	parser.add_argument("--lines", type=int, default=LINES)
	parser.add_argument("--runs", type=int, default=5)
	parser.add_argument("--require", type=int, default=20_000, help="the least decisions per CPU second")
	options = parser.parse_args()
	result = measure(options.runs, options.lines)
	print(json.dumps(result, indent=1))
	return 0 if result["decisions_per_cpu_second"] >= options.require else 1


if __name__ == "__main__":
	sys.exit(main())
