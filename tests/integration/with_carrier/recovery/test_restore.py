"""A restore in the middle of a campaign: judged by what the carrier accepted, and by the ledger."""

import secrets
from datetime import timedelta

import frappe
import pytest

from dev.demo.stage import SENDER
from school_dialer import scheduler
from school_dialer.base import clock, states
from school_dialer.campaigns import actions, standstill
from school_dialer.campaigns.planning import planner
from school_dialer.campaigns.standstill import may_have_been_called
from school_dialer.carriers.base import Placed
from school_dialer.consent import journal, ledger
from school_dialer.consent.receipts import receipt
from school_dialer.continuity import decision, safe_mode
from school_dialer.gate import planned
from school_dialer.recovery import ending, noticing, opt_outs, presented, reconcile
from school_dialer.recovery.adoption import Adoption
from school_dialer.settings import carrier_accounts
from tests.integration import errors
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass
from tests.integration.with_carrier.running import dial, prepare, state_of

pytestmark = pytest.mark.dates

HELD = "update `tabDialer Recipient` set held_until = %s where campaign = %s and phone in %s"


@pytest.fixture
def families(carrier) -> list[str]:
	numbers = [make.phone() for _ in range(8)]
	make.consents(numbers)
	carrier.control(
		"people", {one: {"behaviour": "answers", "text": {"delivery": "delivered"}} for one in numbers}
	)
	frappe.db.commit()
	return numbers


@pytest.fixture
def half_called(carrier, families, backup):
	"""Return a function: a campaign of which half is called, a backup is made, and the rest is called."""

	def run(channel: str = "Voice", later=(), **values):
		doc = make.campaign(families, channel=channel, **values)
		prepare(doc)
		later = tuple(later or families[4:])
		frappe.db.sql(HELD, (clock.db_now() + timedelta(days=1), doc.name, later))
		frappe.db.commit()
		dial(carrier)
		restore = backup()
		frappe.db.sql(HELD, (None, doc.name, later))
		frappe.db.commit()
		dial(carrier)
		return doc, restore

	return run


def end_and_resume(carrier, doc) -> None:
	ending.end(safe_mode.current().name)
	frappe.db.commit()
	frappe.db.sql("update `tabDialer Recipient` set held_until = null where campaign = %s", doc.name)
	if state_of(doc) == states.PAUSED:
		actions.resume(doc.name)
	frappe.db.commit()
	dial(carrier)


def adopted(numbers: list[str]) -> list[str]:
	logs = {"phone": ("in", numbers), "adopted": 1}
	return frappe.get_all("Dialer Call Log", logs, pluck="phone", order_by="phone")


def states_of(doc) -> dict[str, str]:
	return {row.phone: row.status for row in make.recipients(doc.name)}


@pytest.mark.parametrize("channel", ["Voice", "Text"])
def test_no_one_is_called_twice(carrier, posted, families, half_called, reconciled, channel):
	doc, restore = half_called(channel)
	assert {one: len(posted(one)) for one in families} == dict.fromkeys(families, 1)
	restore()
	assert states_of(doc)[families[-1]] == "Pending"
	frappe.db.sql("update `tabDialer Recipient` set held_until = null where campaign = %s", doc.name)
	frappe.db.commit()
	dial(carrier)
	assert state_of(doc) == states.PAUSED and safe_mode.current().cause == decision.RESTORED
	assert {len(posted(one)) for one in families} == {1}
	found = reconciled()
	assert found.state == "Reconciled"
	assert (found.calls_adopted if channel == "Voice" else found.texts_adopted) >= 4
	end_and_resume(carrier, doc)
	scheduler.complete()
	assert {one: len(posted(one)) for one in families} == dict.fromkeys(families, 1)
	assert set(states_of(doc).values()) == {"Reached"} and state_of(doc) == states.COMPLETED
	logs = frappe.get_all(
		"Dialer Call Log", {"campaign": doc.name, "adopted": 1}, ["phone", "attempt", "restored", "verdict"]
	)
	assert {row.phone for row in logs} == set(families[4:])
	assert {(row.attempt, row.restored, row.verdict) for row in logs} == {(1, found.name, None)}


