"""The parameters about a call in each of Twilio's requests to the site."""

from __future__ import annotations

from dev.carrier import API_VERSION
from dev.carrier.api.resources import Call
from dev.carrier.exchange.numbers import country


def parameters(call: Call) -> dict[str, str]:
	"""Return the parameters that Twilio sends with every request about a call.

	Places are unknown here and sent empty, as Twilio does: a receiver that drops empty fields cannot verify
	the signature.
	"""
	params = {
		"CallSid": call.sid,
		"AccountSid": call.account_sid,
		"From": call.sender,
		"To": call.to,
		"Caller": call.sender,
		"Called": call.to,
		"CallStatus": call.status,
		"ApiVersion": API_VERSION,
		"Direction": call.direction,
	}
	for side, number in (
		("From", call.sender),
		("To", call.to),
		("Caller", call.sender),
		("Called", call.to),
	):
		params |= {f"{side}City": "", f"{side}State": "", f"{side}Zip": "", f"{side}Country": country(number)}
	if call.parent_sid:
		params["ParentCallSid"] = call.parent_sid
	if call.answered_by:
		params["AnsweredBy"] = call.answered_by
	return params
