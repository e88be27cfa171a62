"""Texts through the real twilio client: sent, delivered or not, answered, stopped, redacted."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from carrier_kit import DIALER, PERSON, Page, refusal

from dev.carrier.accounts.stop_words import keyword
from dev.carrier.api.resources import segment_count

pytestmark = pytest.mark.dates


def send(twilio, site, **options):
	options = {
		"to": PERSON,
		"from_": DIALER,
		"body": "Lincoln School: open house tonight.",
		"status_callback": f"{site.url}/message?log=TEXT-1",
		**options,
	}
	return twilio.messages.create(**options)


def statuses(site) -> list[str]:
	return [request.params["MessageStatus"] for request in site.to("/message")]


def test_a_text_is_delivered_with_signed_callbacks_in_order(carrier, twilio, site):
	message = send(twilio, site)
	assert (message.status, message.date_sent, message.num_segments) == ("queued", None, "1")
	carrier.wait_until_idle()
	done = twilio.messages(message.sid).fetch()
	assert done.status == "delivered" and done.date_sent is not None and done.error_code is None
	assert statuses(site) == ["sending", "sent", "delivered"]
	params = site.to("/message")[0].params
	assert params["MessageSid"] == params["SmsSid"] == message.sid and params["SmsStatus"] == "sending"
	assert all(request.signed for request in site.seen)
	request = carrier.log("message")[0]
	assert (request["sid"], request["to"], request["params"]["Body"]) == (message.sid, PERSON, message.body)


@pytest.mark.parametrize(
	("text", "expected"),
	[
		({"delivery": "undelivered", "error": 30005}, ["sending", "sent", "undelivered"]),
		({"delivery": "failed"}, ["failed"]),
		({"delivery": "sent"}, ["sending", "sent"]),
	],
)
def test_some_texts_do_not_arrive(carrier, twilio, site, text, expected):
	carrier.control("people", {PERSON: {"text": text}})
	message = send(twilio, site)
	carrier.wait_until_idle()
	done = twilio.messages(message.sid).fetch()
	assert statuses(site) == expected and done.status == expected[-1]
	if done.status in ("failed", "undelivered"):
		assert done.error_code == text.get("error", 30008) and done.error_message
		assert site.to("/message")[-1].params["ErrorCode"] == str(done.error_code)


def test_a_person_replies_and_a_stop_word_blocks_later_texts(carrier, twilio, site):
	carrier.control("numbers", {DIALER: {"sms_url": f"{site.url}/inbound"}})
	carrier.control("people", {PERSON: {"text": {"reply": "Stop "}}})
	send(twilio, site)
	carrier.wait_until_idle()
	inbound = site.to("/inbound")[0]
	assert inbound.signed and inbound.params["Body"] == "Stop " and inbound.params["From"] == PERSON
	assert refusal(send, twilio, site).code == 21610
	assert send(twilio, site, to="+13125550143").status == "queued"
	carrier.control("inbound_text", {"from": PERSON, "to": DIALER, "body": "start"})
	assert send(twilio, site).status == "queued"
	# The person replies to this one too, and the site belongs to the next test as well.
	carrier.wait_until_idle()


def test_an_inbound_text_returns_what_the_site_answered(carrier, site):
	carrier.control("numbers", {DIALER: {"sms_url": f"{site.url}/inbound"}})
	site.pages["/inbound"] = "<Response><Message>We will not text you again.</Message></Response>"
	result = carrier.control("inbound_text", {"from": PERSON, "to": DIALER, "body": "please don't text me"})
	assert (result["http_status"], result["automatic_reply"], result["error"]) == (200, None, None)
	assert (
		result["replies"][0]["body"] == "We will not text you again." and result["replies"][0]["to"] == PERSON
	)
	blocked = carrier.control("inbound_text", {"from": PERSON, "to": DIALER, "body": "STOP"})
	assert "unsubscribed" in blocked["automatic_reply"] and blocked["replies"][0]["status"] == "failed"
	assert [line["body"] for line in carrier.log("inbound_text")] == ["please don't text me", "STOP"]
	assert [one.params.get("OptOutType") for one in site.to("/inbound")] == [None, "STOP"]


def test_the_carrier_leaves_stop_words_alone_when_told_to(carrier, twilio, site):
	carrier.control("account", {"opt_out_handling": False})
	result = carrier.control("inbound_text", {"from": PERSON, "to": DIALER, "body": "STOP"})
	assert result["automatic_reply"] is None and result["url"] is None
	assert send(twilio, site).status == "queued"


def test_an_inbound_text_that_the_site_refuses_is_told(carrier, site):
	carrier.control("numbers", {DIALER: {"sms_url": f"{site.url}/inbound"}})
	site.pages["/inbound"] = Page("no", status=403)
	result = carrier.control("inbound_text", {"from": PERSON, "to": DIALER, "body": "hi"})
	assert (result["http_status"], result["error"], result["replies"]) == (403, 11200, [])


def test_what_is_not_to_be_kept_is_gone_after_sending(carrier, twilio, site):
	carrier.control("account", {"redaction": "all"})
	message = send(twilio, site, content_retention="discard", address_retention="obfuscate")
	assert message.to == PERSON
	carrier.wait_until_idle()
	done = twilio.messages(message.sid).fetch()
	assert (done.body, done.to) == ("", "+1312555XXXX")
	assert twilio.messages.list(to=PERSON) == []
	assert [listed.sid for listed in twilio.messages.list(from_=DIALER)] == [message.sid]
	assert all(request.params["To"] == PERSON for request in site.to("/message"))


def test_lists_are_filtered_by_number_and_day(carrier, twilio, site):
	sids = [send(twilio, site, to=f"+131255501{number:02}").sid for number in range(7)]
	carrier.wait_until_idle()
	assert [message.sid for message in twilio.messages.list(page_size=3)] == sids[::-1]
	assert [message.sid for message in twilio.messages.list(to="(312) 555-0104")] == [sids[4]]
	now = datetime.now(timezone.utc)
	assert len(twilio.messages.list(date_sent_after=now - timedelta(minutes=1))) == 7
	assert twilio.messages.list(date_sent_before=now - timedelta(days=1)) == []


def test_a_scheduled_text_waits_and_is_cancelled_in_time(carrier, twilio, site):
	service = "MG" + "a" * 32
	due = datetime.now(timezone.utc) + timedelta(hours=1)
	options = {"from_": None, "messaging_service_sid": service, "schedule_type": "fixed", "send_at": due}
	message = send(twilio, site, **options)
	assert message.status == "scheduled" and carrier.control("idle")["idle"]
	assert twilio.messages(message.sid).update(status="canceled").status == "canceled"
	assert refusal(twilio.messages(message.sid).update, status="canceled").code == 30409
	too_soon = {**options, "send_at": datetime.now(timezone.utc)}
	assert refusal(send, twilio, site, **too_soon).code == 35114
	assert refusal(send, twilio, site, schedule_type="fixed", send_at=due).code == 35118


def test_a_messaging_service_picks_the_sender(carrier, twilio, site):
	carrier.control("numbers", {DIALER: {}})
	message = send(twilio, site, from_=None, messaging_service_sid="MG" + "a" * 32)
	assert (message.status, message.from_, message.num_segments) == ("accepted", None, "0")
	carrier.wait_until_idle()
	assert twilio.messages(message.sid).fetch().from_ == DIALER


def test_a_body_is_emptied_and_a_text_deleted(carrier, twilio, site):
	message = send(twilio, site)
	carrier.wait_until_idle()
	assert twilio.messages(message.sid).update(body="").body == ""
	assert twilio.messages(message.sid).delete()
	assert refusal(twilio.messages(message.sid).fetch).code == 20404


@pytest.mark.parametrize(
	("body", "word"),
	[
		("stop", "stop"),
		(" OptOut\n", "stop"),
		("OPT OUT", None),
		("stop it", None),
		("Yes", "start"),
		("?", None),
	],
)
def test_only_a_lone_word_is_a_keyword(body, word):
	assert keyword(body) == word


@pytest.mark.parametrize(
	("body", "segments"),
	[("", 1), ("a" * 160, 1), ("a" * 161, 2), ("€" * 80, 1), ("€" * 81, 2), ("学" * 70, 1), ("学" * 71, 2)],
)
def test_segments(body, segments):
	assert segment_count(body) == segments
