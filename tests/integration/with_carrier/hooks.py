"""Webhooks as the carrier calls them: signed, and posted to the site."""

from urllib.parse import urlencode

import requests
from twilio.request_validator import RequestValidator

from dev.patience import PATIENCE


class Hooks:
	"""The carrier's side, which signs and posts requests."""

	header = "X-Twilio-Signature"

	def __init__(self, url: str, account: str, token: str):
		self.url, self.account, self.validator = url, account, RequestValidator(token)

	def post(self, method: str, query: dict, form: dict, signature: str | None = "sign") -> requests.Response:
		path = method if "." in method else f"twilio.{method}"
		url = f"{self.url}/api/method/school_dialer.webhooks.{path}"
		if query:
			url += "?" + urlencode(query)
		form = {"AccountSid": self.account, **form}
		headers = {}
		if signature == "sign":
			headers[self.header] = self.validator.compute_signature(url, form)
		elif signature:
			headers[self.header] = signature
		return requests.post(url, data=form, headers=headers, timeout=PATIENCE)
