"""Findings as OpenMetrics text (https://github.com/prometheus/OpenMetrics, 1.0). Pure Python.

It has states, counts and ages, without any finding's text.
"""

from collections.abc import Sequence

from school_dialer.health.finding import SEVERITY, Finding

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PREFIX = "school_dialer"


def exposition(findings: Sequence[Finding]) -> str:
	"""Return a gauge with the state of each check (0 ok, 1 warn, 2 fail), and one gauge for each figure."""
	state = f"{PREFIX}_check_state"
	lines = [f"# TYPE {state} gauge", f"# HELP {state} State of a check: 0 ok, 1 warn, 2 fail."]
	lines += [f'{state}{{check="{finding.name}"}} {SEVERITY[finding.state]}' for finding in findings]
	figures = {name: value for finding in findings for name, value in finding.figures.items()}
	for name, value in sorted(figures.items()):
		lines += [f"# TYPE {PREFIX}_{name} gauge", f"{PREFIX}_{name} {float(value):.10g}"]
	return "\n".join([*lines, "# EOF", ""])
