"""The short form of `make chaos`, on the development site.

The seed determines what breaks. The machine determines how long it takes.
"""

import json
import subprocess
import sys

import pytest

from dev.chaos.checks import COUNTED
from dev.site.layout import OWN, ROOT, current
from tests.effort import BOTH, EFFORT, QUICK

SHORT = EFFORT in (QUICK, BOTH)
RECIPIENTS, KILLS = (80, 2) if SHORT else (400, 8)
URGENT, MODES = (24, "refused") if SHORT else (60, "dead,slow,refused")
SEED = 1
REPORT = OWN / "chaos-short.json"


@pytest.mark.scaled
@pytest.mark.timeout(1500)
@pytest.mark.skipif(not current().owned, reason="the database of another bench is not ours to restart")
def test_no_one_is_wronged_while_everything_breaks():
	command = [sys.executable, "-m", "dev.chaos", "--here", "--report", REPORT]
	options = {
		"--seed": SEED,
		"--recipients": RECIPIENTS,
		"--kills": KILLS,
		"--urgent": URGENT,
		"--modes": MODES,
	}
	command += [str(part) for pair in options.items() for part in pair]
	run = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True)
	assert run.returncode == 0, run.stdout + run.stderr
	report = json.loads(REPORT.read_text())
	assert {name: report[name] for name in COUNTED} == dict.fromkeys(COUNTED, 0)
	assert report["restore"] == {"called_twice": 0, "opt_outs_lost": 0}
	assert report["recipients"] == RECIPIENTS and report["kills"] >= KILLS
	assert report["posted"] > RECIPIENTS / 2 and report["details"]["opted_out"]
	failover = report["failover"]
	assert (failover["lost"], failover["duplicates"], failover["people"]) == (0, 0, URGENT)
	assert failover["seconds_to_b"] is not None and failover["told_again"] <= URGENT
