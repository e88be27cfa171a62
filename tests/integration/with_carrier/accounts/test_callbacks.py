"""Callbacks, opt-outs, costs and reconciliation by carrier account."""

import frappe
import pytest

from school_dialer.calls import missed_texts
from school_dialer.consent import ledger
from school_dialer.outbound.attempts import reconciler
from school_dialer.outbound.pace import limits, pacer, school_costs
from school_dialer.settings import carrier_accounts, carrier_faults, carrier_settings
from school_dialer.webhooks import callback_parsing
from tests.integration import factories as make
from tests.integration.with_carrier.accounts.second import (
	KEY,
	NUMBER,
	PROJECT,
	SID,
	TOKEN,
	SecondHooks,
	dial_both,
	emergency,
	status_of,
)
from tests.integration.with_carrier.hooks import Hooks

pytestmark = pytest.mark.exhaustive


RINGS = {"CallSid": SID, "CallStatus": "ringing"}


def test_the_second_accounts_callback_needs_its_own_key(second_log, second_hooks, hooks, web):
	query = {"log": second_log}
	assert hooks.post("status", query, {**RINGS, "AccountSid": PROJECT}).status_code == 403
	assert Hooks(web, PROJECT, KEY).post("status", query, RINGS).status_code == 204, "either header may sign"
	assert status_of(second_log) == "ringing"
	assert SecondHooks(web, PROJECT, TOKEN).post("status", query, RINGS).status_code == 403, "not the token"
	assert second_hooks.post("status", query, {**RINGS, "CallStatus": "completed"}).status_code == 204
	assert status_of(second_log) == "completed"


def test_one_account_reports_nothing_about_the_others_calls(first_log, second_hooks, hooks):
	query = {"log": first_log}
	assert second_hooks.post("status", query, {**RINGS, "CallStatus": "completed"}).status_code == 403
	assert second_hooks.post("voice", query, RINGS).status_code == 403
	assert status_of(first_log) == "queued"
	assert hooks.post("status", query, {**RINGS, "CallSid": "CA1"}).status_code == 204
	assert status_of(first_log) == "ringing"


def test_a_key_for_an_account_that_the_school_does_not_have_opens_nothing(second_log, web):
	for account in ("AC" + "9" * 32, "", "-"):
		other = SecondHooks(web, account, KEY)
		assert other.post("status", {"log": second_log}, RINGS).status_code == 403


def test_the_fast_path_knows_both_keys_and_compares_the_account(second_log, first_log):
	keys = {
		one.id: (carrier_accounts.webhook_keys(one), carrier_settings.signature_headers(one.carrier))
		for one in carrier_accounts.accounts()
	}
	assert keys[PROJECT] == ((KEY,), ("X-SignalWire-Signature", "X-Twilio-Signature"))
	news = callback_parsing.of_call({**RINGS, "CallStatus": "completed", "AccountSid": "AC" + "9" * 32})
	from school_dialer.outbound.attempts import status_updates

	assert not status_updates.apply(second_log, news)
	assert status_updates.apply(second_log, callback_parsing.of_call({**RINGS, "AccountSid": PROJECT}))


@pytest.mark.parametrize("word", ["STOP", "please stop texting me"])
def test_a_stop_at_the_second_account_holds_at_the_first(carrier, second, word):
	number = make.phone()
	make.consent(number)
	frappe.db.commit()
	answer = second.control("inbound_text", {"from": number, "to": NUMBER, "body": word})
	assert answer["http_status"] == 200
	frappe.db.rollback()
	assert ledger.read([number])[number].opt_outs
	log = frappe.get_last_doc("Dialer Call Log", {"phone": number, "direction": "Inbound"})
	assert (log.carrier, log.carrier_account, log.sender) == ("signalwire", PROJECT, NUMBER)
	from tests.integration.with_carrier.running import dial, prepare

	doc = make.campaign([number])
	prepare(doc)
	dial(carrier)
	assert [row.status for row in make.recipients(doc.name, "status")] == ["Blocked"]


@pytest.mark.parametrize("code", ["21610", "30004"])
def test_an_opt_out_that_the_second_carrier_holds_is_recorded(second_log, second_hooks, code):
	frappe.db.set_value("Dialer Call Log", second_log, "channel", "Text")
	frappe.db.commit()
	phone = frappe.db.get_value("Dialer Call Log", second_log, "phone")
	form = {"MessageSid": RINGS["CallSid"], "MessageStatus": "failed", "ErrorCode": code}
	assert second_hooks.post("message_status", {"log": second_log}, form).status_code == 204
	frappe.db.rollback()
	assert ledger.read([phone])[phone].opt_outs


def test_the_same_code_of_the_first_carrier_is_no_opt_out(first_log, hooks):
	frappe.db.set_value("Dialer Call Log", first_log, "channel", "Text")
	frappe.db.commit()
	phone = frappe.db.get_value("Dialer Call Log", first_log, "phone")
	form = {"MessageSid": "SM1", "MessageStatus": "failed", "ErrorCode": "30004"}
	assert hooks.post("message_status", {"log": first_log}, form).status_code == 204
	frappe.db.rollback()
	assert not ledger.read([phone])[phone].opt_outs
	assert carrier_faults.fault_of("30004", "signalwire").opted_out


