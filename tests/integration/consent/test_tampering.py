"""Raw SQL against the ledger after its triggers were dropped: each change is found and its event is named."""

from datetime import datetime, timezone

import frappe
import pytest

from school_dialer.consent import chain, keys, ledger
from school_dialer.consent.events import Evidence
from school_dialer.consent.integrity import anchors, daily_anchor, stream, verify
from tests.integration import factories as make

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
