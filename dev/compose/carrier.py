"""``python -m dev.compose.carrier``: run the simulated carrier beside the containers' site until ended.

It has the address CARRIER, and the site the public address ADDRESS. The site's settings get the carrier's
account, as with `make desk`.
"""

import os
import signal
import sys
from urllib.parse import urlsplit

import frappe

from dev.carrier import server as carrier_server
from dev.demo import desk, stage
from dev.site.layout import current
from dev.site.steps import finish


def main() -> int:
	signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
	port, url = urlsplit(os.environ["CARRIER"]).port, os.environ["ADDRESS"]
	with carrier_server.start(port=port, seed=desk.SEED) as carrier:
		with stage.connection(current()):
			desk.connect(carrier, url)
			frappe.db.commit()
		stage.register(carrier, url)
		carrier.process.wait()
	# The carrier ended by itself: an error, so that the container is started again.
	return 1


if __name__ == "__main__":
	finish(main)
