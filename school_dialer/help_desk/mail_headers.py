"""The headers of a mail that Frappe receives.

Frappe stores none of them in the Communication, and passes the mail to no hook. It holds the mail while it
inserts the Communication, in a method of the mail itself, and that is where it is found.
"""

import sys
from collections.abc import Mapping

from frappe.email.receive import InboundMail


def headers_of(doc) -> Mapping[str, str] | None:
	"""Return the headers of the mail that Frappe is inserting as this Communication.

	None for a message that is no such mail: from a portal, over REST, or by another app.
	"""
	frame = sys._getframe() if doc.flags and doc.flags.in_receive else None
	while frame:
		holder = frame.f_locals.get("self")
		if isinstance(holder, InboundMail):
			return holder.mail
		frame = frame.f_back
	return None
