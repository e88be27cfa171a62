"""Checkpoints leave the site: by mail to a witness, and to a time stamp authority."""

import io
import socket
import zipfile
from collections.abc import Iterator

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.health import proof
from school_dialer.health.finding import FAIL, OK, WARN
from school_dialer.proof_log import checkpoints, export, leaves, log, timestamps, witness
from tests.integration.proof_log import records
from tests.integration.proof_log.authority import Authority

pytestmark = pytest.mark.usefixtures("log")


def choose(**values) -> None:
	frappe.db.set_single_value("Dialer Settings", values)
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


@pytest.fixture
def mailbox(log) -> Iterator[str]:
	"""Choose a witness, on a site whose mails stay in the queue. Rolled back with the log."""
	frappe.local.outgoing_email_account = {}
	if not frappe.db.exists("Email Account", {"default_outgoing": 1}):
		account = {
			"doctype": "Email Account",
			"email_account_name": f"Test {frappe.generate_hash(length=6)}",
			"email_id": "office@school.example",
			"enable_outgoing": 1,
			"default_outgoing": 1,
			"smtp_server": "127.0.0.1",
			"no_smtp_authentication": 1,
		}
		frappe.get_doc(account).insert()
	address = f"{frappe.generate_hash(length=10)}@witness.example"
	choose(witness_email=address, witness_mails=witness.HOURLY)
	yield address
	frappe.db.rollback()
	frappe.local.outgoing_email_account = {}
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


def mails(address: str) -> list[str]:
	query = """select mail.message from `tabEmail Queue` mail join `tabEmail Queue Recipient` line
		on line.parent = mail.name where line.recipient = %s order by mail.creation"""
	return frappe.db.sql_list(query, address)


def test_each_checkpoint_is_mailed_once(mailbox):
	assert witness.mail_newest() is False
	first = checkpoints.make()
	assert witness.mail_newest() is True and witness.mail_newest() is False
	checkpoints.make()
	assert witness.mail_newest() is True
	sent = mails(mailbox)
	assert len(sent) == 2 and f"checkpoint-{first.seq}.txt" in sent[0]


def test_one_mail_a_day(mailbox):
	choose(witness_mails=witness.DAILY)
	for expected in (True, False, False):
		checkpoints.make()
		assert witness.mail_newest() is expected
	yesterday = clock.db_now() - witness.A_DAY
	frappe.db.sql("update `tabDialer Proof Checkpoint` set mailed_at = %s where seq = 1", yesterday)
	assert witness.mail_newest() is True and len(mails(mailbox)) == 2


def test_without_a_witness_or_a_mail_server_nothing_is_mailed(mailbox, monkeypatch):
	checkpoints.make()
	choose(witness_email=None)
	assert witness.mail_newest() is False
	choose(witness_email=mailbox)
	monkeypatch.setattr("school_dialer.schools.staff.can_send", lambda: False)
	assert witness.mail_newest() is False and mails(mailbox) == []


@pytest.fixture(scope="module")
def openssl(tmp_path_factory) -> Iterator[Authority]:
	authority = Authority(tmp_path_factory.mktemp("authority"))
	yield authority
	authority.stop()


@pytest.fixture
def authority(openssl, mailbox) -> Authority:
	openssl.spoil, openssl.asked = lambda status, body: (status, body), 0
	choose(timestamp_url=openssl.url)
	return openssl


def problem() -> str:
	return frappe.db.get_value("Dialer Proof Checkpoint", {"tsr": ("is", "not set")}, "stamp_problem") or ""


def test_a_checkpoint_is_stamped_once_and_the_stamp_is_exported(authority, phone):
	log.append(leaves.DECISION, [call := records.decided(phone)])
	assert call and checkpoints.make()
	timestamps.stamp_newest()
	timestamps.stamp_newest()
	stored = checkpoints.newest()
	assert authority.asked == 1 and problem() == ""
	authority.verify(timestamps.of(stored), stored.text.encode())
	out = io.BytesIO()
	export.write(out, export.of_number(phone, [phone]))
	assert zipfile.ZipFile(out).read("timestamps/1.tsr") == timestamps.of(stored)


