"""python -m benchmarks [NAME ...] [--rounds N]: measure, and write benchmarks/results.json and the table in docs/performance.md.

A measure is a module of this package with `TITLE`, `measure(rounds) -> dict` and `table(found)`, which gives rows of text for the
columns of its `HEADS` (by default what, result and goal). To add one, name it in MEASURES.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterable
from datetime import datetime, timezone
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
PAGE = HERE.parent / "docs" / "performance.md"
START, END = "<!-- results: written by python -m benchmarks -->", "<!-- end of results -->"
MEASURES = ("planning", "queries", "decisions", "callbacks")
HEADS = ("What", "Measured", "Goal")


def main() -> int:
	parser = argparse.ArgumentParser(prog="python -m benchmarks")
	parser.add_argument("names", nargs="*", metavar="NAME", help=f"by default all: {', '.join(MEASURES)}")
	parser.add_argument("--rounds", type=int, default=5, help="repetitions, of which medians are taken")
	options = parser.parse_args()
	if unknown := set(options.names) - set(MEASURES):
		parser.error(f"unknown: {', '.join(sorted(unknown))}")
	results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
	for name in options.names or MEASURES:
		load = os.getloadavg()[0]
		found = import_module(f"benchmarks.{name}").measure(options.rounds)
		results[name] = {**found, "run": run_of(load)}
		RESULTS.write_text(json.dumps(results, indent=1) + "\n")
		print(json.dumps({name: results[name]}, indent=1), flush=True)
	write_page(results)
	return 0


def run_of(load: float) -> dict:
	return {
		"at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
		"python": platform.python_version(),
		"cores": os.cpu_count(),
		"load_before": round(load, 1),
	}


def write_page(results: dict) -> None:
	"""Put the table between the page's two marks."""
	page = PAGE.read_text()
	before, _, rest = page.partition(START)
	_, _, after = rest.partition(END)
	PAGE.write_text(f"{before}{START}\n{tables(results)}{END}{after}")


def tables(results: dict) -> str:
	lines = []
	for name in MEASURES:
		if found := results.get(name):
			module, run = import_module(f"benchmarks.{name}"), found["run"]
			heads = getattr(module, "HEADS", HEADS)
			lines += ["", f"### {module.TITLE}", "", line(heads), line(["---"] * len(heads))]
			lines += [line(cells) for cells in module.table(found)]
			lines += [
				"",
				f"Python {run['python']}, {run['cores']} cores, load before the run {run['load_before']}, {run['at'][:10]}.",
			]
	return "\n".join(lines) + "\n\n"


def line(cells: Iterable[str]) -> str:
	return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
	sys.exit(main())
