"""Where texts to a number go: to the number's address, to its Messaging Service's, or to no one."""

from __future__ import annotations

import pytest
from carrier_kit import DIALER, PERSON
from twilio.base.exceptions import TwilioException

from dev.carrier.accounts.stop_words import SAMPLE
from dev.carrier.api.numbers import UNSET_CALLS, UNSET_TEXTS
from dev.carrier.server import ControlError

SERVICE = "MG" + "a" * 32
TEXT = {"from": PERSON, "to": DIALER, "body": "please stop"}


def test_a_new_number_answers_with_the_carriers_own_sample(carrier, twilio, site):
	carrier.control("numbers", {DIALER: {}})
	(row,) = twilio.incoming_phone_numbers.list(phone_number=DIALER)
	assert (row.sms_url, row.voice_url) == (UNSET_TEXTS, UNSET_CALLS)
	result = carrier.control("inbound_text", TEXT)
	assert result["sample"] == SAMPLE and not site.seen
	carrier.control("numbers", {DIALER: {"sms_url": f"{site.url}/inbound"}})
	assert carrier.control("inbound_text", TEXT)["sample"] is None
	assert len(site.to("/inbound")) == 1


def test_a_messaging_service_goes_before_its_numbers(carrier, twilio, site):
	carrier.control("numbers", {DIALER: {"sms_url": f"{site.url}/number"}})
	own = {"numbers": [DIALER], "use_inbound_webhook_on_number": False}
	carrier.control("services", {SERVICE: {"numbers": [DIALER]}})
	carrier.control("inbound_text", TEXT)
	carrier.control("services", {SERVICE: {**own, "inbound_request_url": f"{site.url}/service"}})
	carrier.control("inbound_text", TEXT)
	carrier.control("services", {SERVICE: own})
	dropped = carrier.control("inbound_text", TEXT)
	assert [one.path for one in site.seen] == ["/number", "/service"]
	assert dropped["sample"] is None and dropped["url"] is None


def test_services_and_their_pools_are_listed(carrier, twilio):
	carrier.control("numbers", {DIALER: {}, "+13125550101": {}})
	assert [one.phone_number for one in twilio.incoming_phone_numbers.list(page_size=1)] == [
		DIALER,
		"+13125550101",
	]
	carrier.control("services", {SERVICE: {"numbers": [DIALER], "use_inbound_webhook_on_number": False}})
	(service,) = twilio.messaging.v1.services.list()
	assert (service.sid, service.use_inbound_webhook_on_number) == (SERVICE, False)
	assert [one.phone_number for one in twilio.messaging.v1.services(SERVICE).phone_numbers.list()] == [
		DIALER
	]
	with pytest.raises(TwilioException, match="Unable to fetch page"):
		twilio.messaging.v1.services("MG" + "b" * 32).phone_numbers.list()


def test_a_service_has_no_other_settings(carrier):
	with pytest.raises(ControlError, match="cannot be"):
		carrier.control("services", {SERVICE: {"numbers": [], "sms_url": "https://x.example"}})
