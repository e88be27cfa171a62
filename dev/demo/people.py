"""The demo school's staff in their browsers: every step of a campaign goes through the site's REST API."""

from __future__ import annotations

import json
from collections.abc import Callable

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from dev.patience import PATIENCE, eventually
from dev.school.users import DEMO_PASSWORD

MANAGER, APPROVER = "communications@riverside.example", "principal@riverside.example"


class Refused(RuntimeError):
	"""The site refused, with its message."""


class Person:
	"""One logged-in user."""

	def __init__(self, url: str, user: str):
		self.url = url
		self.session = requests.Session()
		self.session.trust_env = False
		# The server may close an idle connection just as a request goes out on it. A GET changes nothing, so
		# it is retried.
		self.session.mount("http://", HTTPAdapter(max_retries=Retry(total=3, allowed_methods=["GET"])))
		self.ask("POST", "/api/method/login", {"usr": user, "pwd": DEMO_PASSWORD})

	def ask(self, method: str, path: str, data: dict | None = None) -> dict:
		"""Send a request to the site and return its JSON answer. Raises Refused unless it succeeds."""
		response = self.session.request(method, self.url + path, json=data, timeout=PATIENCE)
		if not response.ok:
			raise Refused(f"{method} {path}: {said(response)}")
		return response.json()

	def create(self, doctype: str, values: dict) -> str:
		return self.ask("POST", f"/api/resource/{doctype}", values)["data"]["name"]

	def press(self, button: str, campaign: str) -> object:
		"""Press a button of the campaign's form. Before a start, what is asked is confirmed."""
		values = {"campaign": campaign}
		if button == "start":
			asked = self.press("preview_audience", campaign)["questions"]
			values["agreed"] = json.dumps([one["key"] for one in asked])
		answer = self.ask("POST", f"/api/method/school_dialer.desk.campaigns.{button}", values)
		return answer.get("message")

	def progress(self, campaign: str) -> dict:
		path = f"/api/method/school_dialer.desk.campaigns.progress?campaign={campaign}"
		return self.ask("GET", path)["message"]


def said(response: requests.Response) -> str:
	try:
		messages = json.loads(response.json().get("_server_messages", "[]"))
		return "; ".join(json.loads(message)["message"] for message in messages) or response.text[:300]
	except (ValueError, KeyError, TypeError):
		return response.text[:300]


def wait_for(what: str, done: Callable[[], bool], progress: Callable[[], object] | None = None) -> None:
	"""Wait as `eventually` does, and exit in one sentence if it does not happen."""
	try:
		eventually(what, done, progress)
	except TimeoutError as error:
		raise SystemExit(f"{error}.") from None
