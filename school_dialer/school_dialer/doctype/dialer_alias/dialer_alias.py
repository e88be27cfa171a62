import frappe

from school_dialer.base.written_by_code import LogRecord
from school_dialer.consent.integrity import triggers


class DialerAlias(LogRecord):
	"""An earlier name of a record, written by `database.aliases.after_rename` and never changed."""


def on_doctype_update() -> None:
	frappe.db.add_index("Dialer Alias", ["later_name"], "dialer_later")
	frappe.db.add_index("Dialer Alias", ["earlier_name"], "dialer_earlier")
	triggers.create(("Dialer Alias",))
