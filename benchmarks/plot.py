"""Two pictures of what results.json holds, for docs/performance.md: planning by size, and how much of each goal is used up.

A measure takes part in the second with `bars(found) -> list[(label, value, goal, "most" or "least")]`: the value may be at
most, or must be at least, the goal. What has not been measured is left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from importlib import import_module

Bar = tuple[str, float, float, str]
WIDTH, LEFT, RIGHT = 900, 350, 190
ROW, THICK, TOP, BOTTOM = 38, 22, 84, 44
STYLE = """
	text { font: 16px system-ui, sans-serif; fill: #1f2328 }
	.head { font-size: 19px; font-weight: 600 }
	.soft { fill: #59636e }
	.page { fill: #ffffff }
	.met { fill: #1a6fb5 }
	.missed { fill: #b3441e }
	.goal { stroke: #1f2328; stroke-width: 2; stroke-dasharray: 6 4 }
	.axis { stroke: #8c959f }
	@media (prefers-color-scheme: dark) {
		text { fill: #e6edf3 }
		.soft { fill: #9ea7b3 }
		.page { fill: #0d1117 }
		.met { fill: #58a6ff }
		.missed { fill: #f0883e }
		.goal { stroke: #e6edf3 }
	}
"""


def pictures(results: dict, measures: Iterable[str]) -> dict[str, str]:
	"""SVG texts by file name; a picture without anything to show is missing."""
	drawn = {"performance-goals.svg": goals(bars(results, measures))}
	if planning := results.get("planning"):
		drawn["performance-planning.svg"] = rates(planning["growth"]["sizes"])
	return {name: svg for name, svg in drawn.items() if svg}


def bars(results: dict, measures: Iterable[str]) -> list[Bar]:
	found = []
	for name in measures:
		if name in results and (give := getattr(import_module(f"benchmarks.{name}"), "bars", None)):
			found += give(results[name])
	return found


def used(value: float, goal: float, kind: str) -> float:
	"""The part of the goal that is used up: 1 is just met, less is better."""
	return value / goal if kind == "most" else goal / value if value else float("inf")


def goals(found: list[Bar]) -> str:
	"""A bar for each goal, as long as the part of it that is used up."""
	longest = max([1.25, *(min(used(*bar[1:]), 2.0) for bar in found)]) if found else 0
	rows = []
	for label, value, goal, kind in found:
		part = used(value, goal, kind)
		sign = "≤" if kind == "most" else "≥"
		rows.append(
			(label, min(part, longest) / longest, f"{plain(value)} ({sign} {plain(goal)})", part <= 1)
		)
	title = "How much of each goal is used up"
	about = "A bar that ends left of the dashed line meets its goal."
	return chart(title, about, rows, 1 / longest, "the goal") if rows else ""


def rates(sizes: list[dict], goal: float = 5_000) -> str:
	longest = max(goal, *(one["per_second"] for one in sizes)) * 1.1
	last = max(one["people"] for one in sizes)
	rows = [
		(
			f"{one['people']:,} people",
			one["per_second"] / longest,
			f"{one['per_second']:,} a second",
			one["people"] < last or one["per_second"] >= goal,
		)
		for one in sizes
	]
	about = f"The dashed line is the goal for {last:,} people: {goal:,} a second."
	return chart("Recipients planned a second", about, rows, goal / longest, f"{goal:,}")


def chart(title: str, about: str, rows: list[tuple[str, float, str, bool]], line: float, at: str) -> str:
	"""Rows of label, length from 0 to 1, text of the value and whether it is good; a dashed line at one length."""
	space, height = WIDTH - LEFT - RIGHT, TOP + ROW * len(rows) + BOTTOM
	foot, mark = height - BOTTOM, LEFT + line * space
	parts = [
		f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title desc">',
		f'<title id="title">{escape(title)}</title>',
		f'<desc id="desc">{escape(" ".join([about, *spoken(rows)]))}</desc>',
		f"<style>{STYLE}</style>",
		f'<rect class="page" width="{WIDTH}" height="{height}" rx="8"/>',
		f'<text class="head" x="24" y="36">{escape(title)}</text>',
		f'<text class="soft" x="24" y="62">{escape(about)}</text>',
	]
	for index, (label, length, value, good) in enumerate(rows):
		top = TOP + ROW * index
		text, end = top + THICK - 5, LEFT + length * space
		parts += [
			f'<text x="{LEFT - 12}" y="{text}" text-anchor="end">{escape(label)}</text>',
			f'<rect class="{"met" if good else "missed"}" x="{LEFT}" y="{top}" width="{end - LEFT:.1f}" height="{THICK}" rx="3"/>',
			f'<text x="{WIDTH - RIGHT + 14}" y="{text}">{escape(value)}</text>',
		]
	parts += [
		f'<line class="axis" x1="{LEFT}" x2="{LEFT}" y1="{TOP - 8}" y2="{foot}"/>',
		f'<line class="goal" x1="{mark:.1f}" x2="{mark:.1f}" y1="{TOP - 8}" y2="{foot}"/>',
		f'<text class="soft" x="{mark:.1f}" y="{foot + 24}" text-anchor="middle">{escape(at)}</text>',
		"</svg>",
	]
	return "\n".join(parts) + "\n"


def spoken(rows: list[tuple[str, float, str, bool]]) -> list[str]:
	return [f"{label}: {value}{'' if good else ', not met'}." for label, _length, value, good in rows]


def title_of(svg: str) -> str:
	return svg.partition('<title id="title">')[2].partition("</title>")[0]


def plain(value: float) -> str:
	return f"{value:,.0f}" if abs(value) >= 100 else f"{value:g}"
