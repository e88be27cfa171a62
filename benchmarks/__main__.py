"""python -m benchmarks [NAME ...] [--rounds N]: measure, and write the results, tables and plots.

With `--small` each measure only shows that it still works (`kit/small.py`).

The results go to benchmarks/results/results.json, the tables and plots to docs/performance.md.

A measure is a module of this package with `TITLE`, `measure(rounds) -> dict` and `table(found)`. `table`
returns rows of text for the columns of the module's `HEADS` (by default what, result and goal). A module with
several tables defines `parts(found)` instead, which returns title, heads and rows of each table. Two names
are optional: `bars(found)` adds the measure to the plot of goals (`plot.py`), and `PAGE` sends its tables to
another page of docs/. To add a measure, name it in MEASURES and in the table of small numbers. `capacity`
reads the results of the others and comes last.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Iterable
from datetime import datetime, timezone
from importlib import import_module
from pathlib import Path
from types import ModuleType

from benchmarks.kit import plot, small
from dev.site.steps import finish

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "results.json"
DOCS = HERE.parent / "docs"
PAGE = "performance.md"
START, END = "<!-- results: written by python -m benchmarks -->", "<!-- end of results -->"
MEASURES = (
	"planning",
	"district",
	"queries",
	"decisions",
	"dispatch",
	"pacing",
	"emergency",
	"callbacks",
	"loop",
	"newsletter",
	"live",
	"reports",
	"reach",
	"capacity",
)
HEADS = ("What", "Measured", "Goal")


def main() -> int:
	parser = argparse.ArgumentParser(prog="python -m benchmarks")
	parser.add_argument("names", nargs="*", metavar="NAME", help=f"by default all: {', '.join(MEASURES)}")
	parser.add_argument("--rounds", type=int, default=5, help="repetitions, of which medians are taken")
	parser.add_argument(
		"--pages", action="store_true", help="measure nothing, write the pages from results.json"
	)
	parser.add_argument("--small", action="store_true", help="show that each works, on the bench's own site")
	options = parser.parse_args()
	if unknown := set(options.names) - set(MEASURES):
		parser.error(f"unknown: {', '.join(sorted(unknown))}")
	if options.small:
		return small.run(options.names or MEASURES)
	results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
	for name in () if options.pages else options.names or MEASURES:
		load = os.getloadavg()[0]
		found = import_module(f"benchmarks.{name}").measure(options.rounds)
		results[name] = {**found, "run": run_of(load)}
		RESULTS.write_text(json.dumps(results, indent=1) + "\n")
		print(json.dumps({name: results[name]}, indent=1), flush=True)
	write_pages(results)
	return 0


def run_of(load: float) -> dict:
	return {
		"at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
		"python": platform.python_version(),
		"cores": os.cpu_count(),
		"load_before": round(load, 1),
	}


def write_pages(results: dict) -> None:
	"""Write the plots, and write each page's tables between its START and END marks."""
	pictures = plot.pictures(results, MEASURES)
	for name, svg in pictures.items():
		(DOCS / "images" / "reports" / name).write_text(svg)
	pages: dict[str, list[str]] = {
		PAGE: [f"\n![{plot.title_of(svg)}](images/reports/{name})" for name, svg in pictures.items()]
	}
	for name in MEASURES:
		if found := results.get(name):
			module = import_module(f"benchmarks.{name}")
			pages.setdefault(getattr(module, "PAGE", PAGE), []).append(section(module, found))
	for name, parts in pages.items():
		before, _, rest = (DOCS / name).read_text().partition(START)
		_, _, after = rest.partition(END)
		(DOCS / name).write_text("\n".join([before + START, *parts, "", END + after]))


def section(module: ModuleType, found: dict) -> str:
	if hasattr(module, "parts"):
		parts = module.parts(found)
	else:
		parts = [(module.TITLE, getattr(module, "HEADS", HEADS), module.table(found))]
	run = found["run"]
	where = (
		f"Python {run['python']}, {run['cores']} cores, "
		f"load before the run {run['load_before']}, {run['at'][:10]}."
	)
	lines = []
	for title, heads, rows in parts:
		lines += ["", f"### {title}", "", *map(line, [heads, ["---"] * len(heads), *rows])]
	return "\n".join([*lines, "", where])


def line(cells: Iterable[str]) -> str:
	return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
	finish(main)
