"""One permitted request to the carrier."""

from dataclasses import dataclass
from datetime import datetime

from school_dialer.carriers.base import Carrier, CarrierError, Placed, Text, Voice
from school_dialer.compliance.permit import Permit


@dataclass(slots=True)
class CarrierRequest:
	"""One permitted request, ready to be sent."""

	row: dict
	log: str
	permit: Permit
	message: Voice | Text


def send(carrier: Carrier, request: CarrierRequest, at: datetime) -> Placed | CarrierError:
	"""One POST; a no is an answer too. Touches nothing of Frappe, so that it may run in a thread."""
	try:
		if isinstance(request.message, Voice):
			return carrier.call(request.permit, request.message, at)
		return carrier.text(request.permit, request.message, at)
	except CarrierError as error:
		return error
