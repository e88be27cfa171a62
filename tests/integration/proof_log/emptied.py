"""An empty proof log for one test, with a signing key and marks of its own."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import frappe
import pytest

from school_dialer.consent.integrity import outside
from school_dialer.proof_log import keys, store

TABLES = (store.LOG, store.LEAF, store.NODE, store.CHECKPOINT)


@contextmanager
def emptied(folder: Path) -> Iterator[None]:
	"""Empty the log during the block, in which the triggers have to be gone.

	The site's own log comes back by the rollback at the end.
	"""
	mark = f"test-{frappe.generate_hash(length=8)}"
	with pytest.MonkeyPatch.context() as patch:
		patch.setattr(outside, "FOLDER", mark)
		patch.setattr(outside, "KEY", f"school_dialer:{mark}:")
		patch.setitem(frappe.conf, keys.FILE_KEY, str(folder / "key.pem"))
		keys.write_once(keys.path(), keys.new_key())
		for doctype in TABLES:
			frappe.db.delete(doctype)
		try:
			yield
		finally:
			frappe.db.rollback()
			outside.forget()
			shutil.rmtree(outside.path(outside.ANCHOR).parent, ignore_errors=True)