def test_a_repeated_reconcile_finds_the_same(posted, families, half_called, reconciled):
	_doc, restore = half_called()
	restore()
	noticing.notice()
	first, second = reconciled(), reconciled()
	assert adopted(families) == sorted(families[4:])
	counts = (
		"calls_adopted",
		"texts_adopted",
		"unmatched",
		"kept_back",
		"opt_outs_journal",
		"texts_received",
	)
	assert [first.get(one) for one in counts] == [second.get(one) for one in counts]
	assert first.calls_adopted >= 4


def test_who_did_not_answer_is_called_again_within_the_attempts(
	carrier, posted, families, half_called, reconciled, answering
):
	busy = families[-1]
	answering(busy, "busy")
	doc, restore = half_called(max_attempts=2)
	assert len(posted(busy)) == 1
	restore()
	noticing.notice()
	reconciled()
	(row,) = [one for one in make.recipients(doc.name) if one.phone == busy]
	assert (row.status, row.attempts) == ("Retry", 1)
	frappe.db.sql(
		"update `tabDialer Recipient` set not_before = %s where name = %s", (clock.db_now(), row.name)
	)
	end_and_resume(carrier, doc)
	assert len(posted(busy)) == 2
	assert {len(posted(one)) for one in families[:-1]} == {1}


def test_a_call_that_was_under_way_in_the_backup_is_not_repeated(
	carrier, posted, families, backup, reconciled
):
	doc = make.campaign(families, max_attempts=3)
	prepare(doc)
	dial(carrier)
	frappe.db.sql(
		"""update `tabDialer Call Log` set status = 'queued', status_rank = 10, ended_at = null,
		content = null, duration = 0 where campaign = %s""",
		doc.name,
	)
	frappe.db.sql("update `tabDialer Recipient` set status = 'Dialing' where campaign = %s", doc.name)
	frappe.db.sql(
		"update `tabDialer Campaign` set status = 'Running', ended_at = null where name = %s", doc.name
	)
	restore = backup()
	noticing.notice()
	restore()
	noticing.notice()
	reconciled()
	end_and_resume(carrier, doc)
	assert {len(posted(one)) for one in families} == {1}
	assert set(states_of(doc).values()) == {"Reached"}


@pytest.mark.parametrize("status", ["Draft", "Scheduled"])
def test_a_campaign_that_had_not_begun_calls_no_one_again(
	carrier, posted, families, backup, reconciled, status
):
	doc = make.campaign(families)
	if status == "Scheduled":
		at = clock.db_now() + timedelta(minutes=30)
		frappe.db.set_value("Dialer Campaign", doc.name, {"status": status, "scheduled_at": at})
	restore = backup()
	frappe.db.set_value("Dialer Campaign", doc.name, "status", "Draft")
	prepare(doc)
	dial(carrier)
	restore()
	if status == "Scheduled":
		frappe.db.set_value("Dialer Campaign", doc.name, "scheduled_at", clock.db_now())
		frappe.db.commit()
	noticing.notice()
	found = reconciled()
	assert found.unmatched >= len(families) and state_of(doc) == states.DRAFT
	ending.end(found.name)
	frappe.db.commit()
	actions.start(doc.name)
	frappe.db.commit()
	planner.run(doc.name)
	dial(carrier)
	assert {len(posted(one)) for one in families} == {1}
	rows = make.recipients(doc.name, "status", "outcome")
	assert {(row.status, row.outcome) for row in rows} == {("Not Reached", may_have_been_called())}


