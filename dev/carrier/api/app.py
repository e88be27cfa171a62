"""HTTP: time each request on arrival, authenticate it, answer it, break it on a fault, and log it."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from aiohttp import web
from multidict import MultiMapping

from dev.carrier import API_VERSION
from dev.carrier.api import control, lookups, numbers, rest
from dev.carrier.api.contract.nulls import bared
from dev.carrier.api.errors import ApiError
from dev.carrier.carrier import Carrier
from dev.carrier.clock import http_date
from dev.carrier.dialects import refusal

Form = MultiMapping[Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

ACCOUNT = f"/{API_VERSION}/Accounts/{{account}}"
CALLS, CALL = f"{ACCOUNT}/Calls.json", f"{ACCOUNT}/Calls/{{sid:CALL}}.json"
MESSAGES, MESSAGE = f"{ACCOUNT}/Messages.json", f"{ACCOUNT}/Messages/{{sid:MESSAGE}}.json"
RECORDINGS, RECORDING = f"{ACCOUNT}/Recordings.json", f"{ACCOUNT}/Recordings/{{sid:RECORDING}}"
MEDIA = f"{ACCOUNT}/Messages/{{sid:MESSAGE}}/Media.json"
MEDIUM = f"{ACCOUNT}/Messages/{{message:MESSAGE}}/Media/{{sid:MEDIUM}}.json"
PREFIXES = {"CALL": "CA", "MESSAGE": "SM|MM", "RECORDING": "RE", "MEDIUM": "ME"}
# (method, path, kind in the journal, operation)
OPERATIONS: tuple[tuple[str, str, str, rest.Operation], ...] = (
	("POST", CALLS, "call", rest.create_call),
	("GET", CALLS, "list", rest.list_calls),
	("GET", CALL, "fetch", rest.fetch_call),
	("POST", CALL, "update", rest.update_call),
	("DELETE", CALL, "delete", rest.delete_call),
	("POST", MESSAGES, "message", rest.create_message),
	("GET", MESSAGES, "list", rest.list_messages),
	("GET", MESSAGE, "fetch", rest.fetch_message),
	("POST", MESSAGE, "update", rest.update_message),
	("DELETE", MESSAGE, "delete", rest.delete_message),
	("GET", MEDIA, "list", rest.list_message_media),
	("DELETE", MEDIUM, "delete", rest.delete_message_medium),
	("GET", RECORDINGS, "list", rest.list_recordings),
	("GET", f"{RECORDING}.json", "fetch", rest.fetch_recording),
	("GET", RECORDING, "media", rest.fetch_media),
	("GET", f"{RECORDING}.wav", "media", rest.fetch_media),
	("DELETE", f"{RECORDING}.json", "delete", rest.delete_recording),
	(
		"GET",
		f"/{API_VERSION}/Accounts/{{account_json:ACCOUNT}}.json",
		"account",
		rest.fetch_account,
	),
)
CREATING = ("call", "message")
BARING = {"null": "nulls", "missing": "missing", "surprise": "surprises"}
FAULTS_BEFORE = (("lose_request", None), ("http_429", 20429), ("http_500", 20500))


class Dropped(Exception):
	"""Cut the connection without an answer."""


def make_apps(carriers: Sequence[Carrier]) -> web.Application:
	"""Return one application that serves these carriers, each below the root of its dialect."""
	whole = next((make_app(one) for one in carriers if not one.dialect.root), None) or web.Application()
	for carrier in carriers:
		if root := carrier.dialect.root:
			whole.add_subapp(root, make_app(carrier))
	return whole


def _path(carrier: Carrier, template: str) -> str:
	for what, prefixes in PREFIXES.items():
		template = template.replace(f":{what}}}", f":{carrier.dialect.sid(prefixes)}}}")
	return template.replace(":ACCOUNT}", f":{carrier.dialect.account}}}")


def make_app(carrier: Carrier) -> web.Application:
	app = web.Application()
	for method, path, kind, operation in OPERATIONS:
		app.router.add_route(method, _path(carrier, path), _endpoint(carrier, kind, operation))
	app.router.add_route("GET", f"{ACCOUNT}/{numbers.OWN}", _endpoint(carrier, "numbers", numbers.list_own))
	if carrier.dialect.name == "twilio":
		app.router.add_route("GET", lookups.PATH, _endpoint(carrier, "lookup", lookups.look_up))
		for path, operation in numbers.SERVICES:
			app.router.add_route("GET", path, _endpoint(carrier, "numbers", operation))
	control.add_routes(app, carrier)
	app.router.add_route("*", f"/{API_VERSION}/{{rest:.*}}", _endpoint(carrier, "unknown", _not_found))

	async def close(_: web.Application) -> None:
		await carrier.close()

	async def date(_: web.Request, answer: web.StreamResponse) -> None:
		"""Set the Date header to the carrier's time, as on its resources, and not to the machine's."""
		answer.headers["Date"] = http_date(carrier.clock.now())

	app.on_response_prepare.append(date)
	app.on_cleanup.append(close)
	return app


def _not_found(carrier: Carrier, request: rest.Request) -> rest.Reply:
	carrier.contract.note("no such operation", [request.path])
	raise ApiError(20404, path=request.path)


def _endpoint(carrier: Carrier, kind: str, operation: rest.Operation) -> Handler:
	async def handle(http: web.Request) -> web.StreamResponse:
		arrived = carrier.clock.real()
		request, form = await _read(http)
		carrier.requests[kind] += 1
		faults: list[str] = []
		code = None
		try:
			_authenticate(carrier, http)
			_break_before(carrier, kind, request, faults)
			carrier.admit(arrived.timestamp())
			request = _hold_to_description(carrier, operation, request, form)
			reply = operation(carrier, replace(request, params=carrier.dialect.query(request.params)))
			reply = replace(reply, body=carrier.dialect.body(operation.__name__, reply.body))
		except ApiError as problem:
			code = problem.code
			carrier.refusals[code] += 1
			carrier.errors += 1
			said = refusal(carrier.dialect, code, problem.status, problem.body(), carrier.errors)
			reply = rest.Reply(*said, _asked_about(request))
		except Dropped:
			reply = rest.Reply(0, None, _asked_about(request))
		if kind in CREATING and reply.status == 201:
			for fault in ("lose_answer", "http_500_after"):
				if not faults and carrier.faults.strikes(fault, kind, reply.about["to"]):
					faults.append(fault)
		carrier.journal.write(
			kind,
			arrived,
			method=http.method,
			path=http.path,
			sid=reply.about.get("sid"),
			to=reply.about.get("to"),
			**{"from": reply.about.get("from")},
			params=request.params,
			events=list(request.events),
			status=reply.status,
			code=code,
			faults=faults,
		)
		if carrier.account.strict and reply.status and reply.sound is None and kind != "lookup":
			carrier.contract.answer(operation.__name__, reply.status, reply.body)
		return await _send(carrier, http, _bare(carrier, operation, reply), faults)

	return handle


def _hold_to_description(
	carrier: Carrier, operation: rest.Operation, request: rest.Request, form: Form
) -> rest.Request:
	"""Return the request with its values that the API's description does not have.

	Raises ApiError 20001 for a parameter that is not described.
	"""
	if not carrier.account.strict or operation is lookups.look_up:
		return request
	given = {name: [str(value) for value in form.getall(name)] for name in form}
	unknown, wrong = carrier.contract.request(operation.__name__, given)
	if unknown:
		raise ApiError(20001, problem="; ".join(unknown))
	return replace(request, wrong=tuple(wrong))


def _bare(carrier: Carrier, operation: rest.Operation, reply: rest.Reply) -> rest.Reply:
	"""Return the answer without some of its fields, where a fault removes them."""
	faults = carrier.faults
	chances = {what: fault for what, fault in BARING.items() if faults.values[fault]}
	if not chances or reply.body is None:
		return reply

	def luck(to: str, field: str, what: str) -> bool:
		return what in chances and faults.strikes(chances[what], operation.__name__, to, field)

	return replace(reply, body=bared(operation.__name__, reply.body, luck))


async def _send(
	carrier: Carrier, http: web.Request, reply: rest.Reply, faults: list[str]
) -> web.StreamResponse:
	if slow := carrier.faults.values["slow"] + reply.late:
		await asyncio.sleep(slow)
	if ("lose_answer" in faults or "lose_request" in faults) and http.transport is not None:
		http.transport.abort()
	body, status = reply.body, reply.status or 500
	if "http_500_after" in faults:
		body, status = ApiError(20500).body(), 500
	headers = {"Twilio-Request-Id": f"RQ{uuid4().hex}"}
	if status == 401:
		headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
	if reply.sound is not None and status == 200:
		return web.Response(headers=headers, content_type="audio/x-wav", body=reply.sound)
	if body is None:
		return web.Response(status=status, headers=headers)
	text = json.dumps(body, ensure_ascii=False)
	text = text[: len(text) // 2] if reply.cut else text
	return web.Response(status=status, headers=headers, content_type="application/json", text=text)


async def _read(http: web.Request) -> tuple[rest.Request, Form]:
	form = await http.post() if http.method == "POST" else http.query
	params = {name: str(value) for name, value in form.items() if name != "StatusCallbackEvent"}
	request = rest.Request(
		path=http.path,
		params=params,
		events=tuple(str(event) for event in form.getall("StatusCallbackEvent", [])),
		sid=http.match_info.get("sid") or http.match_info.get("number", ""),
		media=len([url for url in form.getall("MediaUrl", []) if url]),
	)
	return request, form


def _asked_about(request: rest.Request) -> dict[str, str | None]:
	return {"sid": request.sid or None, "to": request.params.get("To"), "from": request.params.get("From")}


def _authenticate(carrier: Carrier, http: web.Request) -> None:
	"""Check the credentials, the account in the path and its status. A key may not ask about the account.

	Raises ApiError 20003 for wrong credentials, 20404 for another account's path, 20005 for an account that
	is not active.
	"""
	account = carrier.account
	valid = {account.sid: account.token}
	if "account_json" not in http.match_info:
		valid |= account.api_keys
	scheme, _, given = http.headers.get("Authorization", "").partition(" ")
	try:
		credentials = base64.b64decode(given, validate=True) if scheme == "Basic" else b""
	except binascii.Error:
		credentials = b""
	if not any(hmac.compare_digest(credentials, f"{who}:{key}".encode()) for who, key in valid.items()):
		raise ApiError(20003)
	asked = http.match_info.get("account") or http.match_info.get("account_json") or account.sid
	if asked != account.sid:
		raise ApiError(20404, path=http.path)
	if account.status != "active":
		raise ApiError(20005)


def _break_before(carrier: Carrier, kind: str, request: rest.Request, faults: list[str]) -> None:
	"""Apply the faults that strike before a request is processed."""
	for fault, code in FAULTS_BEFORE:
		if carrier.faults.strikes(fault, kind, request.params.get("To") or request.path):
			faults.append(fault)
			if code is None:
				raise Dropped
			raise ApiError(code)
