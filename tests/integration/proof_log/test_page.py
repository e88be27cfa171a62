"""The guest page of the log: the keys and checkpoints, as text, and nothing else."""

import frappe
import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from school_dialer.proof_log import checkpoints
from school_dialer.website import proof_page

pytestmark = pytest.mark.usefixtures("log")


def ask(path: str, method: str = "GET", ip: str = "203.0.113.31") -> Response:
	frappe.set_user("Guest")
	environ = EnvironBuilder(path=f"/{path}", method=method).get_environ()
	frappe.local.request, frappe.local.request_ip = Request(environ), ip
	page = proof_page.ProofPage(path)
	try:
		assert page.can_render()
		return page.render()
	finally:
		frappe.set_user("Administrator")
		del frappe.local.request


def test_a_guest_reads_keys_and_checkpoints():
	first = checkpoints.make()
	answer = ask("dialer-proof/checkpoint")
	assert answer.status_code == 200 and answer.get_data(as_text=True) == first.note
	assert answer.content_type == "text/plain; charset=utf-8"
	assert answer.headers["X-Content-Type-Options"] == "nosniff"
	assert ask("dialer-proof/keys").get_data(as_text=True) == first.public_key + "\n"
	assert ask("dialer-proof/checkpoints/1").get_data(as_text=True) == first.note


@pytest.mark.parametrize(
	"path",
	["keys/1", "checkpoints/0", "checkpoints/-1", "checkpoints/1'", "checkpoints/²", "../x.json"],
)
def test_other_addresses_hold_nothing(path):
	checkpoints.make()
	assert ask(f"dialer-proof/{path}").status_code == 404


def test_only_reading_and_not_too_often(monkeypatch):
	assert ask("dialer-proof/keys", "POST").status_code == 405
	monkeypatch.setattr(proof_page, "MOST_AN_HOUR", 0)
	assert ask("dialer-proof/keys", ip="203.0.113.32").status_code == 429
	assert not proof_page.ProofPage("dialer-proofs/keys").can_render()
