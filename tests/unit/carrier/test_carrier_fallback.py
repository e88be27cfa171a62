"""When the site is down, slow or wrong, the FallbackUrl is requested or an apology is spoken."""

from __future__ import annotations

import pytest
import requests
from carrier_kit import PERSON, Page, place

from dev.carrier.server import ControlError
from dev.patience import PATIENCE, eventually

STATIC = "<Response><Say>Lincoln School called. Call us back.</Say></Response>"
BROKEN = {
	"site errors": (Page("sorry", status=503), 11200),
	"not TwiML": (Page("<html/>"), 12102),
	"not XML": (Page("{}"), 12100),
	"a picture": (Page("x", content_type="image/png"), 12300),
	"nothing": (Page(""), 11770),
}


@pytest.mark.parametrize("problem", BROKEN)
def test_the_fallback_is_told_what_went_wrong(carrier, twilio, site, problem):
	site.pages["/voice"], code = BROKEN[problem]
	site.pages["/fallback"] = STATIC
	place(twilio, site, fallback_url=f"{site.url}/fallback", fallback_method="GET")
	carrier.wait_until_idle()
	asked = site.to("/fallback")[0]
	assert (
		asked.signed
		and asked.method == "GET"
		and f"ErrorCode={code}" in asked.path
		and "ErrorUrl=" in asked.path
	)
	line = carrier.log("outcome")[0]
	assert line["sentences"] == ["Lincoln School called. Call us back."] and line["fell_back"] is True


def test_without_a_fallback_the_carrier_apologizes_and_the_call_is_completed(carrier, twilio, site):
	site.pages["/voice"] = Page("sorry", status=500)
	place(twilio, site)
	carrier.wait_until_idle()
	line = carrier.log("outcome")[0]
	assert line["status"] == "completed" and "application error" in line["sentences"][0]
	assert line["heard_seconds"] == 0 and line["fell_back"] is False


def test_a_document_that_comes_too_late_is_none(carrier, twilio, site):
	carrier.control("time", {"fetch_seconds": 0.05})
	site.pages["/voice"] = Page("<Response><Say>Late.</Say></Response>", wait=0.4)
	place(twilio, site, fallback_url=carrier.control("bins", {"static": STATIC})["bins"]["static"])
	carrier.wait_until_idle()
	late = carrier.log("twiml")[0]
	assert late["error"] == 11200 and "Timeout" in late["http_error"] and late["sentences"] == []
	assert carrier.log("outcome")[0]["sentences"] == ["Lincoln School called. Call us back."]


def test_a_site_has_fifteen_real_seconds_at_any_speed(carrier):
	assert carrier.control("time", {})["fetch_seconds"] == 15


def test_each_request_has_a_connection_of_its_own(carrier, twilio, site):
	"""A site may close a kept connection just as the next request enters it, which is then lost."""
	place(twilio, site, status_callback=f"{site.url}/status", status_callback_event=["answered", "completed"])
	carrier.wait_until_idle()
	assert len(site.seen) == 3 and {request.nth for request in site.seen} == {1}


@pytest.mark.parametrize("fault", ["site_down", "site_slow", "site_500"])
def test_a_bin_is_heard_when_the_site_is_down(carrier, twilio, site, fault):
	where = carrier.control("bins", {"who-called": STATIC})["bins"]["who-called"]
	carrier.control("faults", {fault: 1})
	place(twilio, site, fallback_url=where)
	carrier.wait_until_idle()
	line = carrier.log("outcome")[0]
	assert line["sentences"] == ["Lincoln School called. Call us back."] and line["heard_seconds"] > 2
	assert site.seen == [] and [line["error"] for line in carrier.log("twiml")][1] is None


def test_a_bin_is_served_to_anyone_and_goes_with_a_reset(carrier):
	where = carrier.control("bins", {"one": STATIC, "two": "<Response/>"})["bins"]
	answer = requests.post(where["one"], data={"CallSid": "CA1"}, timeout=PATIENCE)
	assert (answer.status_code, answer.text) == (200, STATIC) and answer.headers["Content-Type"].startswith(
		"text/xml"
	)
	assert set(carrier.control("bins", {"two": None})["bins"]) == {"one"}
	assert requests.get(where["two"], timeout=PATIENCE).status_code == 404
	for bins in ({"a/b": STATIC}, {"three": "<Broken"}, {"four": ""}):
		with pytest.raises(ControlError):
			carrier.control("bins", bins)
	carrier.control("reset")
	assert requests.get(where["one"], timeout=PATIENCE).status_code == 404


def test_a_redirected_call_has_the_fallback_of_its_update(carrier, twilio, site):
	site.pages["/voice"] = '<Response><Pause length="100000"/></Response>'
	site.pages["/next"], site.pages["/fallback"] = Page("", status=500), STATIC
	call = place(twilio, site)
	eventually("The request for the document", lambda: site.to("/voice"))
	twilio.calls(call.sid).update(url=f"{site.url}/next", fallback_url=f"{site.url}/fallback")
	carrier.wait_until_idle()
	assert carrier.log("outcome")[0]["sentences"] == ["Lincoln School called. Call us back."]


def test_a_fallback_that_fails_too_ends_in_the_apology(carrier, twilio, site):
	carrier.control("people", {PERSON: {"behaviour": "answers"}})
	site.pages["/voice"] = site.pages["/fallback"] = Page("", status=500)
	place(twilio, site, fallback_url=f"{site.url}/fallback")
	carrier.wait_until_idle()
	assert len(site.to("/fallback")) == 1
	assert "application error" in carrier.log("outcome")[0]["sentences"][0]
