"""A permitted request to the carrier."""

from dataclasses import dataclass
from datetime import datetime

from school_dialer.carriers.base import (
	Carrier,
	CarrierError,
	CarrierResult,
	ResponseUnknown,
	Text,
	Voice,
)
from school_dialer.compliance.permit import NotPermitted, Permit
from school_dialer.messages.segments import segments


@dataclass(slots=True)
class CarrierRequest:
	"""One permitted request, ready to send. `sent_at` (aware) is set once it was sent."""

	row: dict
	log: str
	permit: Permit
	message: Voice | Text
	sent_at: datetime | None = None


def units(message: Voice | Text) -> int:
	"""Return the units of the carrier's pace it uses: 1 for a call, or the segments of a text."""
	return segments(message.body).count if isinstance(message, Text) else 1


def send(carrier: Carrier, request: CarrierRequest, at: datetime) -> CarrierResult:
	"""Send one POST. Return the carrier's response, including a refusal.

	If the permit is no longer valid, nothing is sent and the result is a NotPermitted. Any other failure
	returns ResponseUnknown, because the carrier may have the request. `at` is aware. Uses no Frappe, so it
	may run in a thread.
	"""
	request.sent_at = at
	try:
		if isinstance(request.message, Voice):
			return carrier.call(request.permit, request.message, at)
		return carrier.text(request.permit, request.message, at)
	except (CarrierError, NotPermitted) as answer:
		return answer
	except Exception as error:
		return ResponseUnknown(f"The carrier's answer could not be read ({type(error).__name__}).")
