"""The real twilio client, pointed at a simulated carrier."""

from __future__ import annotations

import re
from typing import Any

from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from dev.patience import PATIENCE

TWILIO = re.compile(r"https://[a-z]+\.twilio\.com")


class RedirectedHttpClient(TwilioHttpClient):
	"""Sends to ``base_url`` what the client addresses to a host of Twilio's API."""

	def __init__(self, base_url: str, **options: Any):
		super().__init__(**options)
		self.base_url = base_url.rstrip("/")

	def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
		return super().request(method, TWILIO.sub(self.base_url, url, count=1), *args, **kwargs)


def client(base_url: str, account: str, token: str) -> Client:
	return Client(account, token, http_client=RedirectedHttpClient(base_url, timeout=PATIENCE))
