"""Calls, messages and recordings as the carrier stores them, and as its API shows them."""

from __future__ import annotations

import asyncio
import io
import math
import struct
import time
import wave
from dataclasses import dataclass, field
from datetime import datetime

from dev.carrier import API_VERSION
from dev.carrier.clock import rfc2822
from dev.carrier.exchange.numbers import formatted
from dev.carrier.line.ear import Ear

MACHINES = ("voicemail", "fax")
CALL_OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
MESSAGE_OVER = frozenset({"delivered", "undelivered", "failed", "received", "canceled"})
CALL_PARTS = {
	"notifications": "Notifications",
	"recordings": "Recordings",
	"payments": "Payments",
	"events": "Events",
	"siprec": "Siprec",
	"streams": "Streams",
	"transcriptions": "Transcriptions",
	"user_defined_message_subscriptions": "UserDefinedMessageSubscriptions",
	"user_defined_messages": "UserDefinedMessages",
}
RECORDING_PARTS = {"transcriptions": "Transcriptions", "add_on_results": "AddOnResults"}
GSM_7 = frozenset(
	"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	"ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_7_EXTENDED = frozenset("^{}\\[~]|€\f")


@dataclass(eq=False)
class Call:
	sid: str
	account_sid: str
	to: str
	sender: str
	created: datetime
	attempt: int
	params: dict[str, str] = field(default_factory=dict)
	events: tuple[str, ...] = ()
	direction: str = "outbound-api"
	parent: Call | None = None  # the call whose <Dial> placed this one
	status: str = "queued"
	updated: datetime | None = None
	started: datetime | None = None
	ended: datetime | None = None
	queue_seconds: float = 0.0
	talked: float = 0.0
	passing: tuple[float, float] | None = (
		None  # since when, and how many seconds, something on the line takes
	)
	duration: int | None = None
	answered_by: str | None = None
	behaviour: str | None = None
	sip_code: int | None = None
	sequence: int = 0
	index: int = 0
	deleted: bool = False
	redirect: object = None
	ear: Ear = field(default_factory=Ear)
	rang: datetime | None = None
	fell_back: bool = False
	on_bridge: bool = False  # not answered before a <Dial> with answerOnBridge connects it
	digits: list[str] = field(default_factory=list)
	interruption: asyncio.Event = field(default_factory=asyncio.Event)

	@property
	def uri(self) -> str:
		return f"/{API_VERSION}/Accounts/{self.account_sid}/Calls/{self.sid}"

	@property
	def parent_sid(self) -> str | None:
		return self.parent.sid if self.parent else None

	@property
	def finished(self) -> bool:
		return self.status in CALL_OVER

	def settle(self, speed: float) -> None:
		"""Count as much of what is taking time on the line as has passed."""
		if self.passing:
			since, seconds = self.passing
			self.talked += min(seconds, (time.monotonic() - since) * speed)
			self.passing = None

	@property
	def sentences(self) -> list[str]:
		"""What was spoken: to a person, only what they heard; to a machine, everything."""
		return self.ear.spoken if self.behaviour in MACHINES else self.ear.taken

	def json(self) -> dict:
		answered = self.status == "completed"
		return {
			"sid": self.sid,
			"date_created": rfc2822(self.created),
			"date_updated": rfc2822(self.updated or self.created),
			"parent_call_sid": self.parent_sid,
			"account_sid": self.account_sid,
			"to": self.to,
			"to_formatted": formatted(self.to),
			"from": self.sender,
			"from_formatted": formatted(self.sender),
			"phone_number_sid": None,
			"status": self.status,
			"start_time": rfc2822(self.started),
			"end_time": rfc2822(self.ended) if answered else None,
			"duration": str(self.duration) if answered else None,
			"price": f"{-0.013 * (1 + (self.duration or 0) // 60):.5f}" if answered else None,
			"price_unit": "USD",
			"direction": self.direction,
			"answered_by": self.answered_by,
			"api_version": API_VERSION,
			"forwarded_from": None,
			"group_sid": None,
			"caller_name": None,
			"queue_time": str(round(self.queue_seconds * 1000)),
			"trunk_sid": None,
			"uri": f"{self.uri}.json",
			"subresource_uris": {name: f"{self.uri}/{part}.json" for name, part in CALL_PARTS.items()},
		}


@dataclass(eq=False)
class Message:
	sid: str
	account_sid: str
	to: str
	sender: str | None
	body: str
	created: datetime
	attempt: int = 0
	params: dict[str, str] = field(default_factory=dict)
	service_sid: str | None = None
	direction: str = "outbound-api"
	status: str = "queued"
	updated: datetime | None = None
	sent: datetime | None = None
	send_at: datetime | None = None
	error_code: int | None = None
	error_message: str | None = None
	media: int = 0
	doom: int | None = None  # the error code it will fail with for any recipient
	delivered: datetime | None = None
	index: int = 0
	deleted: bool = False

	@property
	def uri(self) -> str:
		return f"/{API_VERSION}/Accounts/{self.account_sid}/Messages/{self.sid}"

	@property
	def finished(self) -> bool:
		return self.status in MESSAGE_OVER

	@property
	def segments(self) -> int:
		return segment_count(self.body)

	def json(self) -> dict:
		segments = self.segments
		return {
			"body": self.body,
			"num_segments": str(segments if self.sender else 0),
			"direction": self.direction,
			"from": self.sender,
			"to": self.to,
			"date_updated": rfc2822(self.updated or self.created),
			"price": f"{-0.0079 * segments:.5f}" if self.sent else None,
			"error_message": self.error_message,
			"uri": f"{self.uri}.json",
			"account_sid": self.account_sid,
			"num_media": str(self.media),
			"status": self.status,
			"messaging_service_sid": self.service_sid,
			"sid": self.sid,
			"date_sent": rfc2822(self.sent),
			"date_created": rfc2822(self.created),
			"error_code": self.error_code,
			"price_unit": "USD",
			"api_version": API_VERSION,
			"subresource_uris": {"media": f"{self.uri}/Media.json"},
		}


@dataclass(eq=False)
class Recording:
	"""What a person said into a <Record>: a tone of that length, as WAV. Listed under its call (``to``)."""

	sid: str
	account_sid: str
	to: str
	created: datetime
	seconds: int
	source: str = "RecordVerb"
	index: int = 0
	deleted: bool = False
	finished: bool = True

	@property
	def uri(self) -> str:
		return f"/{API_VERSION}/Accounts/{self.account_sid}/Recordings/{self.sid}"

	@property
	def wav(self) -> bytes:
		"""The sound as 8 kHz, 16 bit, mono WAV, as Twilio returns it."""
		wave_of_440_hertz = [int(9000 * math.sin(index / 8000 * 440 * math.tau)) for index in range(8000)]
		made = io.BytesIO()
		with wave.open(made, "wb") as file:
			file.setnchannels(1)
			file.setsampwidth(2)
			file.setframerate(8000)
			file.writeframes(struct.pack("<8000h", *wave_of_440_hertz) * self.seconds)
		return made.getvalue()

	def json(self) -> dict:
		return {
			"account_sid": self.account_sid,
			"api_version": API_VERSION,
			"call_sid": self.to,
			"conference_sid": None,
			"date_created": rfc2822(self.created),
			"date_updated": rfc2822(self.created),
			"start_time": rfc2822(self.created),
			"duration": str(self.seconds),
			"sid": self.sid,
			"price": None,
			"price_unit": "USD",
			"status": "completed",
			"channels": 1,
			"source": self.source,
			"error_code": None,
			"uri": f"{self.uri}.json",
			"encryption_details": None,
			"subresource_uris": {name: f"{self.uri}/{part}.json" for name, part in RECORDING_PARTS.items()},
			"media_url": self.uri,
		}


def segment_count(body: str) -> int:
	"""Return the segments of a text.

	A single GSM-7 segment holds 160 characters, or 153 if there are several; with other scripts 70 and 67.
	"""
	if all(letter in GSM_7 or letter in GSM_7_EXTENDED for letter in body):
		length = sum(2 if letter in GSM_7_EXTENDED else 1 for letter in body)
		alone, joined = 160, 153
	else:
		length = len(body.encode("utf-16-le")) // 2
		alone, joined = 70, 67
	return 1 if length <= alone else -(-length // joined)


def account_json(sid: str, status: str, kind: str, created: datetime) -> dict:
	"""Return the account itself. The token stays out of the answer; its clients already have it."""
	root = f"/{API_VERSION}/Accounts/{sid}"
	return {
		"auth_token": None,
		"date_created": rfc2822(created),
		"date_updated": rfc2822(created),
		"friendly_name": "Simulated carrier",
		"owner_account_sid": sid,
		"sid": sid,
		"status": status,
		"subresource_uris": {"calls": f"{root}/Calls.json", "messages": f"{root}/Messages.json"},
		"type": kind,
		"uri": f"{root}.json",
	}
