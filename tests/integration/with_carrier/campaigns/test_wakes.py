"""A recipient who may not be called yet is called when their calling hours begin, in their local time.

Covered are midnight and daylight saving time.
"""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from school_dialer import scheduler
from school_dialer.base import clock
from school_dialer.compliance.permit import ARRIVES_WITHIN, TAKES
from tests.integration import factories as make
from tests.integration.with_carrier.running import dial, prepare, state_of

pytestmark = [pytest.mark.dates, pytest.mark.exhaustive]

NEW_YORK = ZoneInfo("America/New_York")
UTC = timezone.utc


@pytest.mark.parametrize(
	("late", "hours_ahead"),
	[
		pytest.param("2026-12-03T04:30:00+00:00", 5, id="over midnight"),
		pytest.param("2027-03-14T02:30:00+00:00", 4, id="clocks go forward"),
		pytest.param("2027-11-07T02:30:00+00:00", 5, id="clocks go back"),
	],
)
def test_the_window_opens_by_the_wall_clock(
	carrier, posted, answering, set_clock, stop_clock, late, hours_ahead
):
	late = datetime.fromisoformat(late)
	set_clock(late)
	number = make.phone("212")
	make.consent(number)
	answering(number, "answers")
	doc = make.campaign([number])
	prepare(doc)
	row = make.recipients(doc.name, "status", "not_before")[0]
	assert row.status == "Deferred"
	opens = clock.from_db(row.not_before)
	wall = opens.astimezone(NEW_YORK)
	assert wall.date() > late.astimezone(NEW_YORK).date() and 7 <= wall.hour <= 9 and wall.minute == 0
	assert -wall.utcoffset() == timedelta(hours=hours_ahead)

	with stop_clock(opens - timedelta(minutes=2)):
		scheduler.tick()
		dial(carrier)
	assert not posted(number)

	set_clock(opens + timedelta(seconds=1))
	scheduler.tick()
	dial(carrier)
	(request,) = posted(number)
	called = datetime.fromisoformat(request["site_at"]).astimezone(NEW_YORK)
	assert (called.date(), called.hour) == (wall.date(), wall.hour)
	assert state_of(doc) == "Completed"


@pytest.fixture
def evening(carrier, answering, set_clock):
	"""Return a planned campaign and its only number, ten minutes before nine in the evening in New York."""
	set_clock(datetime(2026, 12, 3, 1, 50, tzinfo=UTC))
	number = make.phone("212")
	make.consent(number)
	answering(number, "answers")
	doc = make.campaign([number])
	prepare(doc)
	return doc, number


def test_the_window_closes_while_people_wait(carrier, posted, set_clock, evening):
	"""Check a campaign planned in the evening and dialed after nine.

	Its recipient is deferred to the next day at dialing, and not called late.
	"""
	doc, number = evening
	assert make.recipients(doc.name, "status")[0].status == "Pending"
	set_clock(datetime(2026, 12, 3, 2, 1, tzinfo=UTC))
	dial(carrier)
	row = make.recipients(doc.name, "status", "not_before")[0]
	assert row.status == "Deferred" and not posted(number)
	assert clock.from_db(row.not_before).astimezone(NEW_YORK).date() == datetime(2026, 12, 3).date()


@pytest.mark.story
def test_in_the_last_seconds_no_one_is_called_any_more(carrier, posted, set_clock, stop_clock, evening):
	"""Check the last seconds of the calling hours, when the phone might ring after they end.

	The recipient is decided on again when the hours are over, and not repeatedly before.
	"""
	doc, number = evening
	last_seconds = (
		datetime(2026, 12, 3, 2, tzinfo=UTC) - ARRIVES_WITHIN - TAKES["Voice"] + timedelta(seconds=1)
	)
	with stop_clock(last_seconds):
		dial(carrier)
	row = make.recipients(doc.name, "status", "attempts", "not_before")[0]
	assert (row.status, row.attempts) == ("Pending", 0) and not posted(number)
	assert clock.from_db(row.not_before) >= last_seconds + ARRIVES_WITHIN
	set_clock(datetime(2026, 12, 3, 2, 1, tzinfo=UTC))
	dial(carrier)
	assert make.recipients(doc.name, "status")[0].status == "Deferred" and not posted(number)
