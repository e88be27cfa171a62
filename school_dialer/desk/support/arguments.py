"""Arguments that a form sends as JSON, or that Frappe parsed from a JSON body.

They are measured first, and refused with a readable message.
"""

from typing import Any

from frappe import _

from school_dialer.base.bounds import bounded_json
from school_dialer.base.refusal import throw
from school_dialer.base.wording import translated


def read_argument(value: Any, kind: type | tuple[type, ...], longest: int = bounded_json.LONGEST) -> Any:
	"""Return an argument's value, which must be of this kind (`dict` or `list`).

	Raises ValidationError for another kind or one that is too large.
	"""
	try:
		parsed = bounded_json.given(value, longest)
	except bounded_json.NotRead as refusal:
		throw(translated(refusal, _), title=_("This cannot be read"))
	if not isinstance(parsed, kind):
		throw(_("This is not valid JSON."), title=_("This cannot be read"))
	return parsed
