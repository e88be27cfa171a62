"""Translations as Frappe reads them: source, translation and, where needed, context.

Sorted, so that two changes seldom conflict.
"""

from __future__ import annotations

import csv
from pathlib import Path

from dev.site.layout import ROOT

SPANISH = ROOT / "school_dialer" / "translations" / "es.csv"
Key = tuple[str, str]


def read(path: Path = SPANISH) -> list[tuple[Key, str]]:
	with path.open(newline="") as file:
		return [((row[0], row[2] if len(row) > 2 else ""), row[1]) for row in csv.reader(file)]


def write(rows: dict[Key, str], path: Path = SPANISH) -> None:
	with path.open("w", newline="") as file:
		writer = csv.writer(file, lineterminator="\n")
		for (source, context), translation in sorted(rows.items()):
			writer.writerow([source, translation, context] if context else [source, translation])
