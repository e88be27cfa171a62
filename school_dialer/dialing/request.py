"""One permitted request to the carrier."""

from dataclasses import dataclass
from datetime import datetime

from school_dialer.carriers.base import AnswerLost, Carrier, CarrierError, Placed, Text, Voice
from school_dialer.compliance.permit import NotPermitted, Permit


@dataclass(slots=True)
class CarrierRequest:
	"""One permitted request, ready to be sent; ``sent_at`` (aware) once it was."""

	row: dict
	log: str
	permit: Permit
	message: Voice | Text
	sent_at: datetime | None = None


Answer = Placed | CarrierError | NotPermitted


def send(carrier: Carrier, request: CarrierRequest, at: datetime) -> Answer:
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
		return AnswerLost(f"The carrier's answer could not be read ({type(error).__name__}).")
