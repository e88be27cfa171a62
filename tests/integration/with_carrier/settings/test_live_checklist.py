"""Live mode is not enabled by mistake: the checklist, the test of the webhooks, and the openings."""

import socket
import socketserver
import threading
from http.server import BaseHTTPRequestHandler

import frappe
import pytest

from school_dialer.base import clock, jobs
from school_dialer.desk import settings as desk
from school_dialer.settings import carrier_settings, incoming, live_checklist, webhook_probe
from school_dialer.settings.registration import voicemail
from tests.integration.with_carrier.lost import end_all

pytestmark = pytest.mark.dates


@pytest.fixture
def doc(school):
	"""Return the settings, of whose account nothing is open."""
	doc = frappe.get_doc("Dialer Settings")
	end_all(doc.account_sid)
	return doc


def open_lines(doc) -> set[str]:
	return {line.title for line in live_checklist.checklist(doc) if not line.done}


def set_public_url(url: str) -> None:
	frappe.db.set_single_value("Dialer Settings", "public_url", url)
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


def test_live_is_refused_while_a_line_is_open(doc, monkeypatch):
	monkeypatch.delitem(frappe.conf, clock.OFFSET_KEY, raising=False)
	doc.mode = "Live"
	with pytest.raises(live_checklist.NotReadyForLive) as refused:
		doc.save()
	for line in live_checklist.checklist(doc):
		assert line.done or line.missing in str(refused.value)
	assert frappe.db.get_single_value("Dialer Settings", "mode") == "Simulated"


def test_a_test_clock_is_named_in_words_for_a_school(doc, monkeypatch):
	monkeypatch.setitem(frappe.conf, clock.OFFSET_KEY, 60)
	said = {line.title: line.missing for line in live_checklist.checklist(doc)}
	assert said["Server clock is correct"].startswith("A test clock is set")
	with pytest.raises(clock.ClockIsSet) as refused:
		clock.require_true_clock()
	for words in (said["Server clock is correct"], str(refused.value)):
		assert "Ask IT" in words
		assert clock.OFFSET_KEY not in words


def test_live_is_granted_when_all_is_done_and_kept_afterwards(doc, no_refusals, monkeypatch):
	monkeypatch.delitem(frappe.conf, clock.OFFSET_KEY, raising=False)
	monkeypatch.setattr(live_checklist, "about_site", lambda: iter(()))
	monkeypatch.setattr(live_checklist, "about_people", lambda: iter(()))
	doc.public_url = "https://school.example"
	doc.texts_registered = 1
	doc.save()
	voicemail.opt_out_reached(doc.opt_out_number)
	live_checklist.remember(live_checklist.CONNECTION)
	live_checklist.remember(live_checklist.WEBHOOKS)
	frappe.db.set_single_value("Dialer Settings", incoming.READ_AT, clock.db_now())
	doc.reload()
	assert open_lines(doc) == set()
	doc.mode = "Live"
	doc.save()
	doc.school_name = "Another name"
	doc.save()
	assert doc.mode == "Live" and doc.account_tested_at and doc.webhooks_tested_at


@pytest.mark.parametrize(
	("field", "value", "forgotten"),
	[
		("auth_token", "f" * 32, {"Connection tested", "Webhooks tested"}),
		("account_sid", "AC" + "2" * 32, {"Connection tested", "Webhooks tested"}),
		("public_url", "https://other.example", {"Webhooks tested"}),
	],
)
def test_a_test_is_forgotten_when_what_it_was_about_changes(doc, field, value, forgotten):
	live_checklist.remember(live_checklist.CONNECTION)
	live_checklist.remember(live_checklist.WEBHOOKS)
	doc.reload()
	assert not open_lines(doc) & {"Connection tested", "Webhooks tested"}
	doc.set(field, value)
	doc.save()
	assert open_lines(doc) & {"Connection tested", "Webhooks tested"} == forgotten


def test_a_carrier_that_no_app_provides_is_refused(doc):
	doc.carrier = "<b>another carrier</b>"
	with pytest.raises(frappe.ValidationError, match="No installed app provides"):
		doc.save()


def test_no_one_writes_the_result_of_a_test_by_hand(doc):
	doc.account_tested_at = doc.webhooks_tested_at = clock.db_now()
	doc.save()
	doc.reload()
	assert {"Connection tested", "Webhooks tested"} <= open_lines(doc)


def test_the_connection_is_tested_at_the_carrier(carrier, doc):
	found = desk.test_connection()
	assert found["name"] and not found["trial"]
	assert set(found["pace"].values()) == {None}
	assert frappe.db.get_single_value("Dialer Settings", "account_tested_at")