@pytest.mark.parametrize(
	("spoil", "why"),
	[
		(lambda status, body: (500, body), "answered 500"),
		(lambda status, body: (302, b""), "answered 302"),
		(lambda status, body: (200, b""), "no time stamp"),
		(lambda status, body: (200, body[:-200]), "no time stamp"),
		(lambda status, body: (200, b"\x30" * 1000), "no time stamp"),
		(lambda status, body: (200, body + b"x" * timestamps.LONGEST), "too long"),
	],
)
def test_an_answer_that_is_no_stamp_is_noted(authority, spoil, why):
	authority.spoil = spoil
	checkpoints.make()
	timestamps.stamp_newest()
	assert why in problem() and checkpoints.newest().tsr == "" and authority.asked == 1


def test_a_stamp_of_another_checkpoint_is_refused(authority):
	checkpoints.make()
	answers = []
	authority.spoil = lambda status, body: (status, answers.append(body) or answers[0])
	timestamps.stamp_newest()
	checkpoints.make()
	timestamps.stamp_newest()
	assert "not of this checkpoint" in problem() and checkpoints.newest().tsr == ""


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/", "file:///etc/passwd", "http://"])
def test_an_authority_that_is_not_there_is_noted(authority, address):
	choose(timestamp_url=address)
	checkpoints.make()
	timestamps.stamp_newest()
	assert problem() and authority.asked == 0


def live(monkeypatch) -> None:
	"""Let Dialer Settings say that the site is Live, for what asks them through Frappe's cache."""
	settings = frappe.get_doc("Dialer Settings")
	settings.mode = "Live"
	monkeypatch.setattr(frappe, "get_cached_doc", lambda *_names: settings)


def test_a_live_site_asks_no_address_in_the_schools_network(authority, monkeypatch):
	"""Check that no setting makes the site ask machines that only it reaches, and say what they answer."""
	checkpoints.make()
	live(monkeypatch)
	timestamps.stamp_newest()
	assert "public address" in problem() and authority.asked == 0


@pytest.mark.parametrize(
	"address",
	[
		"http://169.254.169.254/latest/",
		"https://10.0.0.1/",
		"http://[::ffff:127.0.0.1]/",
		"http://user:word@example.org/",
		"http://example.org:6379/",
	],
)
def test_a_live_site_opens_no_connection_to_such_an_address(log, monkeypatch, address):
	opened = []
	monkeypatch.setattr(socket, "create_connection", lambda *given, **_more: opened.append(given))
	live(monkeypatch)
	with pytest.raises(timestamps.NoStamp, match="public address"):
		timestamps.post(address, b"")
	assert not opened


def test_the_health_page_watches_age_marks_and_stamps(authority, monkeypatch):
	checkpoints.make()
	timestamps.stamp_newest()
	assert proof.checkpoint().state == OK
	frappe.db.sql("update `tabDialer Proof Checkpoint` set stamped_at = stamped_at - interval 25 hour")
	assert proof.checkpoint().state == WARN
	choose(timestamp_url=None)
	assert proof.checkpoint().state == OK
	frappe.db.sql("update `tabDialer Proof Checkpoint` set signed_at = signed_at - interval 4 hour")
	assert proof.checkpoint().state == WARN
	outside = proof.outside
	outside.write(outside.CHECKPOINT, outside.stored(outside.CHECKPOINT))
	assert proof.checkpoint().state == WARN
	frappe.db.delete("Dialer Proof Checkpoint")
	assert proof.checkpoint().state == FAIL


def test_the_settings_refuse_another_kind_of_address():
	settings = frappe.get_doc("Dialer Settings")
	settings.timestamp_url = " https://tsa.example/ "
	settings.check_timestamp_url()
	assert settings.timestamp_url == "https://tsa.example/"
	settings.timestamp_url = "file:///etc/passwd"
	with pytest.raises(frappe.ValidationError, match="starts with https"):
		settings.check_timestamp_url()
