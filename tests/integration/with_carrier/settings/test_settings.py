"""Invalid input gets a clear message, and nothing is half-done."""

import frappe
import pytest

from dev.demo import stage
from school_dialer.base import clock, states
from school_dialer.campaigns import actions, transitions
from school_dialer.campaigns.planning import planner
from school_dialer.carriers.base import Account, ConnectionFailed
from school_dialer.outbound.dispatch import dispatcher
from school_dialer.settings import carrier_settings
from tests.integration import factories as make
from tests.integration.with_carrier.lost import end_all
from tests.integration.with_carrier.running import prepare


@pytest.fixture
def doc(school):
	"""Return the settings, of whose account nothing is open."""
	doc = frappe.get_doc("Dialer Settings")
	end_all(doc.account_sid)
	return doc


def refused(campaign, message: str) -> None:
	with pytest.raises(frappe.ValidationError, match=message):
		actions.start(campaign.name)
	assert frappe.db.get_value("Dialer Campaign", campaign.name, "status") == states.DRAFT


@pytest.mark.parametrize(
	("values", "message"),
	[
		({"account_sid": ""}, "Account SID"),
		({"caller_identity": ""}, "Name said at the start of calls"),
		({"call_back_number": ""}, "call-back number"),
		({"sending_numbers": []}, "number to call from"),
	],
)
def test_missing_settings_are_named(doc, values, message):
	doc.update(values)
	doc.save()
	refused(make.campaign(), message)


@pytest.mark.parametrize("unnamed", [False, True], ids=["new", "from before accounts were kept"])
@pytest.mark.parametrize(
	("field", "value"), [("account_sid", "AC" + "2" * 32), ("account_sid", ""), ("mode", "Live")]
)
def test_an_account_with_open_calls_is_not_changed(log, doc, unnamed, field, value):
	"""Another account has none of its calls, which would then look as if they had never been sent."""
	values = {"status": states.LOST, "status_rank": states.rank(states.LOST), "ended_at": None}
	frappe.db.set_value("Dialer Call Log", log, values | ({"carrier_account": None} if unnamed else {}))
	doc.set(field, value)
	with pytest.raises(frappe.ValidationError, match="have not ended"):
		doc.save()
	doc.reload()
	doc.auth_token = "e" * 32
	doc.save()
	frappe.db.set_value("Dialer Call Log", log, "ended_at", clock.db_now())
	doc.account_sid = "AC" + "2" * 32
	doc.save()
	frappe.db.rollback()
	end_all(doc.account_sid)
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


def test_a_running_dispatcher_ends_when_an_account_changed(carrier, monkeypatch):
	number = make.phone()
	make.consent(number)
	campaign = make.campaign([number])
	prepare(campaign)
	again, seen = [], iter(["as it began"])
	monkeypatch.setattr(carrier_settings, "reached", lambda: next(seen, "changed"))
	monkeypatch.setattr(dispatcher, "REFRESH_SECONDS", -1)
	monkeypatch.setattr(dispatcher, "enqueue_dispatch", lambda **which: again.append(which))
	dispatcher.run()
	frappe.db.rollback()
	assert again == [{"emergency": False, "worker": 0}]
	assert [row.status for row in make.recipients(campaign.name)] == ["Pending"]
	actions.cancel(campaign.name)
	frappe.db.commit()


def test_live_mode_refuses_a_set_clock(doc):
	doc.mode = "Live"
	with pytest.raises(clock.ClockIsSet):
		doc.save()
	doc.db_set("mode", "Live")
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
	refused(make.campaign(), "clock is set")
	with pytest.raises(clock.ClockIsSet):
		carrier_settings.carrier()


def test_simulated_mode_reaches_this_machine_only(school, monkeypatch):
	monkeypatch.setitem(frappe.conf, stage.CARRIER_KEY, "https://api.twilio.com")
	with pytest.raises(carrier_settings.NotReady, match="on the site's own machine"):
		carrier_settings.carrier()


def test_unreachable_carrier_pauses_with_a_message(school, monkeypatch):
	numbers = [make.phone() for _ in range(5)]
	for number in numbers:
		make.consent(number)
	doc = make.campaign(numbers)
	frappe.db.commit()
	actions.start(doc.name)
	frappe.db.commit()
	planner.run(doc.name)
	monkeypatch.setitem(frappe.conf, stage.CARRIER_KEY, "http://127.0.0.1:9")
	dispatcher.run()
	frappe.db.rollback()
	doc.reload()
	assert doc.status == states.PAUSED and "can't reach the carrier" in doc.status_message
	assert {row.status for row in make.recipients(doc.name)} == {"Pending"}
	assert {row.attempts for row in make.recipients(doc.name)} == {0}
	actions.cancel(doc.name)
	frappe.db.commit()


