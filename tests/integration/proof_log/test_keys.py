"""The signing key: made once and private, or in the hands of a command that may fail in every way."""

import stat
import sys
from base64 import b64encode
from pathlib import Path

import frappe
import pytest

from school_dialer.proof_log import check, checkpoints, hourly, keys, note, timestamps, witness

pytestmark = pytest.mark.usefixtures("log")

SIGN = """
import sys
from base64 import b64encode
from cryptography.hazmat.primitives.serialization import load_pem_private_key
with open(sys.argv[1], "rb") as file:
	key = load_pem_private_key(file.read(), None)
print(b64encode(key.sign(sys.stdin.buffer.read())).decode())
"""


@pytest.fixture
def default(monkeypatch) -> Path:
	"""Have the site use its default key, in a folder of this test."""
	monkeypatch.delitem(frappe.conf, keys.FILE_KEY)
	monkeypatch.setattr(keys, "FOLDER", f"test-{frappe.generate_hash(length=8)}")
	yield keys.path()
	keys.forget()


def test_the_default_key_is_made_once_and_is_private(default):
	first = checkpoints.make()
	assert stat.S_IMODE(default.stat().st_mode) == 0o600
	assert stat.S_IMODE(default.parent.stat().st_mode) == 0o700
	assert checkpoints.make().public_key == first.public_key
	keys.forget()
	assert not default.parent.exists()
	with pytest.raises(keys.NoKey, match="is gone"):
		checkpoints.make()


@pytest.fixture
def command(monkeypatch, tmp_path):
	"""Return a function that has a Python program sign, given its text."""
	key = keys.of_file(keys.path())
	script = tmp_path / "sign ; exit 1.py"
	monkeypatch.setitem(frappe.conf, keys.PUBLIC_KEY, b64encode(key.public_key).decode())

	def configure(program: str) -> None:
		script.write_text(program)
		arguments = [sys.executable, str(script), str(keys.path())]
		monkeypatch.setitem(frappe.conf, keys.COMMAND_KEY, arguments)

	return configure


def test_a_command_signs(command):
	command(SIGN)
	stored = checkpoints.make()
	assert note.is_signed(stored.note, stored.public_key)


@pytest.mark.parametrize(
	("program", "why"),
	[
		("raise SystemExit(3)", "failed with 3"),
		("print('no signature')", "printed no signature"),
		("print('A' * 100_000)", "printed no signature"),
		("import time; time.sleep(60)", "took more than"),
		(SIGN.replace("sys.stdin.buffer.read()", "b'another text'"), "does not fit"),
	],
)
def test_a_command_that_does_not_sign(command, program, why, monkeypatch):
	monkeypatch.setattr(keys, "SECONDS", 1 if "sleep" in program else keys.SECONDS)
	command(program)
	with pytest.raises(keys.NoKey, match=why):
		checkpoints.make()


@pytest.mark.parametrize("given", ["/bin/true", [], [1], ["/no/such/program"]])
def test_a_command_that_is_none(monkeypatch, given):
	monkeypatch.setitem(frappe.conf, keys.PUBLIC_KEY, b64encode(b"k" * 32).decode())
	monkeypatch.setitem(frappe.conf, keys.COMMAND_KEY, given or [""])
	with pytest.raises(keys.NoKey):
		checkpoints.make()


def test_a_log_that_cannot_be_signed_says_so_and_goes_on(monkeypatch):
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	monkeypatch.setattr(frappe.db, "rollback", lambda: None)
	keys.path().write_text("no key")
	hourly.sign_and_show()
	assert checkpoints.newest() is None
	title = {"method": "School Dialer: proof log"}
	assert "cannot be read" in frappe.get_last_doc("Error Log", title).error


def test_a_key_that_was_exchanged_is_found():
	checkpoints.make()
	keys.replace(keys.path(), keys.new_key())
	checkpoints.make()
	assert [each.where for each in check.examine().findings] == ["checkpoint 2"]


def test_a_stamp_and_a_mail_that_fail_stop_nothing(monkeypatch):
	def fail():
		raise OSError("out of order")

	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	monkeypatch.setattr(frappe.db, "rollback", lambda: None)
	for module, name in ((timestamps, "stamp_newest"), (witness, "mail_newest")):
		fail.__name__ = name
		monkeypatch.setattr(module, name, fail)
	hourly.sign_and_show()
	assert checkpoints.newest().seq == 1
