"""States, ages and the text for monitors, without a site."""

import re
from datetime import timedelta

import pytest

from school_dialer.health.finding import FAIL, OK, WARN, Finding, ago, graded, worst
from school_dialer.health.openmetrics import exposition

LINE = re.compile(r'school_dialer_[a-z_]+(\{check="[a-z_]+"\})? -?\d+(\.\d+)?(e[+-]?\d+)?')


def test_the_worst_state_counts():
	assert worst([]) == OK
	assert worst([Finding("a", WARN, ""), Finding("b", OK, "")]) == WARN
	assert worst([Finding("a", WARN, ""), Finding("b", FAIL, ""), Finding("c", OK, "")]) == FAIL


@pytest.mark.parametrize(("value", "state"), [(0, OK), (5, OK), (5.1, WARN), (60, WARN), (60.1, FAIL)])
def test_a_value_at_its_limit_is_still_good(value, state):
	assert graded(value, 5, 60) == state


@pytest.mark.parametrize(
	("age", "words"),
	[
		(timedelta(seconds=-3), "0 s"),
		(timedelta(seconds=59), "59 s"),
		(timedelta(minutes=1), "1 min"),
		(timedelta(minutes=119), "119 min"),
		(timedelta(hours=2), "2 h"),
		(timedelta(hours=47), "47 h"),
		(timedelta(days=3, hours=5), "3 d"),
	],
)
def test_an_age_is_said_in_its_largest_unit(age, words):
	assert ago(age) == words


def test_monitors_get_states_and_figures_and_no_text():
	text = exposition(
		[
			Finding("workers", FAIL, "Call +1 312 555 0142 \n# EOF", {"workers_short": 0}),
			Finding("disk", OK, "Free", {"disk_free_ratio": 0.125}),
			Finding("due", WARN, "", {"oldest_due_seconds": 1234567.25}),
		]
	)
	lines = text.split("\n")
	assert lines[-2:] == ["# EOF", ""] and text.count("# EOF") == 1
	assert 'school_dialer_check_state{check="workers"} 2' in lines
	assert "school_dialer_disk_free_ratio 0.125" in lines
	assert "school_dialer_oldest_due_seconds 1234567.25" in lines
	assert all(LINE.fullmatch(line) for line in lines[:-2] if not line.startswith("# "))
	assert "312" not in text and "Free" not in text


def test_each_figure_is_described_before_it_is_given():
	lines = exposition([Finding("due", OK, "", {"due": 3})]).split("\n")
	assert lines.index("# TYPE school_dialer_due gauge") == lines.index("school_dialer_due 3") - 1
