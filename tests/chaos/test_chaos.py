"""The short form of `make chaos`, on the development site.

The seed determines what breaks. The machine determines how long it takes.
"""

import json
import subprocess
import sys

import pytest

from dev.chaos.checks import COUNTED
from dev.site.layout import OWN, ROOT, current
from tests.effort import EFFORT, QUICK

RECIPIENTS, KILLS = (80, 2) if EFFORT == QUICK else (400, 8)
SEED = 1
REPORT = OWN / "chaos-short.json"


@pytest.mark.scaled
@pytest.mark.timeout(1500)
@pytest.mark.skipif(not current().owned, reason="the database of another bench is not ours to restart")
def test_no_one_is_wronged_while_everything_breaks():
	command = [sys.executable, "-m", "dev.chaos", "--here", "--report", REPORT]
	options = {"--seed": SEED, "--recipients": RECIPIENTS, "--kills": KILLS}
	command += [str(part) for pair in options.items() for part in pair]
	run = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True)
	assert run.returncode == 0, run.stdout + run.stderr
	report = json.loads(REPORT.read_text())
	assert {name: report[name] for name in COUNTED} == dict.fromkeys(COUNTED, 0)
	assert report["recipients"] == RECIPIENTS and report["kills"] >= KILLS
	assert report["posted"] > RECIPIENTS / 2 and report["details"]["opted_out"]
