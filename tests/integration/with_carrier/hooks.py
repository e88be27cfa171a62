"""Webhooks as the carrier calls them: signed, and posted to the site."""

from urllib.parse import urlencode

import requests
from twilio.request_validator import RequestValidator

from dev.patience import PATIENCE


class Hooks:
	"""The carrier's side, which signs and posts requests."""

	def __init__(self, url: str, account: str, token: str):
		self.url, self.account, self.validator = url, account, RequestValidator(token)

	def post(self, method: str, query: dict, form: dict, signature: str | None = "sign") -> requests.Response:
		url = f"{self.url}/api/method/school_dialer.webhooks.twilio.{method}"
		if query:
			url += "?" + urlencode(query)
		form = {"AccountSid": self.account, **form}
		headers = {}
		if signature == "sign":
			headers["X-Twilio-Signature"] = self.validator.compute_signature(url, form)
		elif signature:
			headers["X-Twilio-Signature"] = signature
		return requests.post(url, data=form, headers=headers, timeout=PATIENCE)