def test_a_suspended_account_is_not_connected(carrier, doc):
	carrier.control("account", {"status": "suspended"})
	try:
		with pytest.raises(carrier_settings.NotReady):
			desk.test_connection()
	finally:
		carrier.control("account", {"status": "active"})


def test_the_webhooks_are_tested_through_the_web_server(web, doc):
	assert desk.test_webhooks() == web
	assert frappe.db.get_single_value("Dialer Settings", "webhooks_tested_at")


def test_a_wrong_signature_is_told_from_a_wrong_address(web, doc, monkeypatch):
	monkeypatch.setattr(webhook_probe.carrier_accounts, "webhook_key", lambda account: "another token")
	with pytest.raises(webhook_probe.NotReached, match="signature did not fit"):
		webhook_probe.check_webhooks()


def test_no_one_else_gets_an_answer_from_the_probe(web, hooks):
	assert hooks.post("probe", {}, {"Nonce": "00"}, signature=None).status_code == 403
	assert hooks.post("probe", {}, {"Nonce": "00"}, signature="wrong").status_code == 403
	assert hooks.post("probe", {}, {"Nonce": "00"}).text == webhook_probe.reply("00")


class Server(socketserver.ThreadingTCPServer):
	allow_reuse_address = daemon_threads = True


@pytest.fixture
def other_server(school):
	"""Yield `other_server(status, headers, body)`, which starts a third-party server and returns its URL."""
	servers = []

	def serve(status: int, headers: dict[str, str], body: bytes) -> str:
		class Handler(BaseHTTPRequestHandler):
			def do_POST(self):
				self.send_response(status)
				for name, value in headers.items():
					self.send_header(name, value)
				self.send_header("Content-Length", str(len(body)))
				self.end_headers()
				self.wfile.write(body)

			def log_message(self, *_args):
				"""Log nothing."""

		server = Server(("127.0.0.1", 0), Handler)
		threading.Thread(target=server.serve_forever, daemon=True).start()
		servers.append(server)
		return f"http://127.0.0.1:{server.server_address[1]}"

	yield serve
	for server in servers:
		server.shutdown()
		server.server_close()


@pytest.mark.parametrize(
	("status", "headers", "body", "said"),
	[
		(200, {}, b"hello", "not this site"),
		(200, {}, b"x" * 1_000_000, "not this site"),
		(301, {"Location": "http://127.0.0.1:1/elsewhere"}, b"", "redirect"),
		(404, {}, b"", "404"),
		(502, {}, b"", "502"),
		(403, {}, b"", "signature did not fit"),
	],
)
def test_what_went_wrong_is_said_in_words(other_server, status, headers, body, said):
	set_public_url(other_server(status, headers, body))
	with pytest.raises(webhook_probe.NotReached, match=said):
		webhook_probe.check_webhooks()


@pytest.mark.parametrize(
	("url", "said"),
	[
		("http://127.0.0.1:9", "Nothing answers"),
		("http://no-such-name.invalid", "is not known"),
		("https://127.0.0.1:99999", "no number"),
	],
)
def test_an_address_that_cannot_be_reached(doc, url, said):
	set_public_url(url)
	with pytest.raises(webhook_probe.NotReached, match=said):
		webhook_probe.check_webhooks()


@pytest.mark.parametrize(
	("url", "said"),
	[
		("http://school.example", "starts with https"),
		("https://127.0.0.1", "private network"),
		("https://localhost", "private network"),
		("https://169.254.169.254", "private network"),
		("https://[::1]", "private network"),
		("https://10.0.0.1", "private network"),
	],
)
def test_live_mode_asks_public_addresses_by_https_only(doc, monkeypatch, url, said):
	monkeypatch.setattr(webhook_probe.carrier_settings, "is_live", lambda: True)
	monkeypatch.setattr(webhook_probe, "post", lambda *_args: pytest.fail("asked"))
	set_public_url(url)
	with pytest.raises(webhook_probe.NotReached, match=said):
		webhook_probe.check_webhooks()


INTERNAL = (
	"https://10.0.0.1",
	"https://10.0.0.1:8443",
	"http://192.168.1.1",
	"http://172.16.0.1:6379",
	"http://169.254.169.254",
	"http://100.64.0.1",
	"http://0.0.0.0:6379",
	"http://224.0.0.1",
	"https://[fd00::1]",
	"https://[fe80::1]",
	"https://[::ffff:10.0.0.1]",
	"https://[64:ff9b::a00:1]",
	"https://[2002:a00:1::]",
	"http://167772161",
	"http://0x0a000001",
	"http://user@10.0.0.1",
)


