"""Notifications of staff about campaigns, by alert and e-mail, once, and with nothing about a family."""

from datetime import timedelta

import frappe
import pytest
from frappe.utils.background_jobs import get_queue

from school_dialer import scheduler
from school_dialer.base import clock, roles, states
from school_dialer.campaigns import notifications, transitions
from school_dialer.reporting import digest
from school_dialer.schools import staff
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier.running import QUEUES

pytestmark = pytest.mark.exhaustive


@pytest.fixture
def office(school):
	"""Return three users who are notified, by role, and make an account to send mail from.

	Everything is rolled back.
	"""
	if not staff.can_send():
		frappe.get_doc(
			{
				"doctype": "Email Account",
				"email_account_name": "Outgoing",
				"email_id": "dialer@school.example",
				"enable_outgoing": 1,
				"default_outgoing": 1,
				"smtp_server": "127.0.0.1",
				"no_smtp_authentication": 1,
				"password": "unused",
			}
		).insert()
	return {role: user_with(role) for role in (roles.MANAGER, roles.OFFICER, roles.APPROVER)}


def user_with(role: str) -> str:
	user = {
		"doctype": "User",
		"email": f"{frappe.generate_hash(length=10)}@school.example",
		"first_name": role,
		"send_welcome_email": 0,
		"roles": [{"role": role}],
	}
	return frappe.get_doc(user).insert().name


def logs(campaign: str, user: str) -> list[str]:
	return frappe.get_all(
		"Notification Log",
		{"document_name": campaign, "for_user": user},
		pluck="subject",
		order_by="creation",
	)


def mails(campaign: str) -> list[str]:
	"""Return the recipients of e-mails about the campaign."""
	queued = frappe.get_all("Email Queue", {"reference_name": campaign}, pluck="name", order_by="name")
	return frappe.get_all(
		"Email Queue Recipient", {"parent": ("in", queued)}, pluck="recipient", order_by="recipient"
	)


def told(doc, status: str, actor: str = "Administrator") -> set[str]:
	return notifications.notify_once(
		frappe.db.get_value("Dialer Campaign", doc.name, ["*"], as_dict=True), status, actor
	)


@pytest.mark.story
def test_an_approver_hears_of_an_emergency_and_not_the_requester(office):
	asking = office[roles.APPROVER]
	other = user_with(roles.APPROVER)
	doc = make.campaign(purpose="Emergency", emergency_type="Fire", emergency_reason="Smoke")
	doc.db_set("requested_by", asking)
	users = told(doc, states.AWAITING)
	assert other in users and asking not in users
	assert logs(doc.name, other) == [f"Emergency waiting for your approval: {doc.title}"]
	assert other in mails(doc.name)


@pytest.fixture
def paused(office, monkeypatch):
	"""Return a campaign that was just paused and whose notification job has not run yet.

	Nothing is committed.
	"""
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	queued = []
	monkeypatch.setattr(
		notifications.frappe, "enqueue", lambda method, **more: queued.append(more.get("campaign"))
	)
	doc = make.campaign()
	doc.db_set({"requested_by": office[roles.MANAGER], "status": states.RUNNING})
	assert transitions.try_move(doc.name, states.PAUSED, status_message="The carrier cannot be reached.")
	assert queued == [doc.name]
	queued.clear()
	doc.queued = queued
	return doc


@pytest.mark.story
def test_twice_told_is_once_told(office, paused):
	notifications.notify_pending(paused.name)
	notifications.notify_pending(paused.name)
	assert len(logs(paused.name, office[roles.MANAGER])) == 1
	assert mails(paused.name).count(office[roles.MANAGER]) == 1


def test_a_worker_that_dies_loses_no_news(office, paused, monkeypatch):
	"""Check a worker that dies while it notifies.

	Nothing of that is kept, and the scheduler has the notification sent again, once.
	"""

	def dies(*_given, **_more):
		raise KeyboardInterrupt

	frappe.db.savepoint("job")
	with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
		patch.setattr(staff, "mail", dies)
		notifications.notify_pending(paused.name)
	frappe.db.rollback(save_point="job")
	assert not logs(paused.name, office[roles.MANAGER])
	assert paused.name not in notifications.abandoned(), "its own job may be on the way still"
	frappe.db.set_value(
		"Dialer Campaign",
		paused.name,
		"pending_notification_since",
		frappe.utils.now_datetime() - 2 * notifications.SOON,
	)
	assert notifications.abandoned()[paused.name] == states.PAUSED
	notifications.notify_waiting()
	assert len(logs(paused.name, office[roles.MANAGER])) == 1
	assert mails(paused.name).count(office[roles.MANAGER]) == 1
	assert paused.name not in notifications.abandoned(), "nothing is left to tell"


