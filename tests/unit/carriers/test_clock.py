"""The carrier's clock, and headers that are not dates."""

import pytest
from twilio.http.response import Response

from school_dialer.carriers.base import Account, NotAuthorised
from school_dialer.carriers.twilio import TwilioCarrier
from school_dialer.carriers.twilio_rows import date_of


@pytest.mark.parametrize(
	"header",
	[
		None,
		"",
		"yesterday",
		"Mon, 99 Foo 2026 99:99:99 GMT",
		"Wed, 13 May 2026 12:00:30",
		"Wed, 13 May 99999999999 12:00:30 GMT",
		"x" * 100_000,
		12,
	],
)
def test_a_header_that_is_no_date_tells_nothing(header):
	assert date_of(header) is None


def carrier(monkeypatch, answer: Response) -> tuple[TwilioCarrier, list]:
	asked = []
	made = TwilioCarrier(Account("AC" + "a" * 32, "token", "http://127.0.0.1:9"))
	monkeypatch.setattr(
		made.client.http_client, "request", lambda *args, **kwargs: asked.append((args, kwargs)) or answer
	)
	return made, asked


def test_the_date_of_an_authenticated_request_is_the_clock(monkeypatch):
	answer = Response(200, "{}", {"Date": "Wed, 13 May 2026 12:00:30 GMT"})
	made, asked = carrier(monkeypatch, answer)
	assert made.clock().isoformat() == "2026-05-13T12:00:30+00:00"
	assert "token" in str(asked) and len(asked) == 1


def test_wrong_credentials_are_no_clock(monkeypatch):
	made, _asked = carrier(monkeypatch, Response(401, "{}", {"Date": "Wed, 13 May 2026 12:00:30 GMT"}))
	with pytest.raises(NotAuthorised):
		made.clock()
