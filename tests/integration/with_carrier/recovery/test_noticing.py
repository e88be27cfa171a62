"""What is noticed and what is no restore; what Safe mode stops, and what it lets pass."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import frappe
import pytest

from dev.carrier.client import client
from dev.demo.people import APPROVER, MANAGER
from dev.demo.stage import SENDER
from school_dialer import gate, scheduler
from school_dialer.base import states
from school_dialer.campaigns import actions
from school_dialer.campaigns.planning import planner
from school_dialer.continuity import decision, marks, safe_mode, watch
from school_dialer.desk.district import recovery as desk
from school_dialer.health import safe_mode as health
from school_dialer.outbound.dispatch import chunk_decision, dispatcher
from school_dialer.recovery import ending, noticing
from school_dialer.webhooks import callback_fast_path
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier.running import dial, prepare, state_of


@pytest.fixture
def restored(goes_on) -> str:
	"""Put the database's mark behind its copies, and return the name of the Dialer Restore."""
	go_back()
	assert noticing.notice() == decision.RESTORED
	return safe_mode.current().name


def go_back(generations: int = 3) -> None:
	frappe.db.sql("update `tabDialer Continuity` set generation = generation - %s", generations)
	frappe.db.commit()


def test_the_desk_opens_while_a_migration_has_not_made_the_table(live, monkeypatch):
	"""Check that any other fault of the database is not taken for that."""
	monkeypatch.setattr(safe_mode, "DOCTYPE", "Dialer Not Made Yet")
	assert desk.banner() is None
	monkeypatch.setattr(safe_mode, "DOCTYPE", "Dialer Notice")
	with pytest.raises(frappe.db.OperationalError, match="Unknown column"):
		desk.banner()


@pytest.mark.parametrize("gone", ["redis", "file"])
def test_a_mark_that_is_lost_alone_is_no_restore_and_is_written_again(lose, live, gone):
	lose(gone)
	assert noticing.notice() == decision.CONTINUES and not safe_mode.current()
	assert marks.from_file() == marks.from_redis() == marks.from_database()


def test_a_restore_shows_without_redis_and_without_the_file(lose):
	for gone in ("redis", "file"):
		go_back()
		lose(gone)
		assert watch.finding() == decision.RESTORED
		watch.go_on()
		frappe.db.commit()


@pytest.mark.parametrize("text", [b"", b"{}", b"\xff", b"[1]", b'{"mac": 1}', b"x" * 10_000])
def test_a_damaged_file_counts_as_lost(text):
	(marks.folder() / marks.FILE).write_bytes(text)
	assert marks.from_file() is None and noticing.notice() == decision.CONTINUES
	assert marks.from_file() is not None


def test_another_sites_file_counts_as_lost():
	ahead = replace(marks.from_database(), generation=2_000_000)
	forged = marks.sealed(ahead).replace(b'"generation": 2000000', b'"generation": 2000001')
	(marks.folder() / marks.FILE).write_bytes(forged)
	assert marks.from_file() is None and watch.finding() == decision.CONTINUES


def test_a_clock_that_went_back(monkeypatch):
	real = marks.machine_now
	monkeypatch.setattr(marks, "machine_now", lambda: real() - timedelta(hours=1))
	assert noticing.notice() == decision.CLOCK_BACK
	assert safe_mode.current().cause == decision.CLOCK_BACK
	ending.end(safe_mode.current().name, without_reconcile=True)
	frappe.db.commit()
	assert noticing.notice() == decision.CONTINUES


def test_a_copy_elsewhere_stands_still_and_one_with_a_test_carrier_does_not(monkeypatch):
	monkeypatch.setattr(marks, "place", lambda: "elsewhere")
	assert noticing.notice() == decision.CONTINUES
	monkeypatch.undo()
	monkeypatch.setattr(watch, "is_simulated", lambda: False)
	assert noticing.notice() == decision.COPY
	ending.end(safe_mode.current().name, without_reconcile=True)
	frappe.db.commit()
	assert noticing.notice() == decision.CONTINUES


@pytest.fixture
def all_known(carrier, restored, reconciled, live) -> None:
	"""Let the site know all that other tests placed at the carrier, and judge the marks as in Live mode."""
	assert reconciled().state == "Reconciled"
	ending.end(restored)
	frappe.db.commit()


def quiet_for(**ago) -> None:
	"""Let the site's last mark be this old, in the database and outside of it."""
	before = marks.from_database()
	at = marks.machine_now() - timedelta(**ago)
	marks.move(before, replace(before, at=at, site_at=before.site_at - timedelta(**ago)))
	frappe.db.commit()


def test_a_silent_site_goes_on_if_the_carrier_has_nothing_new(all_known):
	quiet_for(minutes=16)
	assert watch.finding() == decision.SILENT
	assert noticing.notice() == decision.CONTINUES and not safe_mode.current()
	assert watch.finding() == decision.CONTINUES


def test_a_silent_site_was_set_back_if_the_carrier_knows_more(carrier, all_known):
	quiet_for(minutes=16)
	twilio = client(carrier.url, carrier.account, carrier.token)
	twilio.messages.create(to=make.phone(), from_=SENDER, body="x")
	carrier.wait_until_idle()
	assert noticing.notice() == decision.RESTORED


