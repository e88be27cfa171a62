"""One way to refuse."""

from dev.site.layout import ROOT
from dev.tracked import tracked


def test_a_dialog_is_never_titled_message():
	"""Frappe's own throw without a title shows "Message"."""
	own = {
		str(path)
		for path in tracked("school_dialer", pattern="*.py")
		if "frappe.throw(" in (ROOT / path).read_text()
	}
	assert own == {"school_dialer/refusal.py"}
