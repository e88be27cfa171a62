"""A scheduler with short minutes: ``python -m dev.chaos.scheduler SECONDS`` (in sites/).

It puts the app's scheduled jobs into Frappe's queue as Frappe's own scheduler does, which also skips what is
queued or running. Frappe's own jobs come more rarely, as on every site: each job that begins frees those of
killed workers, so that the app's come again even if all of them were killed at once.
"""

import os
import sys
import time
from itertools import count

import frappe

JOBS = (
	"school_dialer.scheduler.tick",
	"school_dialer.calls.recording_retention.delete_due",
)
ROUNDS = 10
"""After so many rounds, Frappe's own jobs are due too."""


def main(seconds: float) -> None:
	for turn in count():
		try:
			frappe.init(os.environ["SITE"], sites_path=os.environ["SITES_PATH"])
			frappe.connect()
			enqueue({"method": ("in", JOBS)})
			if turn % ROUNDS == 0:
				enqueue({"method": ("like", "frappe.%"), "frequency": "All"})
		except Exception as error:
			# Frappe's scheduler also logs errors and continues.
			print(f"{type(error).__name__}: {error}", flush=True)
		finally:
			frappe.destroy()
		time.sleep(seconds)


def enqueue(due: dict) -> None:
	for name in frappe.get_all("Scheduled Job Type", due, pluck="name", order_by="name"):
		frappe.get_doc("Scheduled Job Type", name).enqueue(force=True)


if __name__ == "__main__":
	main(float(sys.argv[1]))
