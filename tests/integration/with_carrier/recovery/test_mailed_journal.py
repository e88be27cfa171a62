"""The journal of opt-outs by e-mail, and its way back into a site whose machine was lost."""

import email
import secrets
from collections.abc import Callable, Iterator
from email.message import Message

import frappe
import pytest
from frappe.utils.file_manager import save_file

from school_dialer.consent import journal, journal_mail, ledger
from school_dialer.continuity import safe_mode
from school_dialer.desk.district import recovery
from school_dialer.recovery import noticing
from tests.integration import factories as make


@pytest.fixture
def mailbox(school, mailer) -> Iterator[str]:
	"""Set a mailbox of this test's own, from now on. Its mails are deleted at the end."""
	address = f"{secrets.token_hex(4)}@witness.example"
	place = journal.folder() / journal.MAILED
	before = place.read_bytes() if place.exists() else None
	change(address)
	journal_mail.remember({path.name: path.stat().st_size for path in journal.files()})
	yield address
	change("")
	for name in mails_to(address):
		frappe.delete_doc("Email Queue", name, force=True)
	frappe.db.commit()
	if before is None:
		place.unlink(missing_ok=True)
	else:
		place.write_bytes(before)


def change(address: str) -> None:
	frappe.db.rollback()
	frappe.db.set_single_value("Dialer Settings", "journal_mailbox", address)
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
	frappe.db.commit()


def mails_to(address: str) -> list[str]:
	return frappe.get_all(
		"Email Queue Recipient", {"recipient": address}, pluck="parent", order_by="creation, parent"
	)


def lines_of(name: str) -> bytes:
	"""Return the attached journal lines of a mail in Frappe's queue."""
	message = email.message_from_string(frappe.db.get_value("Email Queue", name, "message"))
	parts = [part for part in message.walk() if is_journal(part)]
	return b"".join(part.get_payload(decode=True) for part in parts)


def is_journal(part: Message) -> bool:
	return (part.get_filename() or "").endswith(".jsonl")


def stop(number: str) -> None:
	ledger.opt_out(number, scope="everything", evidence=make.evidence("Keypad"))
	frappe.db.commit()


@pytest.fixture
def numbers() -> list[str]:
	found = [make.phone() for _ in range(3)]
	make.consents(found)
	frappe.db.commit()
	return found


def test_each_line_is_mailed_once_and_names_no_number(mailbox, numbers):
	journal_mail.hourly()
	assert mails_to(mailbox) == []
	stop(numbers[0])
	stop(numbers[1])
	journal_mail.hourly()
	(first,) = mails_to(mailbox)
	assert lines_of(first).count(b"\n") == 2
	whole = frappe.db.get_value("Email Queue", first, "message").encode() + lines_of(first)
	assert not any(number.strip("+").encode() in whole for number in numbers)
	journal_mail.hourly()
	assert mails_to(mailbox) == [first]
	stop(numbers[2])
	journal_mail.hourly()
	(second,) = set(mails_to(mailbox)) - {first}
	assert lines_of(second).count(b"\n") == 1
	assert journal.files()[-1].read_bytes().endswith(lines_of(first) + lines_of(second))


def test_what_was_mailed_is_not_known_then_all_is_mailed_again(mailbox, numbers):
	stop(numbers[0])
	(journal.folder() / journal.MAILED).write_text('{"opt-outs')
	journal_mail.hourly()
	(mail,) = mails_to(mailbox)
	assert lines_of(mail).endswith(journal.files()[-1].read_bytes()[-200:])


def test_a_journal_put_back_from_an_older_copy_is_mailed_from_its_beginning(mailbox, numbers):
	stop(numbers[0])
	path = journal.files()[-1]
	journal_mail.remember({path.name: path.stat().st_size + 1})
	lines, end = journal_mail.part_of(path, path.stat().st_size + 1)
	assert path.read_bytes()[:end] == lines and end > 0


def test_nothing_is_mailed_without_a_mailbox(mailbox, numbers):
	change("")
	stop(numbers[0])
	journal_mail.hourly()
	assert mails_to(mailbox) == []


@pytest.fixture
def machine_lost(carrier, mailbox, numbers, backup) -> Iterator[Callable[[], bytes]]:
	"""Return a function: a backup, an opt-out that is mailed, the machine lost, and the backup restored.

	It returns the lines of the mail.
	"""
	kept = {path: path.read_bytes() for path in journal.files()}

	def lose() -> bytes:
		restore = backup()
		stop(numbers[0])
		noticing.notice()
		journal_mail.hourly()
		lines = lines_of(mails_to(mailbox)[-1])
		kept.update({path: path.read_bytes() for path in journal.files()})
		for path in kept:
			path.unlink(missing_ok=True)
		restore()
		return lines

	yield lose
	for path, content in kept.items():
		path.write_bytes(content)


def uploaded(content: bytes, **values) -> str:
	file = save_file("opt-outs-2026-11.jsonl", content, None, None, is_private=1)
	if values:
		frappe.db.set_value("File", file.name, values)
	frappe.db.commit()
	return file.name


def test_an_opt_out_comes_back_from_the_mailbox(machine_lost, numbers, reconciled):
	lines = machine_lost()
	assert not ledger.read(numbers[:1])[numbers[0]].opt_outs
	noticing.notice()
	standing = safe_mode.current().name
	assert recovery.add_journal(standing, uploaded(lines)) == 1
	frappe.db.commit()
	found = reconciled()
	assert {one.scope for one in ledger.read(numbers[:1])[numbers[0]].opt_outs} == {"everything"}
	assert found.opt_outs_journal >= 1 and not found.journal_refused


def test_other_files_are_refused(machine_lost, numbers):
	lines = machine_lost()
	noticing.notice()
	standing = safe_mode.current().name
	mine = uploaded(lines, attached_to_doctype="Dialer Settings", attached_to_name="Dialer Settings")
	for file in (
		"no-such-file",
		mine,
		uploaded(lines, owner="Guest"),
		uploaded(lines, is_private=0),
	):
		with pytest.raises(frappe.ValidationError, match="private file"):
			recovery.add_journal(standing, file)
	for content in (b"", b"{}\n", lines.replace(b'"mac": "', b'"mac": "0'), b"\xff" * 20_000):
		with pytest.raises(frappe.ValidationError, match="no opt-out of this site"):
			recovery.add_journal(standing, uploaded(content or b" "))
