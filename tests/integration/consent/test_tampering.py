"""Raw SQL against the ledger after its triggers were dropped: each change is found and its event is named."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import frappe
import pytest

from school_dialer.consent import chain, keys, ledger
from school_dialer.consent.events import Evidence
from school_dialer.consent.integrity import anchors, daily_anchor, outside, stream, verify
from school_dialer.proof_log import check, checkpoints
from tests.integration import factories as make
from tests.integration.consent import attacker
from tests.integration.proof_log import records
from tests.integration.proof_log.emptied import emptied

EVENTS = 6


@pytest.fixture
def names(unguarded, phone) -> list[str]:
	make.consent(phone)
	for _ in range(EVENTS - 1):
		ledger.verify(phone, evidence=make.evidence())
	return [row[chain.NAME] for row in stream.events_of([phone])]


def found(phone: str) -> set[tuple[str, int, str]]:
	report = verify.verify_ledger()
	assert not report.sound
	return {(each.kind, each.seq, each.event) for each in report.problems if each.phone == phone}


def test_an_untouched_number_has_no_problem(phone):
	make.consent(phone)
	ledger.opt_out(phone, evidence=Evidence("Text", wording="STOP"))
	assert [each for each in verify.verify_ledger().problems if each.phone == phone] == []


@pytest.mark.parametrize(
	"change",
	[
		"kind = 'Opt In'",
		"wording = upper(wording)",
		"actor = 'somebody@school.example'",
		"received_utc = '2020-01-01T00:00:00.000000Z'",
		"received_at = received_at - interval 1 day",
		"effective_at = effective_at + interval 1 microsecond",
		"note = null",
		"person = 'Other'",
		"prev_hash = repeat('0', 64)",
	],
)
def test_an_edit_is_named(names, phone, change):
	frappe.db.sql("update `tabConsent Event` set " + change + " where name = %s", names[2])
	assert ("edited", 3, names[2]) in found(phone)


def test_an_edit_with_the_right_hash_is_named(names, phone):
	row = list(stream.events_of([phone])[2])
	row[chain.FIELDS.index("kind")] = "Opt In"
	digest = chain.hash_of(row[: chain.HASH], keys.of_chain())
	frappe.db.sql(
		"update `tabConsent Event` set kind = 'Opt In', hash = %s where name = %s", (digest, names[2])
	)
	assert found(phone) == {("edited", 3, names[2])}


@pytest.mark.parametrize("place", range(EVENTS))
def test_a_deletion_is_named(names, phone, place):
	frappe.db.sql("delete from `tabConsent Event` where name = %s", names[place])
	assert found(phone) == {("deleted", place + 1, "")}


def test_a_number_wiped_out_is_named(names, phone):
	frappe.db.sql("delete from `tabConsent Event` where phone = %s", phone)
	assert found(phone) == {("deleted", 1, "")}


def test_swapped_events_are_named(names, phone):
	for seq, name in ((100, names[1]), (2, names[3]), (4, names[1])):
		frappe.db.sql("update `tabConsent Event` set seq = %s where name = %s", (seq, name))
	assert {("re-ordered", 2, names[3]), ("re-ordered", 4, names[1])} <= found(phone)


def test_an_event_moved_to_another_number_is_named(names, phone):
	other = make.phone()
	frappe.db.sql("update `tabConsent Event` set phone = %s, seq = 1 where name = %s", (other, names[5]))
	assert ("deleted", 6, "") in found(phone)
	assert ("edited", 1, names[5]) in found(other)


def test_an_inserted_event_is_named(names, phone):
	rows = stream.events_of([phone])
	forged = list(rows[-1][: chain.PREV_HASH])
	forged[chain.NAME], forged[chain.SEQ] = "forged", EVENTS + 1
	forged[chain.AT] = "2099-01-01T00:00:00.000000Z"
	columns = "`, `".join(chain.COLUMNS)
	frappe.db.sql(
		"insert into `tabConsent Event` (`" + columns + "`) values %s",
		(chain.seal(forged, rows[-1][chain.HASH], keys.of_chain()),),
	)
	assert found(phone) == {("inserted", EVENTS + 1, "forged")}


def test_a_history_forged_as_a_whole_disagrees_with_the_anchor(names, phone):
	_report, signed = daily_anchor.anchor_now(datetime.now(timezone.utc))
	assert signed.seq == anchors.load()[-1].seq
	assert verify.verify_ledger().findings == ()
	prev, kind = chain.GENESIS, chain.FIELDS.index("kind")
	for row in stream.events_of([phone]):
		values = list(row[: chain.PREV_HASH])
		values[kind] = "Opt In" if row[chain.SEQ] > 1 else values[kind]
		sealed = chain.seal(values, prev, keys.of_chain())
		prev = sealed[chain.HASH]
		frappe.db.sql(
			"update `tabConsent Event` set kind = %s, prev_hash = %s, hash = %s where name = %s",
			(values[kind], sealed[chain.PREV_HASH], prev, row[chain.NAME]),
		)
	frappe.db.sql("update `tabConsent Head` set hash = %s where phone = %s", (prev, phone))
	report = verify.verify_ledger()
	assert [each for each in report.problems if each.phone == phone] == []
	assert [finding.anchor for finding in report.findings] == [signed.seq]
	assert phone in report.suspects


def test_changed_and_missing_anchors_are_found(names, phone):
	for _ in range(2):
		daily_anchor.anchor_now(datetime.now(timezone.utc))
	last = anchors.load()[-1]
	frappe.db.sql("update `tabConsent Anchor` set events = events + 1 where seq = %s", last.seq)
	assert [finding.anchor for finding in verify.verify_ledger().findings] == [last.seq]
	frappe.db.sql("delete from `tabConsent Anchor` where seq = %s", last.seq - 1)
	assert "missing" in verify.verify_ledger().findings[0].detail


def test_an_anchor_never_covers_less_than_the_one_before(phone):
	make.consent(phone)
	daily_anchor.anchor_now(datetime.now(timezone.utc))
	with pytest.raises(frappe.ValidationError, match="already covers"):
		daily_anchor.anchor_now(datetime(2026, 1, 1, tzinfo=timezone.utc))


def test_the_newest_anchor_that_was_deleted_is_missed(log, names, phone):
	for _ in range(2):
		daily_anchor.anchor_now(datetime.now(timezone.utc))
	last = anchors.load()[-1]
	outside.write(outside.ANCHOR, outside.stored(outside.ANCHOR))
	assert verify.verify_ledger().findings == ()
	frappe.db.delete("Consent Anchor", {"seq": last.seq})
	(finding,) = verify.verify_ledger().findings
	assert finding.anchor == last.seq and "is gone" in finding.detail
	# An anchor that takes its place is not the one that was signed, and the mark stays.
	daily_anchor.anchor_now(datetime.now(timezone.utc))
	outside._advance(outside.ANCHOR, outside.stored(outside.ANCHOR))
	assert verify.verify_ledger().findings[-1].anchor == last.seq
	# A person decides after a restore that the database goes on as it is.
	outside._accept()
	assert verify.verify_ledger().findings == ()


def test_an_anchor_that_is_too_old_is_a_finding(log, names, monkeypatch):
	daily_anchor.anchor_now(datetime.now(timezone.utc))
	assert verify.verify_ledger().findings == ()
	monkeypatch.setattr(verify, "LATE", timedelta(seconds=-1))
	(finding,) = verify.verify_ledger().findings
	assert "It is the newest" in finding.detail
	frappe.db.delete("Consent Anchor")
	(finding,) = verify.verify_ledger().findings
	assert finding.detail == "The ledger was never signed."


@pytest.fixture
def log(unguarded, tmp_path) -> Iterator[None]:
	"""Empty the proof log and the anchors for the test."""
	with emptied(tmp_path):
		frappe.db.delete("Consent Anchor")
		yield


@pytest.fixture
def world(log, phone) -> Iterator[attacker.World]:
	world = attacker.build(phone)
	assert attacker.is_found(world) == "not found"
	yield world
	records.remove(world.file)


def promised() -> dict[str, tuple[str, str]]:
	"""Return the table of docs/school/proof-log.md: {attack: (with the site's key, with everything)}."""
	page = (Path(__file__).parents[3] / "docs" / "school" / "proof-log.md").read_text()
	table = page.partition("| Attack |")[2]
	rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", table, re.M)
	return {attack: (less, more) for attack, less, more in rows if attack.strip("-")}


STOPPED = "Stops the hourly job"


@pytest.mark.parametrize("attack", attacker.ATTACKS)
def test_what_an_attacker_with_the_keys_leaves_behind(world, attack):
	"""First with the database and the site's key, then the same with everything."""
	method = attacker.ATTACKS[attack]
	method(world)
	found = "not possible" if method in attacker.NEED_FILES else attacker.is_found(world)
	attacker.COVERED_UP.get(method, attacker.cover_up)(world)
	assert (found, attacker.is_found(world)) == promised()[attack]


def test_a_job_that_was_stopped_shows(world, monkeypatch):
	monkeypatch.setattr(checkpoints, "LATE", timedelta(seconds=-1))
	found = attacker.is_found(world)
	attacker.cover_up(world)
	assert (found, attacker.is_found(world)) == promised()[STOPPED]
	frappe.db.delete("Dialer Proof Checkpoint")
	outside.forget()
	assert [each.detail for each in check.examine().findings] == ["No checkpoint was ever signed."]


def test_the_documentation_names_every_attack_that_is_tried():
	assert promised().keys() == {*attacker.ATTACKS, STOPPED}
