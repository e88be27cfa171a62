"""In a district, a caller reaches the office of their school, in its hours and its time zone."""

import pytest

from school_dialer.base import clock
from school_dialer.calls.office import line
from school_dialer.inbound.conversations import office_hours
from tests.integration import districts
from tests.integration import factories as make

pytestmark = pytest.mark.dates


@pytest.fixture
def schools(office):
	with districts.district("North", "South", committed=True) as made:
		yield made


@pytest.fixture
def own_office(schools, answering) -> str:
	number = make.phone()
	districts.change(schools[0], office_number=number)
	answering(number, "presses", digits=["1"], talks=40)
	return number


def call(called, school: str, **behaviour):
	number = make.phone()
	make.consent(number)
	doc = make.campaign([number], school=school, text_fallback=0, max_attempts=1)
	return called(doc, number, **behaviour)


def test_key_6_rings_the_office_of_the_call_s_school(called, dials, office, schools, own_office):
	for school, expected in ((schools[0], own_office), (schools[1], office)):
		log = call(called, school, digits=["6"])
		(one,) = dials(log.carrier_sid)
		assert (log.school, one["numbers"], log.transfer_state) == (school, [expected], "Connected")


def test_each_office_has_its_own_hours(called, dials, schools):
	districts.change(schools[0], office_closes="10:00:00")
	assert call(called, schools[0], digits=["6"]).transfer_state == "Office closed"
	assert call(called, schools[1], digits=["6"]).transfer_state == "Connected"


def test_the_hours_are_those_of_the_school_s_time_zone(called, schools):
	assert str(clock.system_zone()) != "Asia/Tokyo"
	districts.change(schools[0], time_zone="Asia/Tokyo")
	assert call(called, schools[0], digits=["6"]).transfer_state == "Office closed"


def test_a_holiday_of_one_school_closes_its_office(schools):
	now = clock.db_now()
	districts.change(schools[0], holidays=[{"date": now.date()}])
	north, south = map(office_hours.read, schools)
	assert [north.is_open(now), south.is_open(now)] == [False, True]
	assert north.next_day(now) > now.date()


def test_the_lines_of_each_office_are_counted_apart(schools, own_office, settings):
	settings({"office_calls_at_once": 1})
	rows = [(schools[0], own_office), (schools[1], None)]
	for school, own in rows:
		assert line.line(school).of_school is bool(own)
	assert line.line(schools[0]).number == own_office != line.line(schools[1]).number
