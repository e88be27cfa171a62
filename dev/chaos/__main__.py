"""python -m dev.chaos [--seed N] [--recipients N] [--kills N] [--here]: break everything, then check.

Judges by the carrier's journal. Writes .bench/chaos.json and prints it. Exits 1 when any person was wronged,
and says how.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from dev.chaos.checks import COUNTED
from dev.chaos.schedule import MODES
from dev.site import site
from dev.site.layout import OWN, current
from dev.site.steps import StepFailed, finish

SITE = "chaos.localhost"


def main() -> int:
	parser = argparse.ArgumentParser(prog="python -m dev.chaos")
	parser.add_argument("--seed", type=int, default=1, help="people, faults and troubles follow from it")
	parser.add_argument("--recipients", type=int, default=10_000)
	parser.add_argument("--kills", type=int, default=110)
	parser.add_argument(
		"--urgent", type=int, default=10_000, help="people of the emergencies in which a carrier fails"
	)
	parser.add_argument("--modes", default=",".join(MODES), help="how it fails: " + ", ".join(MODES))
	parser.add_argument(
		"--here", action="store_true", help=f"on the present site, among what it has, instead of {SITE}"
	)
	parser.add_argument("--report", type=Path, default=OWN / "chaos.json", help="where the report is written")
	options = parser.parse_args()
	bench = current()
	if not bench.owned:
		raise StepFailed("the database of this bench is not ours to restart: use the project's own bench")
	if not options.here:
		bench = site.make_beside(SITE)
	os.environ.update(bench.variables())
	from dev.chaos.run import run

	modes = tuple(one for one in MODES if one in options.modes.split(","))
	report = run(
		bench, options.seed, options.recipients, options.kills, not options.here, options.urgent, modes
	)
	text = json.dumps(report, indent=1)
	options.report.write_text(text + "\n")
	print(text)
	wrong = [name for name in COUNTED if report[name]]
	wrong += [name for name, count in report["restore"].items() if count]
	if report["details"]["without_consent"]:
		wrong.append("without_consent")
	if failover := report["failover"]:
		wrong += [f"failover: {name}" for name in ("lost", "duplicates") if failover[name]]
	if wrong:
		print(f"Not 0: {', '.join(wrong)}. Repeat it with --seed {options.seed}.", file=sys.stderr)
	return 1 if wrong else 0


if __name__ == "__main__":
	finish(main)
