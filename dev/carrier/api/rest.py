"""The API's operations on calls, messages and recordings: create, find, change, or refuse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from dev.carrier.accounts import rules
from dev.carrier.api import checks
from dev.carrier.api.errors import ApiError
from dev.carrier.api.resources import Call, Message, account_json
from dev.carrier.carrier import Carrier
from dev.carrier.exchange.numbers import normalise
from dev.carrier.exchange.shelf import Shelf, TimeFilter, page
from dev.carrier.line.steps import Step


@dataclass(frozen=True)
class Request:
	path: str
	params: dict[str, str]
	events: tuple[str, ...] = ()
	sid: str = ""
	media: int = 0
	wrong: tuple[str, ...] = ()  # values that the API's description does not have


@dataclass(frozen=True)
class Reply:
	status: int
	body: dict | None
	about: dict[str, str | None] = field(default_factory=dict)  # sid, to and from, for the journal
	sound: bytes | None = None  # a recording's media, in place of a body
	late: float = 0.0  # real seconds before the answer
	cut: bool = False  # whether its second half is lost


Operation = Callable[[Carrier, Request], Reply]

LASTING = ("FallbackUrl", "FallbackMethod", "StatusCallback", "StatusCallbackMethod")
"""Parameters of an update that hold for the rest of the call."""

STARTED = TimeFilter("StartTime", lambda call: call.started)
ENDED = TimeFilter("EndTime", lambda call: call.ended if call.status == "completed" else None)
SENT = TimeFilter("DateSent", lambda message: message.sent, inclusive_before=True)


def create_call(carrier: Carrier, request: Request) -> Reply:
	params = request.params
	to, sender = checks.recipient(params, 21201), checks.sender(params, 21213)
	checks.instructions(params)
	for name in ("FallbackUrl", "StatusCallback", "AsyncAmdStatusCallback"):
		checks.url(params, name)
	checks.methods(params, "Method", "FallbackMethod", "StatusCallbackMethod", "AsyncAmdStatusCallbackMethod")
	checks.require_integer(params, "Timeout", 1, checks.LONGEST_RING, 21208)
	checks.require_integer(params, "TimeLimit", 1, 24 * 60 * 60, 20422)
	if params.get("SendDigits") and not checks.SEND_DIGITS.fullmatch(params["SendDigits"]):
		raise ApiError(21206, value=params["SendDigits"])
	checks.detection(params)
	events = checks.events(request.events)
	checks.described(request.wrong)
	rules.may_call(carrier, sender, to)
	attempt = _attempt(carrier, "call", to)
	call = Call(
		sid=carrier.new_sid("CA"),
		account_sid=carrier.account.sid,
		to=to,
		sender=sender,
		created=carrier.clock.now(),
		attempt=attempt,
		params=params,
		events=events,
	)
	carrier.calls.add(call)
	body = call.json()
	carrier.switchboard.place(call)
	return Reply(201, body, _about(call))


def _attempt(carrier: Carrier, kind: str, to: str) -> int:
	attempt = carrier.next_attempt(kind, to)
	if code := carrier.people.refusal(to, attempt):
		raise ApiError(code, value=to, name="To")
	return attempt


def list_calls(carrier: Carrier, request: Request) -> Reply:
	query = request.params
	checks.one_of(query, "Status", checks.CALL_STATUSES)
	by_day = carrier.account.list_dates == "days"
	started, ended = STARTED.conditions(query, by_day), ENDED.conditions(query, by_day)
	sender = query.get("From") and (normalise(query["From"]) or query["From"])

	def keep(call: Call) -> bool:
		return (
			(not query.get("Status") or call.status == query["Status"])
			and (not sender or call.sender == sender)
			and query.get("ParentCallSid") in (None, "", call.parent_sid)
			and started(call)
			and ended(call)
		)

	return _list(carrier.calls, "calls", request, keep)


def fetch_call(carrier: Carrier, request: Request) -> Reply:
	call = carrier.calls.get(request.sid, request.path)
	return Reply(200, call.json(), _about(call))


def update_call(carrier: Carrier, request: Request) -> Reply:
	"""Cancel a call not yet answered, complete one not yet over, or redirect one in progress."""
	call, params = carrier.calls.get(request.sid, request.path), request.params
	checks.one_of(params, "Status", ("canceled", "completed"))
	for name in ("Url", "FallbackUrl", "StatusCallback"):
		checks.url(params, name)
	checks.methods(params, "Method", "FallbackMethod", "StatusCallbackMethod")
	checks.described(request.wrong)
	status = params.get("Status")
	if status == "canceled" and call.status not in ("queued", "ringing"):
		raise ApiError(21220, problem=f"Call is {call.status}. Cannot cancel.")
	if call.finished or (not status and call.status != "in-progress"):
		raise ApiError(21220, problem="Call is not in-progress. Cannot redirect.")
	if status:
		answered = call.status == "in-progress"
		carrier.switchboard.finish(call, "completed" if answered else "canceled")
		carrier.switchboard.interrupt(call)
	elif params.get("Url") or params.get("Twiml"):
		call.params.update({name: params[name] for name in LASTING if name in params})
		if len(params.get("Twiml", "")) > checks.LONGEST_TWIML:
			raise ApiError(21658, name="Twiml", limit=checks.LONGEST_TWIML)
		method = params.get("Method", "POST").upper()
		step = Step(params["Url"], method) if params.get("Url") else Step(twiml=params["Twiml"])
		carrier.switchboard.interrupt(call, step)
	return Reply(200, call.json(), _about(call))


def delete_call(carrier: Carrier, request: Request) -> Reply:
	return _delete(carrier.calls, request)


def create_message(carrier: Carrier, request: Request) -> Reply:
	params = request.params
	to = checks.recipient(params, 21604)
	service = rules.service(carrier, params)
	if not service and not params.get("From"):
		raise ApiError(21603)
	sender = checks.sender(params, 21603) if params.get("From") else None
	if not params.get("Body") and not request.media and not params.get("ContentSid"):
		raise ApiError(21602)
	if len(params.get("Body", "")) > checks.LONGEST_BODY:
		raise ApiError(21617)
	checks.url(params, "StatusCallback", 21609)
	checks.require_integer(params, "ValidityPeriod", 1, 36000, 21624)
	checks.one_of(params, "ContentRetention", ("retain", "discard"), 30029)
	checks.one_of(params, "AddressRetention", ("retain", "obfuscate"), 30030)
	due = checks.send_at(params, carrier.clock.now())
	checks.described(request.wrong)
	rules.may_text(carrier, sender, service, to)
	private = rules.privacy(carrier, params)
	attempt = _attempt(carrier, "message", to)
	message = Message(
		sid=carrier.new_sid("MM" if request.media else "SM"),
		account_sid=carrier.account.sid,
		to=to,
		sender=sender,
		body=params.get("Body", ""),
		created=carrier.clock.now(),
		attempt=attempt,
		params=params,
		service_sid=service,
		status="scheduled" if due else "accepted" if service else "queued",
		send_at=due,
		media=request.media,
		doom=private,
	)
	carrier.messages.add(message)
	body = message.json()
	carrier.texting.send(message)
	return Reply(201, body, _about(message))


def list_messages(carrier: Carrier, request: Request) -> Reply:
	query = request.params
	sent = SENT.conditions(query, carrier.account.list_dates == "days")
	sender = query.get("From") and (normalise(query["From"]) or query["From"])

	def keep(message: Message) -> bool:
		return (not sender or message.sender == sender) and sent(message)

	return _list(carrier.messages, "messages", request, keep)


def fetch_message(carrier: Carrier, request: Request) -> Reply:
	message = carrier.messages.get(request.sid, request.path)
	return Reply(200, message.json(), _about(message))


def update_message(carrier: Carrier, request: Request) -> Reply:
	"""Empty the body of a text that is over, or cancel one that is still scheduled."""
	message, params = carrier.messages.get(request.sid, request.path), request.params
	checks.one_of(params, "Status", ("canceled",))
	if params.get("Status"):
		if "Body" in params:
			raise ApiError(30400, problem="a message is canceled or redacted, not both at once")
		if message.status != "scheduled":
			raise ApiError(30409, state=message.status)
		carrier.texting.cancel(message)
	if "Body" in params:
		if params["Body"]:
			raise ApiError(20422, name="Body", value=params["Body"][:20])
		if not message.finished and message.status != "sent":
			raise ApiError(20009)
		message.body = ""
		message.updated = carrier.clock.now()
	return Reply(200, message.json(), _about(message))


def delete_message(carrier: Carrier, request: Request) -> Reply:
	return _delete(carrier.messages, request)


def list_message_media(carrier: Carrier, request: Request) -> Reply:
	message = carrier.messages.get(request.sid, request.path)
	begins = "ME" if message.sid[:2] in ("SM", "MM") else message.sid[:2]
	media = [
		{"sid": f"{begins}{message.sid[2:-1]}{place:x}", "parent_sid": message.sid}
		for place in range(message.media)
	]
	return Reply(200, {"media_list": media, "page": 0, "page_size": len(media), "next_page_uri": None})


def delete_message_medium(carrier: Carrier, request: Request) -> Reply:
	message = carrier.messages.get(request.path.split("/")[-3], request.path)
	if not message.media:
		raise ApiError(20404, path=request.path)
	message.media -= 1
	return Reply(204, None, {"sid": request.sid})


def list_recordings(carrier: Carrier, request: Request) -> Reply:
	body = page(carrier.recordings, "recordings", request.path, request.params, lambda _: True, None)
	checks.described(request.wrong)
	return Reply(200, body)


def fetch_recording(carrier: Carrier, request: Request) -> Reply:
	recording = carrier.recordings.get(request.sid, request.path)
	return Reply(200, recording.json(), {"sid": recording.sid})


def fetch_media(carrier: Carrier, request: Request) -> Reply:
	recording = carrier.recordings.get(request.sid, request.path)
	return Reply(200, None, {"sid": recording.sid}, recording.wav)


def delete_recording(carrier: Carrier, request: Request) -> Reply:
	carrier.recordings.get(request.sid, request.path).deleted = True
	return Reply(204, None, {"sid": request.sid})


def fetch_account(carrier: Carrier, request: Request) -> Reply:
	account = carrier.account
	return Reply(
		200, account_json(account.sid, account.status, account.type, carrier.started), {"sid": account.sid}
	)


def _list(shelf: Shelf, key: str, request: Request, keep: Callable) -> Reply:
	query = request.params
	to = query.get("To")
	recipient = (normalise(to) or to) if to else None
	body = page(shelf, key, request.path, query, keep, recipient)
	checks.described(request.wrong)
	return Reply(200, body, {"to": recipient, "from": query.get("From")})


def _delete(shelf: Shelf, request: Request) -> Reply:
	item = shelf.get(request.sid, request.path)
	if not item.finished:
		raise ApiError(20009)
	item.deleted = True
	return Reply(204, None, _about(item))


def _about(item: Call | Message) -> dict[str, str | None]:
	return {"sid": item.sid, "to": item.to, "from": item.sender}
