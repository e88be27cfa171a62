"""Run work on this site in parallel with the current thread: a thread with its own database connection."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import frappe


class DbThread:
	"""One thread that runs submitted work in order.

	It is connected as the current user until the end of the `with` block.
	"""

	def __enter__(self) -> "DbThread":
		self.thread = ThreadPoolExecutor(1, thread_name_prefix="dialer-beside")
		here = frappe.local
		try:
			self.thread.submit(
				connect, here.site, here.sites_path, here.conf, frappe.session.user, here.lang
			).result()
		except BaseException:
			self.thread.shutdown()
			raise
		return self

	def submit(self, work: Callable, *arguments) -> Future:
		"""Queue work and return its future.

		Its transaction is the thread's own, separate from the caller's.
		"""
		return self.thread.submit(work, *arguments)

	def __exit__(self, *_error) -> None:
		self.thread.submit(frappe.destroy)
		self.thread.shutdown()


def connect(site: str, sites_path: str, conf: dict, user: str, lang: str) -> None:
	"""Connect with the exact settings of the calling thread, because its clock may be offset."""
	frappe.init(site=site, sites_path=sites_path)
	frappe.local.conf = conf
	frappe.connect(set_admin_as_user=False)
	frappe.set_user(user)
	frappe.local.lang = lang
