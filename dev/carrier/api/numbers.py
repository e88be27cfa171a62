"""The account's own numbers and Messaging Services, with where texts and calls to them go. Read only.

https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
https://www.twilio.com/docs/messaging/api/service-resource
"""

from __future__ import annotations

from hashlib import md5
from typing import Any
from urllib.parse import urlencode

from dev.carrier import API_VERSION
from dev.carrier.api.errors import ApiError
from dev.carrier.api.rest import Reply, Request
from dev.carrier.carrier import Carrier

OWN = "IncomingPhoneNumbers.json"
UNSET_TEXTS = "https://demo.twilio.com/welcome/sms/reply"
UNSET_CALLS = "https://demo.twilio.com/welcome/voice/"
"""Where a new number's texts and calls go until its owner says otherwise."""
LARGEST_PAGE = 1000


def list_own(carrier: Carrier, request: Request) -> Reply:
	"""List the account's numbers. PhoneNumber keeps those that contain it."""
	wanted = request.params.get("PhoneNumber", "")
	found = [one for one in carrier.senders.numbers if wanted in one]
	shown, page, more = _paged(found, request, {"PhoneNumber"})
	path, size = request.path, page["page_size"]
	filters = {"PhoneNumber": wanted} if wanted else {}

	def uri(number: int) -> str:
		return f"{path}?{urlencode({**filters, 'PageSize': size, 'Page': number})}"

	body = {
		"incoming_phone_numbers": [_number(carrier, one) for one in shown],
		"first_page_uri": uri(0),
		"next_page_uri": uri(page["page"] + 1) if more else None,
		"previous_page_uri": uri(page["page"] - 1) if page["page"] else None,
		"uri": uri(page["page"]),
		"start": page["page"] * size,
		"end": max(0, page["page"] * size + len(shown) - 1),
		**page,
	}
	return Reply(200, body)


def list_services(carrier: Carrier, request: Request) -> Reply:
	shown, page, more = _paged(list(carrier.senders.services), request)
	return _of_service("services", [_service(carrier, sid) for sid in shown], page, more)


def list_pool(carrier: Carrier, request: Request) -> Reply:
	if request.sid not in carrier.senders.services:
		raise ApiError(20404, path=request.path)
	shown, page, more = _paged(carrier.senders.services[request.sid], request)
	rows = [
		{"sid": sid_of(one), "account_sid": carrier.account.sid, "phone_number": one, "capabilities": []}
		for one in shown
	]
	return _of_service("phone_numbers", rows, page, more)


SERVICES = (
	("/v1/Services", list_services),
	("/v1/Services/{sid:MG[0-9a-fA-F]{32}}/PhoneNumbers", list_pool),
)


def sid_of(number: str) -> str:
	return f"PN{md5(number.encode(), usedforsecurity=False).hexdigest()}"


def _paged(rows: list, request: Request, known: set[str] = frozenset()) -> tuple[list, dict[str, int], bool]:
	"""Return the rows of the page that is asked for, what the page is, and whether more follow."""
	if unknown := set(request.params) - {"PageSize", "Page", "PageToken", *known}:
		raise ApiError(20001, problem=", ".join(sorted(unknown)))
	size, number = int(request.params.get("PageSize", 50)), int(request.params.get("Page", 0))
	if not 1 <= size <= LARGEST_PAGE:
		raise ApiError(20007)
	start = size * number
	return rows[start : start + size], {"page": number, "page_size": size}, len(rows) > start + size


def _of_service(key: str, rows: list[dict], page: dict[str, int], more: bool) -> Reply:
	"""Return a page as the newer parts of Twilio's API have it. Its pages are large enough here."""
	if more:
		raise ApiError(20007)
	meta = dict.fromkeys(("first_page_url", "next_page_url", "previous_page_url", "url"))
	return Reply(200, {key: rows, "meta": {"key": key, **meta, **page}})


def _number(carrier: Carrier, number: str) -> dict[str, Any]:
	settings = carrier.senders.settings(number)
	sid = sid_of(number)
	return {
		"sid": sid,
		"account_sid": carrier.account.sid,
		"friendly_name": number,
		"phone_number": number,
		"sms_url": settings.get("sms_url") or UNSET_TEXTS,
		"sms_method": settings.get("sms_method", "POST"),
		"sms_application_sid": settings.get("sms_application_sid"),
		"voice_url": settings.get("voice_url") or UNSET_CALLS,
		"voice_method": settings.get("voice_method", "POST"),
		"voice_fallback_url": settings.get("voice_fallback_url", ""),
		"voice_application_sid": settings.get("voice_application_sid"),
		"trunk_sid": settings.get("trunk_sid"),
		"status_callback": settings.get("voice_status_url", ""),
		"capabilities": {"voice": True, "sms": settings.get("sms", True), "mms": settings.get("sms", True)},
		"api_version": API_VERSION,
		"status": "in-use",
		"uri": f"/{API_VERSION}/Accounts/{carrier.account.sid}/IncomingPhoneNumbers/{sid}.json",
	}


def _service(carrier: Carrier, sid: str) -> dict[str, Any]:
	given = carrier.senders.inbound[sid]
	return {
		"sid": sid,
		"account_sid": carrier.account.sid,
		"friendly_name": sid,
		"inbound_request_url": given.get("inbound_request_url"),
		"inbound_method": given.get("inbound_method", "POST"),
		"use_inbound_webhook_on_number": given.get("use_inbound_webhook_on_number", True),
	}
