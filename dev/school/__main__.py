"""Load the demo school: python -m dev.school --site SITE (in a bench's sites/ folder)."""

import argparse
import sys
import time
from datetime import date

import frappe
from frappe.utils.synchronization import filelock

from dev.school.load import CannotLoad, has_people, load
from dev.school.roster import SEED


def main() -> int:
	parser = argparse.ArgumentParser(
		prog="python -m dev.school", description="Load the demo school into a site"
	)
	parser.add_argument("--site", required=True)
	parser.add_argument("--seed", type=int, default=SEED)
	parser.add_argument(
		"--day", type=date.fromisoformat, help="last day of attendance; by default the site's today"
	)
	parser.add_argument("--if-empty", action="store_true", help="leave a site as it is that has people")
	arguments = parser.parse_args()
	begin = time.monotonic()
	frappe.init(arguments.site, sites_path=".")
	try:
		with filelock("demo_school", timeout=60):
			frappe.connect()
			frappe.flags.mute_emails = True
			if arguments.if_empty and has_people():
				return 0
			counts = load(arguments.seed, arguments.day)
			frappe.db.commit()
	except CannotLoad as refusal:
		print(refusal, file=sys.stderr)
		return 1
	finally:
		frappe.destroy()
	for doctype, count in counts.items():
		if count:
			print(f"{doctype:<28}{count:>7}")
	print(f"{'Seconds':<28}{time.monotonic() - begin:>7.1f}")
	return 0


if __name__ == "__main__":
	sys.exit(main())
