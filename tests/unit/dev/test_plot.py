"""The plots of what was measured: well-formed, described in words too, and true about what is met."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import __main__ as command
from benchmarks.kit import plot

SVG, DC = "{http://www.w3.org/2000/svg}", "{http://purl.org/dc/elements/1.1/}"
SIZES = [
	{"people": 1_000, "recipients": 980, "per_second": 3_000},
	{"people": 100_000, "recipients": 98_000, "per_second": 4_900},
]


def colors(svg: ElementTree.Element) -> list[str]:
	"""Of the bars, in order."""
	styles = [path.get("style") or "" for path in svg.iter(f"{SVG}path")]
	return [color for style in styles for color in (plot.MET, plot.MISSED) if f"fill: {color}" in style]


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


def test_bars_show_what_is_missed():
	text = plot.goals([("Fast & good", 30, 15, "least"), ("Too much", 0, 400, "least")])
	svg = ElementTree.fromstring(text)
	assert colors(svg) == [plot.MET, plot.MISSED]
	assert svg.find(f".//{DC}title").text == plot.title_of(text) == "How much of each goal is used up"
	words = svg.find(f".//{DC}description").text
	assert "Fast & good: 30 (≥ 15). Too much: 0 (≥ 400), not met." in words


def test_the_same_results_draw_the_same_picture():
	assert plot.rates(SIZES) == plot.rates(SIZES)


def test_the_goal_of_a_rate_is_for_the_last_size():
	assert colors(ElementTree.fromstring(plot.rates(SIZES))) == [plot.MET, plot.MISSED]


def test_what_was_not_measured_is_left_out():
	assert plot.pictures({}, ["planning", "decisions"]) == {}
	only = {"decisions": {"decisions_per_cpu_second": 23_386}}
	assert list(plot.pictures(only, ["planning", "decisions"])) == ["performance-goals.svg"]


def test_each_page_has_a_place_for_its_tables():
	measures = Path(command.__file__).parent.glob("*.py")
	pages = [page for path in measures for page in re.findall(r'^PAGE = "(.+)"$', path.read_text(), re.M)]
	assert len(pages) >= 3
	for page in pages:
		text = (command.DOCS / page).read_text()
		assert text.count(command.START) == text.count(command.END) == 1, page
