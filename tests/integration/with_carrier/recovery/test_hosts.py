"""A copy of the whole site, marks included, calls no one: its host has to prove itself by the probe."""

import frappe
import pytest

from school_dialer.base import states
from school_dialer.campaigns import actions
from school_dialer.campaigns.planning import planner
from school_dialer.continuity import decision, hosts, safe_mode, watch
from school_dialer.outbound.dispatch import dispatcher
from school_dialer.recovery import ending, noticing
from school_dialer.settings import host_proof, webhook_probe
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier.running import dial, prepare

first_in = host_proof.first_in


@pytest.fixture
def elsewhere(live, monkeypatch) -> None:
	"""Let the site run in Live mode on a host that is not on its list, and try each proof at once."""
	host = frappe.generate_hash(length=32)
	monkeypatch.setattr(hosts, "this", lambda: host)
	monkeypatch.setattr(host_proof, "first_in", lambda *_about: True)
	assert watch.finding() == decision.UNPROVEN


def probe_finds(monkeypatch, error: type[Exception] | None) -> list:
	"""Let the probe end like this, and return what grows with each one."""
	probes = []

	def check() -> None:
		probes.append(error)
		if error:
			raise error("as it is in this test")

	monkeypatch.setattr(webhook_probe, "check_webhooks", check)
	return probes


@pytest.mark.parametrize("first", [False, True], ids=["another host", "the first host"])
def test_a_host_whose_address_leads_to_the_site_itself_is_put_on_the_list(elsewhere, monkeypatch, first):
	if first:
		hosts.forget()
		monkeypatch.setattr(hosts, "address", lambda: "https://new.school.example")
	assert watch.finding() == decision.UNPROVEN
	probe_finds(monkeypatch, None)
	assert noticing.notice() == decision.CONTINUES
	assert hosts.this() in hosts.listed() and not safe_mode.current()


def test_a_copy_with_an_address_of_its_own_calls_no_one(elsewhere, monkeypatch):
	"""The carrier reaches it, so that the probe alone would let a staging machine call."""
	probe_finds(monkeypatch, None)
	assert not hosts.has_moved()
	monkeypatch.setattr(hosts, "address", lambda: "https://staging.school.example")
	noticing.notice()
	assert safe_mode.current().cause == decision.COPY and hosts.this() not in hosts.listed()


def test_a_copy_whose_address_leads_to_the_other_one_calls_no_one(elsewhere, monkeypatch, carrier):
	probe_finds(monkeypatch, webhook_probe.AnotherCopy)
	number = make.phone()
	make.consent(number)
	doc = make.campaign([number])
	prepare(doc)
	dispatcher.run()
	frappe.db.rollback()
	assert safe_mode.current().cause == decision.COPY
	assert frappe.db.get_value("Dialer Campaign", doc.name, "status") == states.PAUSED
	assert [row.attempts for row in make.recipients(doc.name)] == [0]
	actions.cancel(doc.name)
	frappe.db.commit()


def test_on_a_host_that_proves_nothing_only_emergencies_leave(elsewhere, monkeypatch):
	"""A network in which a server does not reach its own public address is no copy, and may burn."""
	probe_finds(monkeypatch, webhook_probe.NotReached)
	for failure in range(1, host_proof.MOST_FAILURES + 1):
		noticing.notice()
		assert bool(safe_mode.current()) == (failure == host_proof.MOST_FAILURES)
		assert watch.stands_still() and watch.stands_still("Event") and not watch.stands_still("Emergency")
	standing = safe_mode.current()
	assert (standing.cause, standing.emergencies) == (decision.UNPROVEN, True)
	ending.end(standing.name, without_reconcile=True)
	frappe.db.commit()
	assert watch.finding() == decision.CONTINUES and not watch.stands_still("Event")


def test_an_emergency_does_not_wait_for_the_proof_of_its_host(elsewhere, monkeypatch, carrier):
	probe_finds(monkeypatch, webhook_probe.NotReached)
	number = make.phone()
	doc = emergencies.approved([number])
	planner.run(doc.name)
	dial(carrier, emergency=True)
	assert [row.status for row in make.recipients(doc.name)] == [states.REACHED]


def test_many_jobs_at_once_make_one_try(live, monkeypatch):
	"""Check that a web server that is still starting does not look unreachable ten times in a second."""
	host = frappe.generate_hash(length=32)
	monkeypatch.setattr(hosts, "this", lambda: host)
	monkeypatch.setattr(host_proof, "first_in", first_in)
	probes = probe_finds(monkeypatch, webhook_probe.NotReached)
	for _job in range(2 * host_proof.MOST_FAILURES):
		assert not host_proof.settle()
	assert len(probes) == 2 and not safe_mode.current()


@pytest.mark.parametrize("where", ["a request", "a job"])
def test_a_host_without_a_tick_of_its_own_is_taken_in_by_another(elsewhere, monkeypatch, where):
	"""A web server, or a worker of another queue, works on the same database: a worker proves that one."""
	probe_finds(monkeypatch, None)
	webs, asked = hosts.this(), []
	monkeypatch.setattr(watch, "_looked_at", {})
	monkeypatch.setattr(frappe, "enqueue", lambda method, **more: asked.append((method, more.get("host"))))
	if where == "a request":
		watch.before_request()
	else:
		assert watch.stands_still()
	assert asked == [("school_dialer.recovery.noticing.run", webs)]
	workers = frappe.generate_hash(length=32)
	monkeypatch.setattr(hosts, "this", lambda: workers)
	noticing.run(host=webs)
	assert {workers, webs} <= set(hosts.listed())


def test_a_site_that_was_silent_asks_where_its_address_leads(live, monkeypatch):
	probe_finds(monkeypatch, webhook_probe.AnotherCopy)
	monkeypatch.setattr(watch, "notice", lambda: decision.SILENT)
	assert noticing.notice() == decision.COPY and safe_mode.current()


def test_a_person_who_ends_safe_mode_takes_the_host_in_that_began_it(elsewhere, monkeypatch):
	probe_finds(monkeypatch, webhook_probe.AnotherCopy)
	noticing.notice()
	workers, webs = hosts.this(), frappe.generate_hash(length=32)
	monkeypatch.setattr(hosts, "this", lambda: webs)
	ending.end(safe_mode.current().name, without_reconcile=True)
	frappe.db.commit()
	assert {workers, webs} <= set(hosts.listed()) and watch.finding() == decision.CONTINUES


def test_a_copy_of_the_machine_is_found_within_minutes(live, monkeypatch):
	noticing.notice()
	monkeypatch.setattr(host_proof, "first_in", lambda *_about: True)
	probe_finds(monkeypatch, webhook_probe.NotReached)
	assert noticing.notice() == decision.CONTINUES
	probe_finds(monkeypatch, webhook_probe.AnotherCopy)
	assert noticing.notice() == decision.COPY and safe_mode.current()


def test_only_the_database_that_asked_says_so(web, school):
	nonce = frappe.generate_hash(length=32)
	hosts.ask(nonce)
	ours = webhook_probe.reply(nonce)
	hosts.take_back(nonce)
	copys = webhook_probe.reply(nonce)
	with pytest.raises(webhook_probe.AnotherCopy, match="another copy"):
		webhook_probe.understand(webhook_probe.ProbeAnswer(200, "", copys), ours)
	webhook_probe.understand(webhook_probe.ProbeAnswer(200, "", ours), ours)
	with pytest.raises(webhook_probe.NotReached) as refused:
		webhook_probe.understand(webhook_probe.ProbeAnswer(200, "", ours.split()[0]), ours)
	assert not isinstance(refused.value, webhook_probe.AnotherCopy)
