"""A guest at the school's pages, as a browser without scripts.

It runs in this process, inside the test's transaction.
"""

import re
from html import unescape

import frappe
import frappe.app  # Sets how much of a form werkzeug reads.
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from school_dialer.website import preference_page
from school_dialer.website.public_page import PublicPage


class Visitor:
	"""A guest who requests a page. `answer` is the last response, `text` its words without tags."""

	def __init__(self, page: type[PublicPage] = preference_page.PreferencePage):
		self.page = page
		self.answer: Response | None = None
		self.ip = "203.0.113.7"

	def get(self, headers: dict | None = None, **query) -> Response:
		return self._ask(EnvironBuilder(path=self.page.PATH, query_string=query, headers=headers))

	def post(self, headers: dict | None = None, **form) -> Response:
		return self._ask(EnvironBuilder(path=self.page.PATH, method="POST", data=form, headers=headers))

	def press(self, token: str, act: str, **form) -> Response:
		"""Open the link, press one button, follow the redirect, and return the page then shown."""
		self.get(t=token)
		seen = re.search(r'name="seen" value="([^"]*)"', self.html)[1]
		self.post(**{"t": token, "act": act, "seen": seen, **form})
		assert self.answer.status_code == 303, self.html
		return self.follow()

	def follow(self) -> Response:
		return self._ask(
			EnvironBuilder.from_environ(EnvironBuilder(path=self.answer.headers["Location"]).get_environ())
		)

	def _ask(self, builder: EnvironBuilder) -> Response:
		user = frappe.session.user
		frappe.set_user("Guest")
		frappe.local.request = Request(builder.get_environ())
		frappe.local.request_ip = self.ip
		frappe.local.dialer_style_nonce = None
		page = self.page(self.page.PATH)
		assert page.can_render()
		try:
			self.answer = page.render()
		finally:
			del frappe.local.request
			frappe.set_user(user)
		return self.answer

	@property
	def html(self) -> str:
		return self.answer.get_data(as_text=True)

	@property
	def text(self) -> str:
		body = self.html[self.html.index("<body") :]
		return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())
