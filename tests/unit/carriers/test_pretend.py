"""The pretend carrier spends permits like any other, and says by the id of a call how it ends."""

import pytest

from school_dialer.carriers import pretend
from school_dialer.carriers.base import Account, Text, Voice
from school_dialer.compliance.mint import mint
from school_dialer.compliance.permit import NotPermitted
from tests.unit.compliance.cases import CHICAGO, GIVEN, NOON, judge, request

CARRIER = pretend.PretendCarrier(Account("", ""))


def permit(channel: str = "Voice", to: str = CHICAGO):
	return mint(judge(request(to, channel=channel), GIVEN), call_log="LOG", to=to, sender="+13125550100")


def voice(event: str = "voice") -> Voice:
	at = "http://school.localhost/api/method/school_dialer.webhooks.twilio"
	return Voice(f"{at}.{event}?log=x", f"{at}.status?log=x", 25, True)


@pytest.mark.parametrize(("digit", "ends"), [("0", "a"), ("6", "a"), ("7", "n"), ("8", "b"), ("9", "v")])
def test_the_last_digit_decides_how_a_call_ends(digit, ends):
	number = f"+1312555014{digit}"
	placed = CARRIER.call(permit(to=number), voice(), NOON)
	assert pretend.how_it_ends(placed.sid) == ends
	assert (placed.status, placed.to) == ("queued", number)


def test_a_call_that_asks_for_keys_is_not_answered():
	assert pretend.how_it_ends(CARRIER.call(permit(), voice("manual_answer"), NOON).sid) == pretend.NO_ANSWER


@pytest.mark.parametrize("channel", ["Voice", "Text"])
def test_a_permit_is_spent(channel):
	one = permit(channel)
	ask, message = (
		(CARRIER.call, voice()) if channel == "Voice" else (CARRIER.text, Text("Hello", "http://x"))
	)
	ask(one, message, NOON)
	with pytest.raises(NotPermitted):
		ask(one, message, NOON)


def test_it_knows_of_its_own_calls_only():
	placed = CARRIER.call(permit(), voice(), NOON)
	assert CARRIER.fetch_status("Voice", placed.sid).status == "queued"
	assert CARRIER.cancel("Voice", placed.sid) == "canceled"
	other = "CA" + "0" * 32
	assert (CARRIER.fetch_status("Voice", other), CARRIER.cancel("Voice", other)) == (None, "")
	assert pretend.how_it_ends(other) is None


def test_nothing_was_received_or_recorded():
	assert not CARRIER.list_received({"+13125550150"}, NOON)
	assert not CARRIER.list_received_calls({"+13125550150"}, NOON)
	assert not CARRIER.list_recent("Voice", {"+13125550150"}, "+13125550100", NOON)
	assert CARRIER.fetch_recording("RE" + "0" * 32, 1) is None
	with pytest.raises(ValueError, match="not a recording"):
		CARRIER.recording_address("RE" + "0" * 32)
