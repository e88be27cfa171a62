"""Lookup v2: GET /v2/PhoneNumbers/{number}, for line types and reassigned numbers.

https://www.twilio.com/docs/lookup/v2-api
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dev.carrier.api.errors import ApiError
from dev.carrier.api.rest import Reply, Request
from dev.carrier.carrier import Carrier
from dev.carrier.exchange.numbers import normalise
from dev.carrier.world.lookups import Line

PATH = "/v2/PhoneNumbers/{number}"
PACKAGES = (
	"caller_name",
	"sim_swap",
	"call_forwarding",
	"line_status",
	"line_type_intelligence",
	"identity_match",
	"reassigned_number",
	"sms_pumping_risk",
	"phone_number_quality_score",
	"pre_fill",
)
PARAMETERS = frozenset({"Fields", "CountryCode", "LastVerifiedDate"})


def look_up(carrier: Carrier, request: Request) -> Reply:
	"""Answer about one number.

	Raises ApiError 20001 for what the API does not have, 20404 for what is no number.
	"""
	if unknown := set(request.params) - PARAMETERS:
		raise ApiError(20001, problem=", ".join(sorted(unknown)))
	asked = [one for one in request.params.get("Fields", "").split(",") if one]
	if bad := [one for one in asked if one not in PACKAGES]:
		raise ApiError(20001, problem=f"Fields: {', '.join(bad)}")
	number = normalise(request.params.get("CountryCode", "") + request.sid) or normalise(request.sid)
	if number is None:
		raise ApiError(20404, path=request.path)
	line = carrier.lines.of(number)
	if line.refuse:
		raise ApiError(line.refuse, value=number, name="PhoneNumber", path=request.path)
	body = _body(carrier, request, number, line, asked)
	return Reply(200, body, {"to": number}, late=line.late, cut=line.malformed == "not json")


def _body(carrier: Carrier, request: Request, number: str, line: Line, asked: list[str]) -> Any:
	if line.malformed == "not an object":
		return [number]
	if line.malformed == "empty":
		return {}
	found: dict[str, Any] = {name: None for name in PACKAGES}
	if "line_type_intelligence" in asked:
		found["line_type_intelligence"] = _line_type(line)
	if "reassigned_number" in asked:
		found["reassigned_number"] = _reassigned(carrier, request, line)
	for name in line.without:
		found[name] = None
	if line.malformed == "wrong types":
		found |= {name: ["yes"] for name in asked}
	return {
		"calling_country_code": "1",
		"country_code": "US",
		"phone_number": number,
		"national_format": number[2:],
		"valid": True,
		"validation_errors": [],
		**found,
		"url": f"https://lookups.twilio.com/v2/PhoneNumbers/{number}",
	}


def _line_type(line: Line) -> dict[str, Any]:
	said = "teleporter" if line.malformed == "other words" else line.line_type
	return {
		"mobile_country_code": None,
		"mobile_network_code": None,
		"carrier_name": "Simulated",
		"type": None if line.error else said,
		"error_code": line.error,
	}


def _reassigned(carrier: Carrier, request: Request, line: Line) -> dict[str, Any]:
	given = request.params.get("LastVerifiedDate", "")
	try:
		day = datetime.strptime(given, "%Y%m%d").date() if len(given) == 8 else None
	except ValueError:
		day = None
	if day is None or day > carrier.clock.now().date() + timedelta(days=1):
		return {"last_verified_date": None, "is_number_reassigned": None, "error_code": 60617}
	said = "perhaps" if line.malformed == "other words" else line.reassigned(day)
	return {
		"last_verified_date": day.isoformat(),
		"is_number_reassigned": None if line.error else said,
		"error_code": line.error,
	}
