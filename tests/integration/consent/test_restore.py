"""Importing an exported ledger: every event if nothing was written since, otherwise only its opt-outs."""

from datetime import timedelta

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.consent import chain, ledger
from school_dialer.consent.archive import export, ledger_file, restore
from school_dialer.consent.events import Evidence
from school_dialer.consent.integrity import rebuild, stream
from tests.integration import factories as make
from tests.integration.consent.restoring import forget, problems, write

STOP = Evidence("Text", wording="STOP")


@pytest.fixture
def taken(committed_phones, tmp_path):
	"""Return a number with a consent and an opt-out, the path of its export, and its events as rows."""
	(phone,) = committed_phones(1)
	make.consent(phone)
	ledger.opt_out(phone, evidence=STOP, received_at=clock.now() - timedelta(days=2))
	frappe.db.commit()
	path = tmp_path / "ledger.jsonl.gz"
	rows = tuple(stream.events_of([phone]))
	write(path, ledger_file.Number(phone, (rows[-1][chain.SEQ], rows[-1][chain.HASH]), rows))
	return phone, path, rows


def test_a_forgotten_number_comes_back_as_it_was(taken):
	phone, path, rows = taken
	before = ledger.read([phone])
	forget(phone)
	assert restore.restore(path, really=False).restored == 1
	assert not stream.events_of([phone])
	report = restore.restore(path, really=True)
	assert (report.restored, report.opt_outs_only, report.known, report.broken) == (1, 0, 0, 0)
	assert tuple(stream.events_of([phone])) == rows
	assert ledger.read([phone]) == before and before[phone].opt_outs and before[phone].consents
	assert not problems(phone)
	assert not [each for each in rebuild.differences() if each.phone == phone]
	assert restore.restore(path, really=True).known == 1
	ledger.verify(phone, evidence=make.evidence())
	assert not problems(phone)


def test_the_rest_of_a_chain_is_added_to_its_beginning(taken):
	phone, path, rows = taken
	forget(phone)
	restore._write(rows[:1])
	frappe.db.commit()
	assert not ledger.read([phone])[phone].opt_outs
	assert restore.restore(path, really=True).restored == 1
	assert tuple(stream.events_of([phone])) == rows and not problems(phone)


def test_of_a_number_with_newer_events_the_opt_out_is_recorded_again_once(taken):
	phone, path, _rows = taken
	refused = ledger.read([phone])[phone].opt_outs
	forget(phone)
	make.consent(phone)
	frappe.db.commit()
	assert restore.restore(path, really=True).opt_outs_only == 1
	assert [(each.scope, each.channel, each.at) for each in ledger.read([phone])[phone].opt_outs] == [
		(each.scope, each.channel, each.at) for each in refused
	]
	assert restore.restore(path, really=True).known == 1
	assert len(stream.events_of([phone])) == 1 + len(refused) and not problems(phone)


def stops_by(phone: str) -> set[tuple]:
	rows = frappe.get_all(
		"Consent Event", {"phone": phone, "kind": "Opt Out"}, ["purpose", "person"], order_by="seq"
	)
	return {(row.purpose, row.person or "") for row in rows}


@pytest.fixture
def several(committed_phones, tmp_path):
	"""Return a number that gave consent as one person, was stopped in several names, and is forgotten."""
	(phone,) = committed_phones(1)
	path, later = tmp_path / "ledger.jsonl.gz", timedelta(seconds=1)
	at = clock.now() - timedelta(days=3)
	mother, father = ({"person_doctype": "Guardian", "person": one} for one in ("MOTHER", "FATHER"))
	ledger.grant(phone, basis="express oral", evidence=make.evidence(), at=at, **mother)
	ledger.opt_out(phone, evidence=STOP, received_at=at + later, **father)
	ledger.opt_in(phone, evidence=Evidence("Text", wording="START"), at=at + 2 * later)
	ledger.opt_out(phone, evidence=STOP, received_at=at + 3 * later)
	ledger.opt_out(phone, evidence=STOP, received_at=at + 4 * later, **mother)
	frappe.db.commit()
	rows = tuple(stream.events_of([phone]))
	write(path, ledger_file.Number(phone, (rows[-1][chain.SEQ], rows[-1][chain.HASH]), rows))
	forget(phone)
	return phone, path