def test_a_rule_that_makes_its_campaign_again_calls_no_one_again(
	carrier, posted, families, backup, reconciled
):
	restore = backup()
	prepare(make.campaign(families))
	dial(carrier)
	restore()
	noticing.notice()
	found = reconciled()
	ending.end(found.name)
	again = make.campaign(families)
	frappe.db.set_value("Dialer Campaign", again.name, "rule", "A rule")
	prepare(again)
	dial(carrier)
	assert {len(posted(one)) for one in families} == {1}
	assert {row.status for row in make.recipients(again.name)} == {"Not Reached"}


def opted_out(number: str) -> set[str]:
	return {one.scope for one in ledger.read([number])[number].opt_outs}


def test_no_opt_out_is_lost(carrier, families, half_called, reconciled, tmp_path):
	doc, restore = half_called()
	texted, pressed, unheard = families[:3]
	carrier.control("inbound_text", {"from": texted, "to": SENDER, "body": "STOP"})
	evidence = make.evidence("Keypad", wording="Pressed 8")
	ledger.opt_out(
		pressed,
		scope="everything",
		evidence=evidence,
		received_at=clock.now() - timedelta(minutes=3),
		person_doctype="Guardian",
		person="GUARD-0001",
	)
	frappe.db.commit()
	(kept,) = journal.files()[-1:]
	before = kept.read_bytes()
	carrier.control("inbound_text", {"from": unheard, "to": SENDER, "body": "please stop texting me"})
	kept.write_bytes(before)
	restore()
	assert not (opted_out(texted) or opted_out(pressed) or opted_out(unheard))
	noticing.notice()
	found = reconciled()
	assert opted_out(pressed) == {"everything"} and opted_out(texted) and opted_out(unheard)
	assert found.opt_outs_journal >= 2 and found.opt_outs_texts >= 2
	fields = ["received_at", "reference_name", "note", "person_doctype", "person"]
	(event,) = frappe.get_all("Consent Event", {"phone": pressed, "source": "Restored"}, fields)
	assert event.reference_name == found.name and "Keypad" in event.note
	assert (event.person_doctype, event.person) == ("Guardian", "GUARD-0001")
	assert clock.now() - clock.from_db(event.received_at) > timedelta(minutes=2)
	end_and_resume(carrier, doc)
	sent = [one["to"] for one in carrier.log("message") if one["to"] in (texted, unheard)]
	assert sent.count(texted) <= 1 and sent.count(unheard) <= 1


def test_a_signed_receipt_gives_back_what_no_other_source_has(carrier, families, half_called, reconciled):
	doc, restore = half_called()
	pressed = families[0]
	event = ledger.opt_out(pressed, scope="everything", evidence=make.evidence("Keypad"))
	frappe.db.commit()
	line = receipt.read(receipt.code_of(event)).signed
	(kept,) = journal.files()[-1:]
	kept.write_bytes(b"".join(kept.read_bytes().splitlines(keepends=True)[:-1]))
	restore()
	noticing.notice()
	found = reconciled()
	assert not opted_out(pressed) and "/dialer-receipt" in found.unknown
	assert presented.present(line).entered
	frappe.db.commit()
	assert opted_out(pressed) == {"everything"}
	assert frappe.db.get_value("Dialer Restore", found.name, "opt_outs_receipts") == 1
	again = reconciled()
	assert (again.opt_outs_receipts, len(opted_out(pressed))) == (1, 1)
	end_and_resume(carrier, doc)


def test_the_texts_of_the_lost_time_are_not_confirmed_again(carrier, families, half_called, reconciled):
	_doc, restore = half_called()
	restore()
	noticing.notice()
	reconciled()
	assert not frappe.db.exists("Dialer Notice", {"phone": ("in", families), "status": "Waiting"})


