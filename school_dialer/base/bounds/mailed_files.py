"""Keep the machine's files out of e-mails whose words name them.

Frappe puts the content of a file into an e-mail wherever its message says embed="path", as an attribute or as
plain words, and asks neither who wrote it nor whether the path leads to the site's configuration or ledger.
Pictures of apps and public files are meant. Nothing else is read.
"""

from collections.abc import Callable
from functools import wraps

from frappe.email import email_body

PUBLIC = ("assets/", "files/")
WATCHES = "watches_for_school_dialer"


def begin() -> None:
	"""Start refusing paths in e-mails. Hook for before_request and before_job."""
	if not hasattr(email_body.get_filecontent_from_path, WATCHES):
		email_body.get_filecontent_from_path = watched(email_body.get_filecontent_from_path)


def watched(read: Callable) -> Callable:
	@wraps(read)
	def run(path: str | None) -> bytes | None:
		return read(path) if path and is_public(path) else None

	setattr(run, WATCHES, True)
	return run


def is_public(path: str) -> bool:
	"""Return whether a path leads to a public file, as Frappe follows it: without one slash before it."""
	return path.removeprefix("/").startswith(PUBLIC) and ".." not in path.split("/")