@pytest.fixture
def waiting(paused) -> list[str]:
	"""Return two campaigns whose notifications have been pending for a while."""
	names = [paused.name, make.campaign().name]
	for later, name in enumerate(names):
		since = frappe.utils.now_datetime() - 2 * notifications.SOON + timedelta(seconds=later)
		frappe.db.set_value(
			"Dialer Campaign",
			name,
			{"pending_notification": states.PAUSED, "pending_notification_since": since},
		)
	return names


def test_however_many_wait_the_scheduler_queues_one_job(paused, waiting):
	"""Check that only one job is queued.

	One job per campaign at each check would be more than a worker can do, and families would wait behind
	them.
	"""
	notifications.notify_abandoned()
	assert len(paused.queued) == 1
	notifications.notify_waiting()
	assert not notifications.abandoned().keys() & waiting
	notifications.notify_abandoned()
	assert len(paused.queued) == 1


def test_one_that_cannot_be_told_keeps_no_other_from_it(waiting, monkeypatch):
	tells = notifications.notify_once

	def fails_for_the_first(campaign, *more):
		if campaign.name == waiting[0]:
			raise ValueError("cannot be told")
		return tells(campaign, *more)

	monkeypatch.setattr(notifications, "notify_once", fails_for_the_first)
	monkeypatch.setattr(frappe.db, "rollback", lambda: None)
	notifications.notify_waiting()
	assert notifications.abandoned().keys() & waiting == {waiting[0]}


def test_the_scheduler_looks_for_what_was_not_told(school):
	doc = make.campaign()
	since = frappe.utils.now_datetime() - 2 * notifications.SOON
	frappe.db.set_value(
		"Dialer Campaign",
		doc.name,
		{"pending_notification": states.PAUSED, "pending_notification_since": since},
	)
	frappe.db.commit()
	scheduler.tick()
	waiting = [job.kwargs["method"] for name in QUEUES for job in get_queue(name).jobs]
	assert "school_dialer.campaigns.notifications.notify_waiting" in waiting


def test_a_change_while_the_last_one_is_told_is_told_as_well(office, paused, monkeypatch):
	tells = notifications.notify_once

	def meanwhile(*given):
		frappe.db.set_value(
			"Dialer Campaign",
			paused.name,
			{
				"pending_notification": states.COMPLETED,
				"pending_notification_since": frappe.utils.now_datetime(),
			},
		)
		return tells(*given)

	with monkeypatch.context() as patch:
		patch.setattr(notifications, "notify_once", meanwhile)
		notifications.notify_pending(paused.name)
	notifications.notify_pending(paused.name)
	assert [one.split(":")[0] for one in logs(paused.name, office[roles.MANAGER])] == ["Paused", "Finished"]


SUBJECTS = {
	notifications.LATE: "Some texts did not arrive",
	notifications.OFF_RECORD: "Some people are not called",
	notifications.TROUBLE: "Emergency in trouble",
}


def subjects(office, doc) -> list[str]:
	return [one.split(":")[0] for one in logs(doc.name, office[roles.MANAGER])]


@pytest.mark.parametrize("what", SUBJECTS)
def test_news_that_comes_while_other_news_is_pending_is_told_as_well_and_once(office, paused, what):
	for _time in range(3):
		notifications.notify_later(paused.name, what)
	for _time in range(2):
		notifications.notify_pending(paused.name)
	assert subjects(office, paused) == ["Paused", SUBJECTS[what]]
	assert mails(paused.name).count(office[roles.MANAGER]) == 2


