"""A scheduler with short minutes: ``python -m dev.chaos.scheduler SECONDS`` (in sites/).

It puts the app's scheduled jobs into Frappe's queue as Frappe's own scheduler does, which also skips what is
queued or running.
"""

import os
import sys
import time

import frappe

JOBS = (
	"school_dialer.scheduler.tick",
	"school_dialer.attempts.reconciler.run",
	"school_dialer.calls.recording_retention.delete_due",
)


def main(seconds: float) -> None:
	while True:
		try:
			frappe.init(os.environ["SITE"], sites_path=os.environ["SITES_PATH"])
			frappe.connect()
			for name in frappe.get_all(
				"Scheduled Job Type", {"method": ("in", JOBS)}, pluck="name", order_by="name"
			):
				frappe.get_doc("Scheduled Job Type", name).enqueue(force=True)
		except Exception as error:
			# Frappe's scheduler also logs errors and continues.
			print(f"{type(error).__name__}: {error}", flush=True)
		finally:
			frappe.destroy()
		time.sleep(seconds)


if __name__ == "__main__":
	main(float(sys.argv[1]))