def test_a_hostile_journal_is_refused_and_reported(families, half_called, reconciled):
	_doc, restore = half_called()
	ledger.opt_out(families[0], evidence=make.evidence("Keypad"))
	frappe.db.commit()
	path = journal.files()[-1]
	whole = path.read_bytes()
	line = whole.splitlines(keepends=True)[-1]
	forged = line.replace(b'"mac": "', b'"mac": "0')
	try:
		path.write_bytes(whole + forged + b"x" * 30_000 + b"\n" + b'{"entry": "' + b"\xff\x00" * 10 + b"\n")
		restore()
		noticing.notice()
		found = reconciled()
	finally:
		path.write_bytes(whole)
	assert found.state == "Reconciled" and found.opt_outs_journal >= 1
	assert opted_out(families[0]) and found.journal_refused == 3 and "3 lines were refused" in found.unknown


def test_a_carrier_that_does_not_answer_leaves_the_site_in_safe_mode(
	carrier, posted, families, half_called, reconciled, monkeypatch
):
	doc, restore = half_called()
	restore()
	noticing.notice()
	standstill.stand_still()
	url = frappe.conf.school_dialer_carrier_url
	monkeypatch.setitem(frappe.conf, "school_dialer_carrier_url", "http://127.0.0.1:9")
	found = reconciled()
	assert found.state == "Safe Mode" and found.safe and "does not answer" in found.message
	with pytest.raises(frappe.ValidationError, match="Reconcile first"):
		ending.end(found.name)
	frappe.db.rollback()
	monkeypatch.setitem(frappe.conf, "school_dialer_carrier_url", url)
	with pytest.raises(frappe.ValidationError, match="Safe mode"):
		actions.resume(doc.name)
	frappe.db.rollback()
	dial(carrier)
	assert {len(posted(one)) for one in families} == {1}
	assert reconciled().state == "Reconciled"


@pytest.mark.parametrize(
	("module", "name", "error"),
	[(reconcile.report, "counts", frappe.QueryDeadlockError), (opt_outs, "read_texts", opt_outs.Unreadable)],
)
def test_a_stage_that_meets_another_process_is_repeated(
	half_called, reconciled, monkeypatch, module, name, error
):
	_doc, restore = half_called()
	restore()
	noticing.notice()
	errors.fail_once(monkeypatch, module, name, error)
	assert reconciled().state == "Reconciled"


def test_an_opt_out_that_the_carrier_has_is_recorded(families, half_called):
	_doc, restore = half_called()
	restore()
	noticing.notice()
	adoption = Adoption(safe_mode.current().name, clock.now() - timedelta(hours=1))
	failed = Placed(f"SM{secrets.token_hex(16)}", "failed", families[0], clock.now(), error_code="21610")
	adoption.adopt(carrier_accounts.first(), "Text", SENDER, [failed])
	assert opted_out(families[0]) and not opted_out(families[1])


def test_who_is_adopted_in_two_chunks_is_still_called(carrier):
	"""Check a family whose first number is not in service: it is dropped between the two."""
	mobile, home = make.phone(), make.phone()
	doc = SchoolClass([{"Ana": [mobile, home]}]).campaign(max_attempts=3)
	prepare(doc)
	adoption = Adoption("a restore", clock.now() - timedelta(hours=1))
	for number, status, code in ((mobile, "failed", "21211"), (home, "busy", "")):
		one = Placed(f"CA{secrets.token_hex(16)}", status, number, clock.now(), error_code=code)
		adoption.adopt(carrier_accounts.first(), "Voice", SENDER, [one])
	(row,) = make.recipients(doc.name, "name", "status", "attempts", "seal", *planned.FIELDS)
	assert (row.status, row.attempts, row.phone) == (states.RETRY, 2, home)
	assert [line.phone for line in make.lines(row.name)] == [home]
	assert planned.divided([row])[1] == []


def test_old_journals_are_deleted(carrier):
	old = journal.folder() / "opt-outs-2020-01.jsonl"
	old.write_bytes(b"")
	this_month = journal.files()[-1]
	journal.daily()
	assert not old.exists() and this_month.exists()