@pytest.mark.parametrize("what", SUBJECTS)
def test_a_change_of_status_takes_no_pending_news_away(office, paused, what):
	notifications.notify_pending(paused.name)
	notifications.notify_later(paused.name, what)
	paused.db_set("status", states.RUNNING)
	assert transitions.try_move(paused.name, states.COMPLETED)
	notifications.notify_pending(paused.name)
	assert subjects(office, paused) == ["Paused", SUBJECTS[what], "Finished"]


def test_all_kinds_of_news_may_wait_together(office, paused):
	for what in notifications.UNTOLD:
		notifications.notify_later(paused.name, what)
	for _time in range(20):
		paused.db_set("status", states.RUNNING)
		assert transitions.try_move(paused.name, states.PAUSED)
	notifications.notify_pending(paused.name)
	assert len(subjects(office, paused)) == 1 + len(notifications.UNTOLD), "each once"


def test_only_the_user_who_made_a_change_is_not_told_of_it(office, paused):
	manager = office[roles.MANAGER]
	frappe.db.set_value("Dialer Campaign", paused.name, {"pending_notification_actor": manager})
	notifications.notify_later(paused.name, notifications.LATE)
	notifications.notify_pending(paused.name)
	assert subjects(office, paused) == [SUBJECTS[notifications.LATE]]


def test_an_alarm_that_fails_waits_with_what_is_pending(office, paused, monkeypatch):
	with monkeypatch.context() as patch:
		patch.setattr(frappe.db, "rollback", lambda: None)
		patch.setattr(staff, "notify", lambda *_given: 1 / 0)
		notifications.trouble(paused.name, "The carrier refuses it.")
	notifications.notify_pending(paused.name)
	assert subjects(office, paused) == ["Paused", SUBJECTS[notifications.TROUBLE]]


def test_the_first_alarm_of_a_campaign_that_fails_waits_for_the_scheduler(office, paused, monkeypatch):
	with monkeypatch.context() as patch:
		patch.setattr(staff, "notify", lambda *_given: 1 / 0)
		notifications.notify_at_once(paused.name, notifications.OFF_RECORD)
	assert not subjects(office, paused)
	notifications.notify_pending(paused.name)
	assert subjects(office, paused) == ["Paused", SUBJECTS[notifications.OFF_RECORD]]


def test_no_one_writes_by_hand_what_is_to_be_told(school):
	doc = make.campaign()
	doc.pending_notification = states.COMPLETED
	doc.save()
	assert not doc.pending_notification


def test_anyone_who_does_it_is_not_told_of_it(office):
	doc = make.campaign()
	assert office[roles.MANAGER] not in told(doc, states.PAUSED, actor=office[roles.MANAGER])


def test_the_users_own_settings_are_respected(office):
	quiet, silent = office[roles.MANAGER], user_with(roles.MANAGER)
	frappe.db.set_value("Notification Settings", quiet, "enable_email_notifications", 0)
	frappe.db.set_value("Notification Settings", silent, {"enabled": 0, "enable_email_notifications": 0})
	doc = make.campaign()
	told(doc, states.FAILED)
	assert len(logs(doc.name, quiet)) == 1 and not logs(doc.name, silent)
	assert not {quiet, silent} & set(mails(doc.name))


def test_an_alarm_reaches_somebody_although_all_have_switched_it_off(office, monkeypatch):
	one, other, campaign = office[roles.MANAGER], user_with(roles.MANAGER), make.campaign().name
	monkeypatch.setattr(staff, "with_roles", lambda role: {one, other})
	frappe.db.set_value("Notification Settings", one, "enabled", 0)
	staff.alarm(roles.MANAGER, "Look", "Dialer Campaign", campaign)
	assert (len(logs(campaign, one)), len(logs(campaign, other))) == (0, 1)
	frappe.db.set_value("Notification Settings", other, "enabled", 0)
	staff.alarm(roles.MANAGER, "Look", "Dialer Campaign", campaign)
	assert (len(logs(campaign, one)), len(logs(campaign, other))) == (1, 2)


def test_a_finished_campaign_tells_its_owner_without_a_name_or_number(office):
	number = make.phone()
	doc = make.campaign([number])
	doc.db_set("owner", office[roles.MANAGER])
	assert told(doc, states.COMPLETED) == {office[roles.MANAGER]}
	(queued,) = frappe.get_all("Email Queue", {"reference_name": doc.name}, pluck="message", order_by="name")
	assert number not in queued and "Person 0" not in queued
	assert "0 reached" in queued


