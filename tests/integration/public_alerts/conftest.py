"""A web server of this machine that serves feeds, and feeds of Dialer Alert Feed that read it."""

import secrets
from collections.abc import Callable, Iterator

import frappe
import pytest

from school_dialer.base.bounds.public_web import Rules
from school_dialer.public_alerts.incoming import polling, taking
from tests.integration import factories as make
from tests.unit import local_server

HOST = "https://localhost"


class Served:
	"""What the server answers by path: content, or a number for a status. `asked` are the paths."""

	def __init__(self):
		self.answers: dict[str, bytes | int] = {}
		self.etags: dict[str, str] = {}
		self.asked: list[str] = []
		self.rules: Rules | None = None


@pytest.fixture(scope="session")
def tls_server(tmp_path_factory) -> Iterator[Served]:
	served = Served()

	class Feeds(local_server.Handler):
		def do_GET(self) -> None:
			served.asked.append(self.path)
			answer = served.answers.get(self.path, 404)
			etag = served.etags.get(self.path)
			if etag and self.headers.get("If-None-Match") == etag:
				answer = 304
			self.send_response(answer if isinstance(answer, int) else 200)
			if etag:
				self.send_header("ETag", etag)
			self.end_headers()
			if isinstance(answer, bytes):
				self.wfile.write(answer)

	with local_server.served(Feeds, tmp_path_factory.mktemp("tls")) as (port, cert):
		served.rules = Rules(port, lambda _address: True, cert)
		yield served


@pytest.fixture
def served(tls_server: Served) -> Served:
	tls_server.answers.clear()
	tls_server.etags.clear()
	tls_server.asked.clear()
	return tls_server


@pytest.fixture
def feed() -> Iterator[Callable]:
	"""Yield a function that makes a feed of this path. Jobs commit, so all of it is deleted afterwards."""
	made = []

	def add(path: str = "/feed", **values):
		said = {"voice": "{{ campaign_details }}", "voicemail": "{{ campaign_details }}"}
		template = values.pop("template", None) or make.template("Emergency", said=said)
		doc = frappe.get_doc(
			{
				"doctype": polling.FEED,
				"title": f"{make.OURS}{secrets.token_hex(4)}",
				"url": HOST + path,
				"template": template,
				"enabled": 1,
				**values,
			}
		).insert()
		frappe.db.commit()
		made.append(doc.name)
		return doc

	yield add
	frappe.set_user("Administrator")
	frappe.db.rollback()
	for name in made:
		delete(name)
	frappe.db.commit()


def delete(feed: str) -> None:
	for row in frappe.get_all(taking.RECEIVED, {"feed": feed}, ["name", "campaign"]):
		frappe.db.delete(taking.RECEIVED, {"name": row.name})
		if row.campaign:
			frappe.db.delete("Notification Log", {"document_name": row.campaign})
			frappe.delete_doc("Dialer Campaign", row.campaign, force=True)
	frappe.db.delete("Notification Log", {"document_name": feed})
	frappe.delete_doc(polling.FEED, feed, force=True)
	polling.forget(feed)