def test_a_silent_site_calls_no_one_until_the_carrier_answers(
	carrier, posted, number, all_known, monkeypatch
):
	doc = make.campaign([number])
	prepare(doc)
	quiet_for(minutes=16)
	url = frappe.conf.school_dialer_carrier_url
	monkeypatch.setitem(frappe.conf, "school_dialer_carrier_url", "http://127.0.0.1:9")
	assert noticing.notice() == decision.SILENT
	monkeypatch.setitem(frappe.conf, "school_dialer_carrier_url", url)
	dispatcher.run()
	assert not posted(number) and state_of(doc) == states.RUNNING
	noticing.notice()
	dial(carrier)
	assert len(posted(number)) == 1


@pytest.fixture
def number(carrier, answering) -> str:
	found = make.phone()
	make.consent(found)
	answering(found, "answers")
	return found


def test_each_chunk_compares_the_marks_and_moves_them(carrier, number):
	before = marks.from_database().generation
	prepare(make.campaign([number]))
	dial(carrier)
	assert marks.from_database().generation > before
	assert marks.from_file() == marks.from_redis() == marks.from_database()


def test_a_restore_before_a_chunk_stops_it(carrier, posted, number, monkeypatch):
	doc = make.campaign([number])
	prepare(doc)
	real = chunk_decision.permitted

	def meanwhile(*arguments):
		requests = real(*arguments)
		frappe.db.sql("update `tabDialer Continuity` set generation = generation - 3")
		return requests

	monkeypatch.setattr(chunk_decision, "permitted", meanwhile)
	seen = marks.from_database()
	marks.copy(replace(seen, generation=seen.generation + 2))
	dispatcher.run()
	frappe.db.rollback()
	assert not posted(number) and state_of(doc) == states.PAUSED
	assert {row.status for row in make.recipients(doc.name)} == {"Pending"}


def test_safe_mode_stops_starts_schedules_rules_tests_and_answers(carrier, posted, number, restored):
	doc = make.campaign([number])
	with pytest.raises(frappe.ValidationError, match="Safe mode"):
		actions.start(doc.name)
	frappe.db.set_value(
		"Dialer Campaign", doc.name, {"status": states.SCHEDULED, "scheduled_at": make.clock.db_now()}
	)
	frappe.db.commit()
	scheduler.start_due()
	assert state_of(doc) == states.SCHEDULED
	answer = gate.ask_trial("Voice", number, make.clock.now())
	with pytest.raises(safe_mode.SafeMode):
		gate.mint_trial(answer, None, call_log="x", to=number, sender=SENDER)
	assert not posted(number)


def test_emergencies_leave_once_a_manager_allows_it(carrier, posted, restored):
	from dev.school import users

	users.create()
	stranger = make.phone()
	carrier.control("people", {stranger: {"behaviour": "answers"}})
	doc = make.campaign([stranger], purpose="Emergency", **emergencies.FIRE)
	frappe.db.commit()
	frappe.set_user(MANAGER)
	with pytest.raises(frappe.ValidationError, match="Safe mode"):
		actions.start(doc.name)
	ending.allow_emergencies(restored)
	frappe.db.commit()
	actions.start(doc.name)
	frappe.db.commit()
	frappe.set_user(APPROVER)
	actions.approve(doc.name)
	frappe.db.commit()
	frappe.set_user("Administrator")
	planner.run(doc.name)
	dial(carrier, emergency=True)
	assert len(posted(stranger)) == 1
	row = frappe.get_doc("Dialer Restore", restored)
	assert row.emergencies_allowed_by == MANAGER and row.emergencies_allowed_at and row.safe


def test_health_says_so(restored):
	assert health.standing().state == "fail" and "Safe mode" in health.standing().text
	ending.end(restored, without_reconcile=True)
	frappe.db.commit()
	assert health.standing().state == "ok"
	row = frappe.get_doc("Dialer Restore", restored)
	assert row.without_reconcile and row.ended_by == "Administrator"


def test_a_restore_is_noticed_at_the_first_request(monkeypatch):
	go_back()
	monkeypatch.setattr(watch, "_looked_at", {})
	asked = []
	monkeypatch.setattr(frappe, "enqueue", lambda method, **more: asked.append(method))
	watch.before_request()
	watch.before_request()
	assert asked == ["school_dialer.recovery.noticing.run"]
	noticing.run()
	assert safe_mode.current()


def test_a_restore_is_noticed_at_a_request_that_the_fast_path_answers(web, site, monkeypatch):
	go_back()
	monkeypatch.setattr(watch, "_looked_at", {})
	monkeypatch.setattr("frappe.app._sites_path", ".")
	asked = []
	monkeypatch.setattr(frappe, "enqueue", lambda method, **more: asked.append(method))
	with ThreadPoolExecutor(1) as beside:
		assert beside.submit(callback_fast_path.read_site, site).result()
		assert beside.submit(callback_fast_path.read_site, site).result()
	assert asked == ["school_dialer.recovery.noticing.run"]


def test_the_report_is_not_deleted(restored):
	with pytest.raises(frappe.PermissionError):
		frappe.delete_doc("Dialer Restore", restored)


def test_the_command_line(bench, carrier, restored):
	said = bench("safe-mode", "--json")
	assert said.returncode == 1 and '"safe_mode": true' in said.stdout
	done = bench("reconcile", "--json")
	assert done.returncode == 0 and '"calls_adopted": 0' in done.stdout, done.stderr
	assert bench("reconcile", "--journal", "/nowhere").returncode == 2
	ending.end(restored)
	frappe.db.commit()
	assert bench("safe-mode").returncode == 0 and bench("reconcile").returncode == 1