def test_each_stop_comes_back_in_the_name_in_which_it_was_said(several):
	phone, path = several
	make.consent(phone)
	frappe.db.commit()
	assert restore.restore(path, really=True).opt_outs_only == 1
	assert stops_by(phone) == {("All", ""), ("All", "MOTHER")}
	assert restore.restore(path, really=True).known == 1


def test_a_stop_of_the_number_since_does_not_hide_that_of_a_person(several):
	phone, path = several
	ledger.opt_out(phone, evidence=STOP)
	frappe.db.commit()
	assert restore.restore(path, really=True).opt_outs_only == 1
	assert stops_by(phone) == {("All", ""), ("All", "MOTHER")}


def test_what_is_left_of_a_wide_stop_is_still_of_who_said_it(committed_phones, tmp_path):
	(phone,) = committed_phones(1)
	path = tmp_path / "ledger.jsonl.gz"
	named = {"person_doctype": "Guardian", "person": "MOTHER"}
	ledger.opt_out(phone, evidence=STOP, received_at=clock.now() - timedelta(days=2), **named)
	ledger.opt_in(phone, evidence=Evidence("Text", wording="START FEES"), purpose="Fees")
	frappe.db.commit()
	rows = tuple(stream.events_of([phone]))
	write(path, ledger_file.Number(phone, (rows[-1][chain.SEQ], rows[-1][chain.HASH]), rows))
	forget(phone)
	make.consent(phone)
	frappe.db.commit()
	restore.restore(path, really=True)
	found = stops_by(phone)
	assert ("Attendance", "MOTHER") in found and {person for _purpose, person in found} == {"MOTHER"}
	assert "Fees" not in {purpose for purpose, _person in found}


def test_an_opt_out_that_the_person_took_back_since_stays_taken_back(taken):
	phone, path, _rows = taken
	forget(phone)
	ledger.opt_in(phone, evidence=Evidence("Text", wording="START"))
	frappe.db.commit()
	assert restore.restore(path, really=True).known == 1
	assert not ledger.read([phone])[phone].opt_outs


def test_nothing_is_put_before_what_another_anchor_has_signed(taken):
	phone, path, _rows = taken
	forget(phone)
	with path.open("rb") as source:
		report = restore.Report(ledger_file.verify_file(source, export.key()))
		restore._take_numbers(list(ledger_file.numbers(source)), False, report, True)
	assert report.opt_outs_only == 1 and ledger.read([phone])[phone].opt_outs
	assert not ledger.read([phone])[phone].consents


@pytest.mark.parametrize(
	"column, value", [("note", "changed"), ("kind", "No Kind"), ("received_utc", "never")]
)
def test_of_a_chain_that_was_broken_before_the_export_no_consent_comes_back(taken, column, value):
	phone, path, rows = taken
	forget(phone)
	first = list(rows[0])
	first[chain.FIELDS.index(column)] = value
	write(
		path, ledger_file.Number(phone, (rows[-1][chain.SEQ], rows[-1][chain.HASH]), (tuple(first), rows[1]))
	)
	report = restore.restore(path, really=True)
	assert (report.broken, report.opt_outs_only, report.restored) == (1, 1, 0)
	facts = ledger.read([phone])[phone]
	assert facts.opt_outs and not facts.consents and not problems(phone)


def test_the_command_refuses_what_is_no_file_of_this_site(bench, tmp_path):
	assert bench("restore-ledger", str(tmp_path / "none.gz")).returncode == 2
	(tmp_path / "a.gz").write_bytes(b"not a file of a ledger")
	done = bench("restore-ledger", str(tmp_path / "a.gz"), "--yes")
	assert done.returncode == 1 and "gzip" in done.stderr
