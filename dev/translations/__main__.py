"""python -m dev.translations: list strings without Spanish, and remove rows no longer used.

The file is sorted, and surplus rows are removed. Exits 1 when something is missing.
"""

from __future__ import annotations

from dev.demo.stage import connection
from dev.site.layout import current
from dev.site.steps import finish
from dev.translations import csv_file, sources


def main() -> int:
	with connection(current()):
		wanted = sources.strings()
	having = dict(csv_file.read())
	csv_file.write({key: having[key] for key in wanted if key in having})
	for source, context in sorted(having.keys() - wanted.keys()):
		print(f"taken out: {source!r} {context}")
	missing = sorted(wanted.keys() - having.keys())
	for key in missing:
		print(f"missing: {key[0]!r} {key[1]} ({', '.join(sorted(wanted[key])[:2])})")
	return 1 if missing else 0


if __name__ == "__main__":
	finish(main)