def test_costs_are_counted_at_each_accounts_prices(carrier, second, first_is_dead):
	doc, _numbers = emergency(2)
	first_is_dead()
	dial_both(carrier, second)
	campaign = frappe.get_doc("Dialer Campaign", doc.name)
	frappe.db.sql("update `tabDialer Call Log` set duration = 61, price = null where campaign = %s", doc.name)
	used, reserved = limits.spent(campaign, 0.014)
	assert (round(used, 4), reserved) == (2 * 2 * 0.5, 0)
	assert school_costs.minute_price(PROJECT) == 0.5
	assert school_costs.minute_price("gone") == carrier_accounts.first().price_per_minute
	from school_dialer.school_dialer.report.call_costs import call_costs

	rows = call_costs.execute({"by": "Carrier Account", "campaign": doc.name})[1]
	assert {row["group"] for row in rows} == {"Second carrier"}


def test_each_account_has_a_pace_of_its_own(second):
	numbers = {one.account: one for one in carrier_settings.sending_numbers("Voice")}
	first = carrier_accounts.first().id
	streams = {account: pacer.streams_of(one, "Voice")[1] for account, one in numbers.items()}
	assert streams[first] == pacer.account_stream() and streams[first] != streams[PROJECT]
	assert streams[PROJECT].per_second == 100


def test_lost_calls_are_looked_up_at_the_account_that_made_them(carrier, second, first_is_dead, pass_time):
	doc, _numbers = emergency(3)
	first_is_dead()
	second.control("faults", {"lose_answer": 1})
	dial_both(carrier, second, rounds=1)
	second.control("faults", {})
	first_is_dead(False)
	second.wait_until_idle()
	pass_time(seconds=31)
	reconciler.run()
	frappe.db.rollback()
	logs = frappe.get_all(
		"Dialer Call Log",
		{"campaign": doc.name, "carrier_account": PROJECT, "carrier_sid": ("is", "set")},
		pluck="carrier_sid",
		order_by="name",
	)
	assert logs and all(len(sid) == 36 for sid in logs)


def test_calls_of_an_account_that_is_gone_are_given_up_a_day_later(second_log, pass_time):
	frappe.db.set_value("Dialer Call Log", second_log, "carrier_account", "AC" + "8" * 32)
	frappe.db.commit()
	pass_time(minutes=11)
	reconciler.run()
	assert status_of(second_log) == "queued"
	pass_time(hours=26)
	reconciler.run()
	assert status_of(second_log) == "failed"


def test_texts_that_no_webhook_delivered_are_fetched_from_each_account(second, pass_time):
	number = make.phone()
	make.consent(number)
	frappe.db.commit()
	missed_texts.run()
	second.control("faults", {"site_down": 1})
	second.control("inbound_text", {"from": number, "to": NUMBER, "body": "STOP"})
	second.control("faults", {})
	assert not ledger.read([number])[number].opt_outs
	pass_time(minutes=3)
	missed_texts.run()
	frappe.db.rollback()
	assert ledger.read([number])[number].opt_outs


def test_recordings_are_sought_at_the_account_that_made_the_call(second_log, second):
	clients = carrier_settings.Carriers()
	sid = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
	assert [one.name for one in clients.with_recording(sid, second_log)] == ["signalwire"]
	assert [one.name for one in clients.with_recording(sid)] == ["signalwire"]
	assert [one.name for one in clients.with_recording("RE" + "0" * 32)] == ["twilio"]


def test_the_settings_refuse_what_is_no_account(second):
	doc = frappe.get_doc("Dialer Settings")
	row = doc.carrier_accounts[0]
	for field, value in {
		"account_sid": "AC" + "0" * 32,
		"space": "school.example.com",
		"carrier": "nobody",
		"calls_per_second": 0,
	}.items():
		before = row.get(field)
		row.set(field, value)
		with pytest.raises(frappe.ValidationError):
			doc.save()
		row.set(field, before)
		frappe.clear_messages()
	doc.sending_numbers[0].carrier_account = "no such account"
	with pytest.raises(frappe.ValidationError):
		doc.save()
	frappe.db.rollback()


def test_an_account_with_open_calls_is_not_taken_out(second, second_log):
	doc = frappe.get_doc("Dialer Settings")
	doc.carrier_accounts = []
	doc.sending_numbers = [row for row in doc.sending_numbers if row.phone_number != NUMBER]
	with pytest.raises(frappe.ValidationError, match="have not ended"):
		doc.save()
	frappe.db.rollback()


def test_a_disabled_account_makes_no_calls_and_is_still_asked(second):
	doc = frappe.get_doc("Dialer Settings")
	doc.carrier_accounts[0].enabled = 0
	doc.save()
	assert NUMBER not in [one.phone_number for one in carrier_settings.sending_numbers("Voice")]
	assert not carrier_accounts.several() and carrier_settings.carrier(PROJECT).check().active
	frappe.db.rollback()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


def test_the_connection_of_each_account_is_tested(second):
	from school_dialer.desk import settings as desk

	found = desk.test_connection()
	assert found["others"] == [{"title": "Second carrier", "name": "Simulated carrier"}]
	assert frappe.get_all("Dialer Carrier Account", pluck="tested_at", order_by="name")[0]
	frappe.db.rollback()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


def test_the_checklist_names_what_the_second_account_lacks(second):
	from school_dialer.settings import live_checklist

	doc = frappe.get_doc("Dialer Settings")
	titles = {one.title: one.done for one in live_checklist.checklist(doc)}
	assert titles["Numbers to call from: Second carrier"] is True
	doc.sending_numbers = [row for row in doc.sending_numbers if row.phone_number != NUMBER]
	titles = {one.title: one.done for one in live_checklist.checklist(doc)}
	assert titles["Numbers to call from: Second carrier"] is False