@pytest.mark.parametrize("status", notifications.NOTIFIED_STATUSES)
def test_each_change_queues_one_job(school, monkeypatch, status):
	queued = []
	monkeypatch.setattr(notifications.frappe, "enqueue", lambda method, **more: queued.append((method, more)))
	doc = make.campaign()
	came_from = next(iter(states.sources_of(status)))
	doc.db_set("status", came_from)
	assert transitions.try_move(doc.name, status)
	assert not transitions.try_move(doc.name, status)
	((method, given),) = queued
	assert method == "school_dialer.campaigns.notifications.notify_pending" and given["campaign"] == doc.name
	assert frappe.db.get_value("Dialer Campaign", doc.name, "pending_notification") == status
	assert given["enqueue_after_commit"]


@pytest.mark.dates
def test_the_digest_counts_the_day_and_is_sent_once(office, monkeypatch):
	number = make.phone()
	make.consent(number)
	make.ledger.opt_out(number, evidence=make.evidence("Agent"))
	today = digest.day_of(clock.db_now().date())
	assert today.opt_outs >= 1
	count = digest.send(today)
	assert count >= 2
	(queued,) = frappe.get_all(
		"Email Queue",
		{"reference_doctype": "Dialer Settings"},
		pluck="message",
		order_by="creation desc",
		limit=1,
	)
	assert number not in queued
	monkeypatch.setattr(digest.frappe.db, "commit", lambda: None)
	monkeypatch.setattr(digest, "send", lambda found: sent.append(found))
	sent: list = []
	frappe.db.set_single_value("Dialer Settings", {"nightly_digest": 1, digest.SENT_ON: None})
	digest.nightly()
	digest.nightly()
	assert len(sent) == 1


def test_the_digest_counts_emergencies_apart_from_what_else_waits_for_approval():
	waiting = {"status": states.AWAITING}
	frappe.db.set_value("Dialer Campaign", waiting, "status", states.DRAFT)
	for values in ({"purpose": "Emergency", **emergencies.FIRE}, {}, {}):
		frappe.db.set_value("Dialer Campaign", make.campaign(**values).name, waiting)
	said = [text for text, _link in digest.to_do() if "approval" in text]
	assert said == ["One emergency waits for approval", "2 campaigns wait for approval"]


def test_one_person_may_unsubscribe_from_the_digest(office):
	gone, stays = office[roles.MANAGER], office[roles.OFFICER]
	reference = {"reference_doctype": "Dialer Settings", "reference_name": "Dialer Settings"}
	frappe.get_doc({"doctype": "Email Unsubscribe", "email": gone, **reference}).insert()
	digest.send(digest.Day(clock.db_now().date(), to_do=[("1 campaign is paused", "https://school.example")]))
	sent_to = mails("Dialer Settings")
	assert stays in sent_to and gone not in sent_to


def test_the_digest_can_be_switched_off(office, monkeypatch):
	monkeypatch.setattr(digest, "send", lambda found: pytest.fail("sent"))
	frappe.db.set_single_value("Dialer Settings", {"nightly_digest": 0, digest.SENT_ON: None})
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
	digest.nightly()


def test_a_day_on_which_nothing_happened_is_no_news():
	assert digest.send(digest.Day(clock.db_now().date())) == 0


def test_the_digest_says_in_words_why_people_were_not_called(office):
	number = make.phone()
	doc = make.campaign([number])
	frappe.get_doc(
		{
			"doctype": "Dialer Recipient",
			"name": frappe.generate_hash(length=16),
			"campaign": doc.name,
			"phone": number,
			"household_key": number,
			"status": states.BLOCKED,
			"reasons": "NO_CONSENT, OUTSIDE_CALLING_HOURS",
			"decided_at": clock.db_now(),
		}
	).db_insert()
	found = digest.day_of(clock.db_now().date())
	assert "No consent on file" in dict(found.blocked)
	digest.send(found)
	(queued,) = frappe.get_all(
		"Email Queue",
		{"reference_doctype": "Dialer Settings"},
		pluck="message",
		order_by="creation desc",
		limit=1,
	)
	assert "No consent on file" in queued and "NO_CONSENT" not in queued
