"""One permitted request to the carrier."""

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
	"""One permitted request, ready to be sent; ``sent_at`` (aware) once it was."""

	row: dict
	log: str
	permit: Permit
	message: Voice | Text
	sent_at: datetime | None = None


def units(message: Voice | Text) -> int:
	"""How much of the carrier's pace it takes: one call, or the segments of a text."""
	return segments(message.body).count if isinstance(message, Text) else 1


def send(carrier: Carrier, request: CarrierRequest, at: datetime) -> CarrierResult:
	"""One POST; a no is an answer too, and so is a permit that held no longer: then nothing was sent.

	Touches nothing of Frappe, so that it may run in a thread. Whatever else goes wrong, the carrier may have the request.
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
