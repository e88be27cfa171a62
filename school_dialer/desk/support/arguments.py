"""Arguments that a form sends as JSON, or that Frappe has parsed of a JSON body: measured first, and refused in words."""

from typing import Any

import frappe
from frappe import _

from school_dialer.bounds import bounded_json
from school_dialer.wording import translated


def read_argument(value: Any, kind: type | tuple[type, ...], longest: int = bounded_json.LONGEST) -> Any:
	"""The value of an argument, of this kind (`dict` or `list`). Raise ValidationError for another or one that is too large."""
	try:
		found = bounded_json.given(value, longest)
	except bounded_json.NotRead as refusal:
		frappe.throw(translated(refusal, _), title=_("This cannot be read"))
	if not isinstance(found, kind):
		frappe.throw(_("This is not valid JSON."), title=_("This cannot be read"))
	return found
