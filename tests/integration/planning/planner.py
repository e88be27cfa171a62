"""Run a planner in its own process: `planner.py CAMPAIGN CHUNK [MOST]`, in the sites folder.

With MOST it kills itself after so many chunks, in case no one kills it earlier.
"""

import os
import signal
import sys
from collections.abc import Callable

import frappe

from school_dialer.campaigns.planning import planner


def main(campaign: str, chunk: str, most: str = "") -> None:
	frappe.init(os.environ["SITE"], sites_path=os.environ["SITES_PATH"])
	frappe.connect()
	planner.CHUNK = int(chunk)
	if most:
		planner.prepare = killed_after(int(most), planner.prepare)
	print("ready", flush=True)
	planner.plan_all(campaign)
	frappe.destroy()


def killed_after(most: int, prepare: Callable) -> Callable:
	prepared = []

	def prepare_or_die(*given):
		prepared.append(given)
		if len(prepared) > most:
			os.kill(os.getpid(), signal.SIGKILL)
		return prepare(*given)

	return prepare_or_die


if __name__ == "__main__":
	main(*sys.argv[1:])
