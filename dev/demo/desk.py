"""python -m dev.demo.desk: the Desk for a person, where one can call too, until Ctrl+C.

Beside the web server run the simulated carrier, two workers, and the scheduler; no telephone rings. Another
user's bench has its own carrier and workers, so that only the Desk is served.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import frappe
from frappe.utils.scheduler import disable_scheduler, enable_scheduler

from dev.carrier import server as carrier_server
from dev.demo import stage
from dev.site import desk, ports, processes, services, site
from dev.site.layout import Bench, current
from dev.site.steps import StepFailed, finish

SEED = 11


def main() -> int:
	signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
	bench = current()
	with ExitStack() as stack:
		if bench.owned:
			with site.exclusive():
				port = services.up()["web"]
			if not processes.find("desk"):
				stack.enter_context(beside(bench, f"http://{ports.LOOPBACK}:{port}"))
		desk.serve(bench)
	return 0


@contextmanager
def beside(bench: Bench, url: str) -> Iterator[None]:
	"""Run what a campaign needs besides the web server, which is at this URL."""
	with ExitStack() as stack:
		carrier = carrier_server.start(seed=SEED)
		stack.callback(carrier.stop)
		stack.enter_context(stage.site_config(bench, {stage.CARRIER_KEY: carrier.url}))
		with stage.connection(bench):
			connect(carrier, url)
			enable_scheduler()
			frappe.db.commit()
		stack.callback(rest, bench)
		stage.register(carrier, url)
		for worker in services.start_worker(n=stage.WORKERS):
			stack.callback(worker.stop)
		stack.callback(services.start_scheduler().stop)
		yield


def connect(carrier: carrier_server.Handle, url: str) -> None:
	"""Give the site the simulated carrier's account and the demo school's own settings where it has none.

	What a person entered meanwhile stays.
	"""
	settings = frappe.get_doc("Dialer Settings")
	if settings.mode == "Live":
		raise StepFailed("This site is in Live mode: the simulated carrier does not run beside it.")
	if settings.caller_identity and settings.call_back_number and settings.sending_numbers:
		settings.update({"account_sid": carrier.account, "auth_token": carrier.token, "api_key": ""})
		settings.save()
	else:
		stage.settle_settings(carrier)
	stage.set_public_url(url)


def rest(bench: Bench) -> None:
	"""Switch the scheduler off again: nothing else on this site expects it to run."""
	with stage.connection(bench):
		disable_scheduler()
		frappe.db.commit()


if __name__ == "__main__":
	finish(main)
