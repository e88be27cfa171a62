"""Dialer Health shows each check under a name that a person reads."""

import re
from pathlib import Path

APP = Path(__file__).parents[3] / "school_dialer"
PAGE = APP / "school_dialer" / "page" / "dialer_health" / "dialer_health.js"
CHECKS = APP / "health" / "examine.py"


def test_each_check_has_a_name():
	shown = PAGE.read_text().partition("HEALTH_CHECKS = {")[2].partition("};")[0]
	names = set(re.findall(r"^\t(\w+): __\(", shown, re.M))
	tables = "".join(re.findall(r"^(?:INSIDE|OUTSIDE): .*?\}$", CHECKS.read_text(), re.M | re.S))
	checks = set(re.findall(r'"(\w+)": \w+\.\w+', tables))
	assert checks >= {"settings", "carrier", "certificate"}
	assert names == checks
