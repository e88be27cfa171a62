"""What the tests of <Dial> share: an office, a document that dials it, and a call that comes in."""

from __future__ import annotations

from carrier_kit import DIALER, PERSON, Site

from dev.carrier.server import Handle

OFFICE = "+13125550101"
SECOND = "+13125550102"
AFTER = "<Response><Say>Nobody is there.</Say></Response>"


def dial(inside: str = OFFICE, attributes: str = 'action="/done"') -> str:
	return f"<Response><Dial {attributes}>{inside}</Dial><Say>Goodbye.</Say></Response>"


def number(to: str = OFFICE, attributes: str = "") -> str:
	return f"<Number {attributes}>{to}</Number>"


def call_in(carrier: Handle, site: Site, document: str, **behaviour) -> dict:
	"""Let PERSON call in, hear this document, and return the whole conversation once nothing is pending."""
	carrier.control("numbers", {DIALER: {"voice_url": f"{site.url}/in"}})
	site.pages["/in"] = document
	site.pages.setdefault("/done", AFTER)
	result = carrier.control("inbound_call", {"from": PERSON, "to": DIALER, **behaviour})
	carrier.wait_until_idle()
	return result


def children(carrier: Handle) -> list[dict]:
	"""Return how the calls that a <Dial> placed ended, as the journal has them."""
	return [line for line in carrier.log("outcome") if line["direction"] == "outbound-dial"]