def test_wrong_credentials_pause_at_once(carrier, doc):
	number = make.phone()
	make.consent(number)
	campaign = make.campaign([number])
	frappe.db.commit()
	actions.start(campaign.name)
	frappe.db.commit()
	planner.run(campaign.name)
	doc.auth_token = "wrong"
	doc.save()
	frappe.db.commit()
	try:
		dispatcher.run()
		campaign.reload()
		assert campaign.status == states.PAUSED and "credentials" in campaign.status_message
	finally:
		stage.settle_settings(carrier)
		frappe.db.commit()


def test_empty_audience(school):
	campaign = make.campaign([])
	campaign.audience_file = make.csv_file([])
	campaign.save()
	refused(campaign, "This audience is empty")


def test_csv_without_columns(school):
	campaign = make.campaign()
	file = frappe.get_doc(
		{"doctype": "File", "file_name": "wrong.csv", "content": "a,b\n1,2", "is_private": 1}
	).insert()
	campaign.audience_file = file.file_url
	campaign.save()
	refused(campaign, "no column name, phone")


def test_past_schedule(school):
	past = frappe.utils.add_to_date(clock.db_now(), hours=-1)
	with pytest.raises(frappe.ValidationError, match="Schedule for: that time has passed"):
		make.campaign(scheduled_at=past)
	campaign = make.campaign()
	campaign.db_set("scheduled_at", past)
	with pytest.raises(frappe.ValidationError, match="in the past"):
		actions.schedule(campaign.name)
	assert campaign.status == states.DRAFT
	campaign.reload()
	campaign.title = "Another title"
	campaign.save()


def test_started_twice(school):
	number = make.phone()
	make.consent(number)
	campaign = make.campaign([number])
	actions.start(campaign.name)
	with pytest.raises(transitions.WrongState, match="already"):
		actions.start(campaign.name)
	actions.cancel(campaign.name)


def test_status_is_not_set_by_saving(school):
	campaign = make.campaign()
	campaign.status = states.RUNNING
	campaign.approved_by = "Administrator"
	campaign.save()
	assert (campaign.status, campaign.approved_by) == (states.DRAFT, None)


def test_message_of_another_purpose(school):
	refused(make.campaign(template=make.template("General")), "is for General")


def test_words_do_not_change_under_a_campaign(school):
	number = make.phone()
	make.consent(number)
	campaign = make.campaign([number])
	actions.start(campaign.name)
	template = frappe.get_doc("Dialer Message Template", campaign.template)
	template.translations[0].voice = "Something else altogether."
	with pytest.raises(frappe.ValidationError, match=campaign.name):
		template.save()
	actions.cancel(campaign.name)
	template.reload()
	template.translations[0].voice = "Something else altogether."
	assert template.save().version == 2


@pytest.mark.parametrize("raw", ["12", "call me", "+1", "'; drop table users; --", "<script>"])
def test_settings_refuse_what_is_no_number(doc, raw):
	doc.call_back_number = raw
	with pytest.raises(frappe.ValidationError, match="not a telephone number"):
		doc.save()


def test_connection_refused_is_nothing_placed():
	from school_dialer.carriers.twilio import TwilioCarrier

	carrier = TwilioCarrier(Account("AC" + "0" * 32, "token", "http://127.0.0.1:9"))
	with pytest.raises(ConnectionFailed):
		carrier.check()


def test_the_office_of_a_new_site_has_its_default_hours():
	frappe.db.delete("Singles", {"doctype": "Dialer Settings"})
	try:
		read = frappe.get_doc("Dialer Settings")
		made = frappe.new_doc("Dialer Settings")
		made.flags.ignore_mandatory = made.flags.ignore_validate = True
		made.save()
		for fresh in (read, made):
			assert (fresh.office_opens, fresh.office_closes) == ("08:00:00", "16:00:00")
	finally:
		frappe.db.rollback()


def test_requests_are_made_with_an_api_key_where_there_is_one(doc):
	before = carrier_settings.reached()
	doc.update({"api_key": " SK" + "B" * 32 + " ", "api_secret": "the secret of the key"})
	doc.save()
	client = carrier_settings.carrier().client
	assert client.auth == ("SK" + "b" * 32, "the secret of the key")
	assert client.account_sid == doc.account_sid and carrier_settings.reached() != before
	doc.reload()
	assert not doc.account_tested_at
	doc.api_key = ""
	doc.save()
	assert carrier_settings.carrier().client.username == doc.account_sid


@pytest.mark.parametrize(
	("values", "message"),
	[
		({"api_key": "AC" + "b" * 32, "api_secret": "x"}, "SK and 32"),
		({"api_key": "SK" + "b" * 32}, "secret"),
	],
)
def test_an_api_key_that_is_none_is_refused(doc, values, message):
	doc.update({"api_secret": "", **values})
	with pytest.raises(frappe.ValidationError, match=message):
		doc.save()
