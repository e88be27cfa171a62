"""Where Twilio sends the texts and calls that people make to the account's numbers.

A new number answers texts by itself, with a sample message, and a Messaging Service may go before what its
numbers say. So both are read. Twilio looks at an application or a trunk first, then at the number's own URL.

https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
https://www.twilio.com/docs/messaging/api/service-resource
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from school_dialer.carriers.base import Incoming, is_service
from school_dialer.carriers.twilio_rows import written

POST = "POST"
Lister = Callable[..., list]


@dataclass(frozen=True, slots=True)
class Service:
	"""A Messaging Service. `address` is where it reports texts, and None if it leaves this to its numbers."""

	sid: str
	address: str | None


@dataclass(frozen=True, slots=True)
class Member:
	"""A number of a Messaging Service's pool."""

	sid: str
	number: str


def of_senders(
	listed: Lister, client, senders: Collection[str], services: bool, most: int
) -> Mapping[str, Sequence[Incoming]]:
	"""Return what the account says of each sender: itself, or the numbers of a Messaging Service's pool.

	`listed` reads all pages of a resource. Up to `most` numbers are asked for one by one; of more, the
	account's numbers are read once.
	"""
	pools = pools_of(listed, client) if services else {}
	wanted = {sender for sender in senders if not is_service(sender)}
	for service, pool in pools.items():
		if service.sid in senders:
			wanted |= pool
	incoming = numbers_of(listed, client, wanted, most)
	for service, pool in pools.items():
		for number in pool & set(incoming) if service.address is not None else ():
			if incoming[number].text is not None:
				incoming[number] = replace(incoming[number], text=service.address)
	of_service = {service.sid: pool for service, pool in pools.items()}
	by_sender: dict[str, list[Incoming]] = {}
	for sender in senders:
		numbers = sorted(of_service.get(sender, {sender}))
		by_sender[sender] = [incoming[number] for number in numbers if number in incoming]
	return by_sender


def pools_of(listed: Lister, client) -> dict[Service, set[str]]:
	"""Return the account's Messaging Services with the numbers of their pools."""
	every, pools = client.messaging.v1.services, {}
	for service in listed(every, service_of):
		members = listed(every(service.sid).phone_numbers, member_of)
		pools[service] = {member.number for member in members}
	return pools


def numbers_of(listed: Lister, client, wanted: Collection[str], most: int) -> dict[str, Incoming]:
	read = partial(listed, client.incoming_phone_numbers, incoming_of)
	each = [{"phone_number": number} for number in sorted(wanted)] if len(wanted) <= most else [{}]
	rows = [incoming for whose in each for incoming in read(**whose)]
	return {incoming.number: incoming for incoming in rows if incoming.number in wanted}


def incoming_of(row) -> Incoming:
	able = row.capabilities if isinstance(row.capabilities, dict) else {}
	lacking = {str(name).lower() for name, has in able.items() if has is False}
	text = address(row.sms_url, row.sms_method, row.sms_application_sid)
	voice = address(row.voice_url, row.voice_method, row.trunk_sid, row.voice_application_sid)
	return Incoming(
		written(row.sid),
		written(row.phone_number),
		None if "sms" in lacking else text,
		None if "voice" in lacking else voice,
	)


def service_of(row) -> Service:
	"""Convert a service. One that does not say that it decides by itself leaves this to its numbers."""
	decides = getattr(row, "use_inbound_webhook_on_number", None) is False
	return Service(
		written(row.sid), address(row.inbound_request_url, row.inbound_method) if decides else None
	)


def member_of(row) -> Member:
	return Member(written(row.sid), written(row.phone_number))


def address(url: object, method: object, *first: object) -> str:
	"""Return where it goes: the id of the first thing that goes before the URL, or else the URL."""
	if before := next((written(identifier) for identifier in first if written(identifier)), ""):
		return before
	asked = (written(method) or POST).upper()
	return f"{asked} {url}" if written(url) and asked != POST else written(url)
