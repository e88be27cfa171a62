"""What an account is refused no matter who the recipient is.

Trial, limits, senders, messaging services and privacy parameters.
"""

from __future__ import annotations

from collections.abc import Mapping

from dev.carrier.api import checks
from dev.carrier.api.errors import ApiError
from dev.carrier.network import Network

# parameter, value, the redaction levels that allow it, and the error code without them
PRIVACY = (
	("ContentRetention", "discard", ("content", "all"), 30029),
	("AddressRetention", "obfuscate", ("all",), 30030),
)


def may_call(carrier: Network, sender: str, to: str) -> None:
	"""Raise ApiError if the account may not place this call now."""
	if sender == "+15005550001" or not carrier.owns(sender):
		raise ApiError(21212 if sender == "+15005550001" else 21210, value=sender)
	may_reach(carrier, to)


def may_reach(carrier: Network, to: str) -> None:
	"""Raise ApiError if the account may not call this number now, whatever the caller id."""
	account = carrier.account
	if code := checks.TEST_CALL_TO.get(to):
		raise ApiError(code, value=to)
	if account.type == "Trial" and to not in account.verified:
		raise ApiError(21219, account.trial_status, value=to)
	_refuse(carrier, "call")
	if account.calls_at_once and carrier.switchboard.at_once >= account.calls_at_once:
		raise ApiError(10004, value=account.calls_at_once)


def may_text(carrier: Network, sender: str | None, service: str | None, to: str) -> None:
	"""Raise ApiError if the account may not send this text now."""
	account = carrier.account
	if code := checks.TEST_TEXT_TO.get(to):
		raise ApiError(code, value=to)
	if sender and (code := checks.TEST_FROM.get(sender)):
		raise ApiError(code, value=sender)
	if sender and not carrier.owns(sender):
		raise ApiError(account.unowned_sender, value=sender)
	if sender and carrier.number(sender).get("sms") is False:
		raise ApiError(21606, value=sender)
	if account.type == "Trial" and to not in account.verified:
		raise ApiError(21608, account.trial_status, value=to)
	_refuse(carrier, "message")
	if carrier.texting.stopped(sender or carrier.senders.of(service)[0], to):
		raise ApiError(21610)
	if sender and carrier.senders.is_full(sender):
		raise ApiError(21611, value=sender)


def service(carrier: Network, params: Mapping[str, str]) -> str | None:
	"""Return the SID of the messaging service that is to send, or None for no service.

	Raises ApiError for a service that does not exist or has no number.
	"""
	sid = params.get("MessagingServiceSid")
	if not sid:
		return None
	if not checks.SERVICE_SID.fullmatch(sid):
		raise ApiError(21705, value=sid)
	services = carrier.senders.services
	if services and sid not in services:
		raise ApiError(21701, value=sid)
	if services and not services[sid]:
		raise ApiError(21703, value=sid)
	return sid


def privacy(carrier: Network, params: Mapping[str, str]) -> int | None:
	"""Return the error code for a privacy parameter that the account does not have, or None.

	Raises ApiError with that code where the account refuses at once.
	"""
	for name, value, enough, code in PRIVACY:
		if params.get(name) == value and carrier.account.redaction not in enough:
			if carrier.account.redaction_refusal == "at once":
				raise ApiError(code, value=value)
			return code
	return None


def _refuse(carrier: Network, kind: str) -> None:
	rule = carrier.account.refuse
	if code := rule.get(kind):
		raise ApiError(code, rule.get("status"), name=kind)
