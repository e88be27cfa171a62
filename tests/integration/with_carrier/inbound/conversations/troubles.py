"""What goes wrong while families write: connections, web processes, workers, and the database server end."""

import queue
import random
import threading
from collections import Counter
from collections.abc import Sequence

import frappe

from dev.chaos.crew import kill_if_there
from dev.site import processes, services
from dev.site.layout import current
from dev.site.processes import descendants
from school_dialer.base.database import transactions

CONNECTION, WEB, WORKER, DATABASE = "connection", "web process", "worker", "database"
UNKNOWN_THREAD = 1094


class Troubles:
	"""Makes each of `plan` in order, in its own thread, as the deliveries reach its part of `deliveries`.

	The caller's connection to the database is gone at the end if the server was killed. ``made`` counts what
	was killed. Another user's database is left alone.
	"""

	def __init__(self, plan: Sequence[str], deliveries: int):
		self.plan = [one for one in plan if one != DATABASE or current().owned]
		self.every = max(1, deliveries // (len(self.plan) + 1))
		self.made: Counter[str] = Counter()
		self.due: queue.Queue[str | None] = queue.Queue()
		self.guard, self.delivered = threading.Lock(), 0
		self.chance = random.Random(16)

	def note_delivery(self) -> None:
		with self.guard:
			self.delivered += 1
			place, rest = divmod(self.delivered, self.every)
		if not rest and place <= len(self.plan):
			self.due.put(self.plan[place - 1])

	def __enter__(self) -> "Troubles":
		self.spared = frappe.db.sql("select connection_id()")[0][0]
		self.workers = services.start_worker(n=2)
		self.thread = threading.Thread(target=self.run, args=(frappe.local.site, frappe.local.sites_path))
		self.thread.start()
		return self

	def __exit__(self, *_error) -> None:
		self.due.put(None)
		self.thread.join()
		for worker in self.workers:
			worker.stop()
		transactions.reconnect()
		if self.made[DATABASE]:
			repair()

	def run(self, site: str, sites_path: str) -> None:
		frappe.init(site, sites_path=sites_path)
		frappe.connect()
		make = {
			CONNECTION: self.kill_connection,
			WEB: self.kill_web_process,
			WORKER: self.kill_worker,
			DATABASE: self.kill_database,
		}
		while what := self.due.get():
			self.made[what] += make[what]()
		frappe.destroy()

	def kill_connection(self) -> bool:
		"""Kill a connection of the site. Returns False if there was none, or it had just ended."""
		working = """select id from information_schema.processlist
			where db = %s and id not in (connection_id(), %s)"""
		others = frappe.db.sql(working, (frappe.conf.db_name, self.spared))
		try:
			for (one,) in self.chance.sample(others, min(1, len(others))):
				frappe.db.sql(f"kill {int(one)}")
				return True
		except frappe.db.OperationalError as gone:
			assert gone.args[0] == UNKNOWN_THREAD, gone
		return False

	def kill_web_process(self) -> bool:
		return kill_if_there(self.chance.choice(descendants(processes.find("web").pid)))

	def kill_worker(self) -> bool:
		"""Kill a worker with the job that it does, and start another one."""
		self.workers.pop(0).kill()
		self.workers += services.start_worker()
		return True

	def kill_database(self) -> bool:
		services.restart("mariadb", kill=True)
		transactions.reconnect()
		return True


def repair() -> None:
	"""Repair what a killed server may leave broken: on Frappe 15 the Error Log is a MyISAM table."""
	of_kind = "select table_name from information_schema.tables where table_schema = %s and engine = 'MyISAM'"
	for (table,) in frappe.db.sql(of_kind, frappe.conf.db_name):
		frappe.db.sql(f"repair table `{table}`")
