"""Run a planner in its own process: `planner.py CAMPAIGN CHUNK`, in the sites folder."""

import os
import sys

import frappe

from school_dialer.campaigns.planning import planner


def main(campaign: str, chunk: str) -> None:
	frappe.init(os.environ["SITE"], sites_path=os.environ["SITES_PATH"])
	frappe.connect()
	planner.CHUNK = int(chunk)
	print("ready", flush=True)
	planner.plan_all(campaign)
	frappe.destroy()


if __name__ == "__main__":
	main(*sys.argv[1:])
