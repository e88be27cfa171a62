"""One way to refuse."""

from pathlib import Path

import school_dialer

APP = Path(school_dialer.__file__).parent


def test_a_dialog_is_never_titled_message():
	"""Frappe's own throw without a title shows "Message"."""
	own = {str(path.relative_to(APP)) for path in APP.rglob("*.py") if "frappe.throw(" in path.read_text()}
	assert own == {"refusal.py"}
