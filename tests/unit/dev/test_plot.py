"""The plots of benchmarks/results.json: well-formed, told in words too, and true about what is met."""

from xml.etree import ElementTree

import pytest

from benchmarks import plot

SVG = "{http://www.w3.org/2000/svg}"
SIZES = [
	{"people": 1_000, "recipients": 980, "per_second": 3_000},
	{"people": 100_000, "recipients": 98_000, "per_second": 4_900},
]


@pytest.mark.parametrize(
	("value", "goal", "kind", "part"),
	[
		(50, 100, "most", 0.5),
		(50, 100, "least", 2),
		(200, 100, "least", 0.5),
		(0, 100, "least", float("inf")),
	],
)
def test_how_much_of_a_goal_is_used_up(value, goal, kind, part):
	assert plot.used(value, goal, kind) == part


def test_bars_tell_what_is_missed():
	svg = ElementTree.fromstring(
		plot.goals([("Fast & good", 30, 15, "least"), ("Too much", 0, 400, "least")])
	)
	assert [bar.get("class") for bar in svg.iter(f"{SVG}rect")] == ["page", "met", "missed"]
	assert svg.find(f"{SVG}title").text
	assert "Fast & good: 30 (≥ 15). Too much: 0 (≥ 400), not met." in svg.find(f"{SVG}desc").text


def test_the_goal_of_a_rate_is_for_the_last_size():
	svg = ElementTree.fromstring(plot.rates(SIZES))
	assert [bar.get("class") for bar in svg.iter(f"{SVG}rect")] == ["page", "met", "missed"]


def test_what_was_not_measured_is_left_out():
	assert plot.pictures({}, ["planning", "decisions"]) == {}
	only = {"decisions": {"decisions_per_cpu_second": 23_386}}
	assert list(plot.pictures(only, ["planning", "decisions"])) == ["performance-goals.svg"]