@pytest.mark.parametrize("url", INTERNAL)
def test_simulated_mode_asks_no_host_of_a_private_network(doc, monkeypatch, url):
	monkeypatch.setattr(webhook_probe, "post", lambda *_args: pytest.fail("asked"))
	set_public_url(url)
	with pytest.raises(webhook_probe.NotReached, match="private network"):
		webhook_probe.check_webhooks()


def test_a_name_for_a_host_of_a_private_network_is_not_asked(doc, monkeypatch):
	"""Check that one private address among several is enough for a refusal.

	It is not up to the app which of them a client uses.
	"""
	rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in ("93.184.215.14", "10.1.2.3")]
	monkeypatch.setattr(webhook_probe.socket, "getaddrinfo", lambda *_args, **_more: rows)
	monkeypatch.setattr(webhook_probe, "post", lambda *_args: pytest.fail("asked"))
	set_public_url("https://school.example")
	with pytest.raises(webhook_probe.NotReached, match="private network"):
		webhook_probe.check_webhooks()


def test_simulated_mode_asks_this_machine_and_the_internet():
	assert all(webhook_probe.may_ask(one, only_public=False) for one in ("127.0.0.1", "::1", "93.184.215.14"))
	assert not webhook_probe.may_ask("127.0.0.1", only_public=True)


def test_the_opening_is_heard_in_each_language(doc):
	found = {one["language"]: one for one in desk.openings()}
	assert {"en", "es", "ar"} <= set(found)
	identity = doc.caller_identity
	assert all(identity in one["sentences"][0] for one in found.values())
	assert found["en"]["sentences"][1] == "To stop these calls, press 9."
	assert found["ar"]["direction"] == "rtl"
	assert next(iter(found)) == doc.default_language


def test_an_agent_tests_nothing(school, as_role):
	as_role("Dialer Agent")
	tests = (desk.test_connection, desk.test_webhooks, desk.test_incoming)
	for method in (*tests, desk.before_live, desk.openings):
		with pytest.raises(frappe.PermissionError):
			method()


def test_words_for_when_the_site_is_down_are_advised_and_not_demanded(school):
	doc = frappe.get_doc("Dialer Settings")
	doc.fallback_url = ""
	line = live_checklist.advice(doc)[0]
	assert line.optional and not line.done and line.fix == (live_checklist.FIELD, "fallback_url")
	doc.fallback_url = "https://handler.example/EH1"
	assert live_checklist.advice(doc)[0].done
	assert line.title not in [one.title for one in live_checklist.checklist(doc)]
	assert line.title in [one["title"] for one in desk.before_live() if one["optional"]]
	assert "<Say" in desk.fallback_words() and "<Hangup" in desk.fallback_words()


@pytest.mark.parametrize(
	("url", "public", "accepted"),
	[
		("", "https://school.example", True),
		("https://handler.example/EH1", "https://school.example", True),
		("http://127.0.0.1:8123/_bins/words", "https://school.example", True),
		("http://handler.example/EH1", "https://school.example", False),
		("https://school.example/words.xml", "https://school.example", False),
		("https://", "https://school.example", False),
		("javascript:alert(1)", "https://school.example", False),
		("handler.example/EH1", "https://school.example", False),
	],
)
def test_the_fallback_is_somewhere_else_and_safe(school, url, public, accepted):
	doc = frappe.get_doc("Dialer Settings")
	doc.update({"fallback_url": url, "public_url": public})
	if accepted:
		doc.check_fallback_url()
	else:
		with pytest.raises(frappe.ValidationError):
			doc.check_fallback_url()
	doc.mode = "Live"
	if url.startswith("http://"):
		with pytest.raises(frappe.ValidationError):
			doc.check_fallback_url()


@pytest.mark.parametrize(("interval", "done"), [(30, True), (60, True), (240, False)])
def test_a_scheduler_that_looks_seldom_is_named_with_the_command(doc, monkeypatch, interval, done):
	monkeypatch.setitem(frappe.conf, "scheduler_tick_interval", interval)
	(line,) = [one for one in live_checklist.advice(doc) if "Scheduler" in one.title]
	assert line.optional and line.done is done
	assert str(interval) in line.missing and "scheduler_tick_interval 60" in line.missing
	monkeypatch.delitem(frappe.conf, "scheduler_tick_interval")
	assert jobs.tick_seconds() == (240 if frappe.__version__.startswith("16.") else 60)
