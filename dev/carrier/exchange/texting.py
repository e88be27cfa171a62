"""Outbound and inbound texts."""

from __future__ import annotations

import asyncio
from collections import Counter

from dev.carrier import API_VERSION
from dev.carrier.accounts.senders import LONGEST_QUEUE
from dev.carrier.accounts.stop_words import CONFIRMATIONS, SAMPLE, keyword
from dev.carrier.api.errors import DELIVERY
from dev.carrier.api.resources import Message
from dev.carrier.clock import log_time
from dev.carrier.exchange.crew import Crew
from dev.carrier.exchange.numbers import country, obfuscated
from dev.carrier.network import Network
from dev.carrier.world.behaviour import Texting

SEND_SECONDS, DELIVER_SECONDS = 0.5, 2.0


class TextingDesk:
	def __init__(self, carrier: Network):
		self.carrier = carrier
		self.crew = Crew()
		self._arriving = 0
		self.ended: Counter[str] = Counter()
		self.unsubscribed: set[tuple[str, str]] = set()

	@property
	def on_the_way(self) -> int:
		return self.crew.working + self._arriving

	def stopped(self, dialer: str | None, person: str) -> bool:
		return (dialer, person) in self.unsubscribed

	def send(self, message: Message) -> None:
		work = self._run(message) if message.send_at is None else self._run_later(message)
		self.crew.start(work, counted=message.send_at is None)

	def cancel(self, message: Message) -> None:
		self._move(message, "canceled")

	async def close(self) -> None:
		await self.crew.cancel()

	async def _run_later(self, message: Message) -> None:
		wait = (message.send_at - self.carrier.clock.now()).total_seconds()
		await asyncio.sleep(max(0.0, wait))
		if message.status == "scheduled":
			self._move(message, "queued")
			await self._run(message)

	async def _run(self, message: Message) -> None:
		"""Wait for the sender's turn, send and deliver, as far as the sender and the person allow it."""
		carrier = self.carrier
		texting = carrier.people.texting(message.to, message.attempt)
		pooled = message.sender is None
		sender = message.sender = message.sender or carrier.senders.shortest(message.service_sid)
		if pooled and carrier.senders.is_full(sender):
			self._fail(message, "failed", 30001)
			return
		if not await self._queue(message):
			self._fail(message, "failed", 30036)
			return
		await carrier.clock.pass_time(SEND_SECONDS)
		if code := message.doom or (texting.delivery == "failed" and (texting.error or 30008)):
			self._fail(message, "failed", code)
			return
		self._move(message, "sending")
		await carrier.clock.pass_time(SEND_SECONDS)
		if code := carrier.senders.block(sender):
			self._fail(message, "undelivered", code)
			return
		message.sent = carrier.clock.now()
		self._move(message, "sent")
		await carrier.clock.pass_time(DELIVER_SECONDS)
		await self._arrive(message, texting)

	async def _queue(self, message: Message) -> bool:
		"""Wait in the sender's queue, in real time; return False if the ValidityPeriod ended there."""
		patience = float(message.params.get("ValidityPeriod") or LONGEST_QUEUE)
		wait = self.carrier.senders.take_turn(message.sender, message.segments, patience)
		await asyncio.sleep(patience if wait is None else wait)
		return wait is not None

	async def _arrive(self, message: Message, texting: Texting) -> None:
		person = message.to
		if texting.delivery == "undelivered":
			self._fail(message, "undelivered", texting.error or 30003)
		elif texting.delivery == "delivered":
			message.delivered = self.carrier.clock.now()
			self._move(message, "delivered")
		else:
			self._outcome(message)
		self._redact(message)
		if texting.reply and message.status == "delivered":
			self.crew.start(self._reply(person, message.sender, texting))

	async def _reply(self, person: str, dialer: str, texting: Texting) -> None:
		await self.carrier.clock.pass_time(texting.after)
		await self.receive(person, dialer, texting.reply)

	def _fail(self, message: Message, status: str, code: int) -> None:
		message.error_code, message.error_message = code, DELIVERY.get(code, f"Error {code}")
		self._move(message, status)

	def _move(self, message: Message, status: str) -> None:
		message.status = status
		message.updated = self.carrier.clock.now()
		if url := message.params.get("StatusCallback"):
			params = {
				"MessageSid": message.sid,
				"SmsSid": message.sid,
				"MessageStatus": status,
				"SmsStatus": status,
				"AccountSid": message.account_sid,
				"From": message.sender or "",
				"To": message.to,
				"ApiVersion": API_VERSION,
			}
			if message.service_sid:
				params["MessagingServiceSid"] = message.service_sid
			if message.error_code:
				params["ErrorCode"] = str(message.error_code)
			self.carrier.webhooks.callback(message.sid, message.to, url, "POST", params, status)
		if message.finished:
			self._outcome(message)

	def _outcome(self, message: Message) -> None:
		self.ended[message.status] += 1
		self.carrier.journal.write(
			"outcome",
			resource="message",
			sid=message.sid,
			to=message.to,
			status=message.status,
			direction=message.direction,
			attempt=message.attempt,
			error=message.error_code,
			segments=message.segments,
			sent_at=log_time(message.sent) if message.sent else None,
			delivered_at=log_time(message.delivered) if message.delivered else None,
		)

	def _redact(self, message: Message) -> None:
		"""Remove what the sender asked not to keep once the text is sent, from lists as well."""
		if message.params.get("ContentRetention") == "discard":
			message.body = ""
		if message.params.get("AddressRetention") == "obfuscate":
			self.carrier.messages.rename_recipient(message, obfuscated(message.to))

	async def receive(self, person: str, dialer: str, body: str) -> dict:
		"""Receive a text from a person to one of the account's numbers.

		The carrier first answers a stop word itself, then calls the site's webhook. Returns the site's
		answer, the replies in it and the automatic reply.
		"""
		carrier = self.carrier
		message = Message(
			sid=carrier.new_sid("SM"),
			account_sid=carrier.account.sid,
			to=dialer,
			sender=person,
			body=body,
			created=carrier.clock.now(),
			direction="inbound",
			status="received",
			sent=carrier.clock.now(),
		)
		carrier.messages.add(message)
		self._arriving += 1
		try:
			automatic = self._act_on_keyword(person, dialer, body)
			read = keyword(body).upper() if automatic else ""
			result = await self._notify_site(message, read)
		finally:
			self._arriving -= 1
		result["automatic_reply"] = automatic
		carrier.journal.write("inbound_text", **result)
		return result

	async def receive_again(self, sid: str) -> dict:
		"""Deliver an inbound text once more, as a carrier does that repeats itself or asks a fallback URL.

		Raises ValueError if there is no such text. Returns what `receive` does.
		"""
		message = self.carrier.messages.by_sid.get(sid)
		if message is None or message.direction != "inbound":
			raise ValueError(f"no inbound text: {sid}")
		self._arriving += 1
		try:
			result = await self._notify_site(message)
		finally:
			self._arriving -= 1
		result["automatic_reply"] = None
		self.carrier.journal.write("inbound_text", **result)
		return result

	def _act_on_keyword(self, person: str, dialer: str, body: str) -> str | None:
		word = keyword(body) if self.carrier.account.opt_out_handling else None
		pool = self.carrier.senders.pooled_with(dialer)
		for number in pool:
			if word == "stop":
				self.unsubscribed.add((number, person))
			elif word == "start":
				self.unsubscribed.discard((number, person))
		if word == "stop" and self.carrier.account.redaction == "all":
			self.carrier.alert(23004 if self.carrier.senders.services else 23002, dialer)
		return CONFIRMATIONS[word] if word else None

	async def _notify_site(self, message: Message, read: str = "") -> dict:
		"""Report a text. ``read`` is what the carrier took it for, if it has answered by itself."""
		result = {
			"sid": message.sid,
			"from": message.sender,
			"to": message.to,
			"body": message.body,
			"url": None,
			"http_status": None,
			"http_error": None,
			"answer": None,
			"replies": [],
			"sample": None,
			"error": None,
		}
		hook, method = self.carrier.senders.text_hook(message.to)
		if not hook:
			result["sample"] = None if self.carrier.senders.is_dropped(message.to) else SAMPLE
			return result
		if method == "GET" and self.carrier.account.redaction != "none":
			self.carrier.alert(23006, message.sid)
		answer = await self.carrier.webhooks.request(hook, method, _inbound_parameters(message, read))
		result |= {
			"url": hook,
			"http_status": answer.status,
			"http_error": answer.error,
			"answer": answer.body,
		}
		if answer.good and answer.body.strip():
			replies, result["error"] = self.carrier.replies(answer)
			for to, text in replies:
				result["replies"].append(self._answer_back(message, to or message.sender, text))
		elif not answer.good:
			result["error"] = 11200 if answer.status else 11205
		return result

	def _answer_back(self, incoming: Message, to: str, text: str) -> dict:
		"""Send a <Message> of the site's answer; one to an unsubscribed person fails, as any other text
		would.
		"""
		carrier = self.carrier
		reply = Message(
			sid=carrier.new_sid("SM"),
			account_sid=incoming.account_sid,
			to=to,
			sender=incoming.to,
			body=text,
			created=carrier.clock.now(),
			direction="outbound-reply",
		)
		carrier.messages.add(reply)
		blocked = self.stopped(incoming.to, to)
		if blocked:
			reply.error_code, reply.error_message = 21610, "Attempt to send to unsubscribed recipient"
			self._move(reply, "failed")
		else:
			reply.sent = reply.delivered = carrier.clock.now()
			self._move(reply, "delivered")
		return {"sid": reply.sid, "to": to, "body": text, "status": reply.status}


def _inbound_parameters(message: Message, read: str) -> dict[str, str]:
	params = {
		"MessageSid": message.sid,
		"SmsSid": message.sid,
		"SmsMessageSid": message.sid,
		"SmsStatus": "received",
		"AccountSid": message.account_sid,
		"From": message.sender or "",
		"To": message.to,
		"Body": message.body,
		"NumMedia": "0",
		"NumSegments": "1",
		"ApiVersion": API_VERSION,
	}
	for side, number in (("From", message.sender or ""), ("To", message.to)):
		params |= {f"{side}City": "", f"{side}State": "", f"{side}Zip": "", f"{side}Country": country(number)}
	return params | ({"OptOutType": read} if read else {})
