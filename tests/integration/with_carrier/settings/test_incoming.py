"""Live mode needs all texts and calls of families to come to this site, as the carrier says, each day."""

import frappe
import pytest

from dev.demo.stage import SENDER, TOLL_FREE, register
from school_dialer.base import clock
from school_dialer.desk import settings as desk
from school_dialer.health import site
from school_dialer.health.finding import FAIL, OK, WARN
from school_dialer.settings import carrier_settings, incoming, live_checklist
from tests.integration import factories as make

ELSEWHERE = "https://elsewhere.example/texts"


@pytest.fixture
def hooks_back(carrier, web):
	"""Let the numbers' texts and calls go to this site again at the end."""
	yield
	carrier.control("services", {"MG" + "a" * 32: None})
	carrier.control("numbers", {SENDER: None, TOLL_FREE: None})
	register(carrier, web)
	frappe.db.rollback()
	frappe.db.set_single_value("Dialer Settings", {incoming.READ_AT: None, incoming.ELSEWHERE: None})
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


@pytest.fixture
def live(monkeypatch):
	monkeypatch.setattr(carrier_settings, "is_live", lambda: True)
	monkeypatch.setattr(incoming, "check", lambda real=incoming.check: simulated(monkeypatch, real))


def simulated(monkeypatch, check) -> list[str]:
	"""Ask the simulated carrier although the site counts as live."""
	with monkeypatch.context() as patch:
		patch.setattr(carrier_settings, "is_live", lambda: False)
		return check()


def line() -> live_checklist.ChecklistItem:
	doc = frappe.get_doc("Dialer Settings")
	(found,) = [one for one in live_checklist.checklist(doc) if one.fix == ("test", "incoming")]
	return found


def test_a_new_number_keeps_the_site_from_going_live(carrier, hooks_back):
	assert desk.test_incoming() == []
	assert line().done
	carrier.control("numbers", {TOLL_FREE: None})
	carrier.control("numbers", {TOLL_FREE: {}})
	found = desk.test_incoming()
	assert len(found) == 2 and all(TOLL_FREE in one and "demo.twilio.com" in one for one in found)
	assert not line().done and line().missing == "\n".join(found)


@pytest.mark.parametrize(
	"url", [ELSEWHERE, "{web}/api/method/school_dialer.webhooks.twilio.inbound_call", "{web}/"]
)
def test_another_address_is_not_ours(carrier, web, hooks_back, url):
	carrier.control("numbers", {SENDER: {"sms_url": url.format(web=web)}})
	(found,) = desk.test_incoming()
	assert SENDER in found and "inbound_text" in found


def test_a_get_is_not_answered_here(carrier, hooks_back):
	carrier.control("numbers", {SENDER: {"sms_method": "GET"}})
	(found,) = desk.test_incoming()
	assert "GET http" in found
	carrier.control("numbers", {SENDER: {"sms_method": "POST"}})
	assert desk.test_incoming() == []


def test_a_messaging_service_that_sends_texts_elsewhere(carrier, hooks_back):
	service = {"numbers": [SENDER], "use_inbound_webhook_on_number": False}
	secret = "https://user:pass@elsewhere.example/texts?key=1"
	carrier.control("services", {"MG" + "a" * 32: {**service, "inbound_request_url": secret}})
	(found,) = desk.test_incoming()
	assert SENDER in found and ELSEWHERE in found and "pass" not in found and "key" not in found


def test_a_number_that_the_account_does_not_have(carrier, hooks_back):
	carrier.control("numbers", {TOLL_FREE: None})
	(found,) = desk.test_incoming()
	assert TOLL_FREE in found


def test_the_result_is_forgotten_when_the_numbers_change(carrier, hooks_back):
	desk.test_incoming()
	doc = frappe.get_doc("Dialer Settings")
	doc.append("sending_numbers", {"phone_number": make.phone(), "channel": "Voice", "calls_per_second": 1})
	doc.save()
	assert not line().done


def test_without_a_number_nothing_is_said_to_come_here(carrier, hooks_back, monkeypatch):
	monkeypatch.setattr(incoming, "senders_of", lambda account: {})
	with pytest.raises(carrier_settings.NotReady, match="Add a number"):
		desk.test_incoming()
	assert not line().done


def test_a_carrier_that_does_not_answer_changes_nothing(carrier, hooks_back):
	desk.test_incoming()
	carrier.control("faults", {"http_500": 1})
	with pytest.raises(carrier_settings.NotReady):
		desk.test_incoming()
	carrier.control("faults", {})
	assert line().done


def test_staff_are_alarmed_once_when_a_number_goes_elsewhere(carrier, hooks_back, live, monkeypatch):
	alarms = []
	monkeypatch.setattr(incoming, "alarm", lambda: alarms.append(1))
	incoming.daily()
	assert not alarms
	carrier.control("numbers", {SENDER: {"voice_url": ELSEWHERE}})
	for _ in range(2):
		incoming.daily()
	assert len(alarms) == 1
	carrier.control("numbers", {SENDER: {"voice_url": ELSEWHERE, "sms_url": ELSEWHERE}})
	incoming.daily()
	assert len(alarms) == 2


def test_simulated_mode_asks_nothing_by_itself(carrier, hooks_back):
	carrier.control("numbers", {SENDER: {"voice_url": ELSEWHERE}})
	incoming.daily()
	assert not frappe.db.get_single_value("Dialer Settings", incoming.ELSEWHERE)


def test_health_says_it(school, monkeypatch, pass_time):
	doc = carrier_settings.settings()
	assert site.incoming_addresses().state == OK
	monkeypatch.setattr(doc, "mode", "Live")
	monkeypatch.setattr(doc, incoming.READ_AT, None)
	assert site.incoming_addresses().state == WARN
	monkeypatch.setattr(doc, incoming.READ_AT, clock.db_now())
	assert site.incoming_addresses().state == OK
	pass_time(days=4)
	assert site.incoming_addresses().state == WARN
	monkeypatch.setattr(doc, incoming.ELSEWHERE, "one\ntwo")
	found = site.incoming_addresses()
	assert found.state == FAIL and found.figures["incoming_elsewhere"] == 2
