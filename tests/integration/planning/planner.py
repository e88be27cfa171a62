"""A planner in a process of its own:   planner.py CAMPAIGN CHUNK   (in sites/)"""

import os
import sys

import frappe

from school_dialer.dialing import plan


def main(campaign: str, chunk: str) -> None:
	frappe.init(os.environ["SITE"], sites_path=os.environ["SITES_PATH"])
	frappe.connect()
	plan.CHUNK = int(chunk)
	print("ready", flush=True)
	plan.plan_all(campaign)
	frappe.destroy()


if __name__ == "__main__":
	main(*sys.argv[1:])
