"""Two pictures of what results.json holds, for docs/performance.md: planning by size, and how much of each
goal is used up.

A measure takes part in the second with `bars(found) -> list[(label, value, goal, "most" or "least")]`: the
value may be at most, or must be at least, the goal. What has not been measured is left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from io import StringIO

import matplotlib
from matplotlib.figure import Figure

Bar = tuple[str, float, float, str]
Row = tuple[str, float, str, bool]
"""Label, length from 0 to 1, the value as text, and whether its goal is met."""
MET, MISSED, SOFT, INK = "#1a6fb5", "#b3441e", "#59636e", "#1f2328"
LOOK = {"svg.fonttype": "none", "svg.hashsalt": "school_dialer", "font.family": "sans-serif", "font.size": 11}


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


def chart(title: str, about: str, rows: list[Row], line: float, at: str) -> str:
	"""Draw a bar for each row and a dashed line at one length.

	Return the SVG, which has its words as text and in its description.
	"""
	with matplotlib.rc_context(LOOK):
		figure = Figure(figsize=(9, 1.3 + 0.42 * len(rows)), layout="constrained")
		axes = figure.subplots()
		figure.suptitle(title, x=0.01, ha="left", weight="bold", color=INK)
		axes.set_title(about, loc="left", fontsize=10, color=SOFT)
		labels = [label for label, *_rest in rows]
		colors = [MET if good else MISSED for *_rest, good in rows]
		axes.barh(labels, [length for _label, length, *_rest in rows], color=colors, height=0.6)
		for place, (_label, _length, value, _good) in enumerate(rows):
			axes.text(1.03, place, value, transform=axes.get_yaxis_transform(), va="center", color=INK)
		axes.axvline(line, color=INK, linestyle="--", label=at)
		axes.set_xticks([line], [at], color=SOFT)
		axes.set_xlim(0, 1)
		axes.invert_yaxis()
		axes.spines[["top", "right", "bottom"]].set_visible(False)
		axes.tick_params(length=0, colors=INK)
		written = StringIO()
		words = {
			"Title": title,
			"Description": " ".join([about, *spoken(rows)]),
			"Date": None,
			"Creator": None,
		}
		figure.savefig(written, format="svg", metadata=words)
	return written.getvalue()


def spoken(rows: list[Row]) -> list[str]:
	return [f"{label}: {value}{'' if good else ', not met'}." for label, _length, value, good in rows]


def title_of(svg: str) -> str:
	return svg.partition("<dc:title>")[2].partition("</dc:title>")[0]


def plain(value: float) -> str:
	return f"{value:,.0f}" if abs(value) >= 100 else f"{value:g}"
