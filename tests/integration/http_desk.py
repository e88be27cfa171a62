"""The site's HTTP API, as one user calls it with an API key."""

import json
import secrets

import frappe
import requests
from frappe.utils.password import set_encrypted_password

from dev.patience import PATIENCE


class Desk:
	"""One user of the site's HTTP API."""

	def __init__(self, url: str, *roles: str):
		self.url, self.session = url, requests.Session()
		user = frappe.get_doc(
			{
				"doctype": "User",
				"email": f"{secrets.token_hex(6)}@school.example",
				"first_name": "Test",
				"send_welcome_email": 0,
				"api_key": secrets.token_hex(8),
				"roles": [{"role": role} for role in roles],
			}
		).insert()
		secret = secrets.token_hex(8)
		set_encrypted_password("User", user.name, secret, "api_secret")
		self.user = user.name
		self.session.headers["Authorization"] = f"token {user.api_key}:{secret}"

	def get(self, path: str, **query) -> requests.Response:
		query = {key: value if isinstance(value, str) else json.dumps(value) for key, value in query.items()}
		return self.session.get(f"{self.url}/{path}", params=query, timeout=PATIENCE)

	def call(self, method: str, **values) -> requests.Response:
		values = {
			key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()
		}
		return self.session.post(f"{self.url}/api/method/{method}", data=values, timeout=PATIENCE)
