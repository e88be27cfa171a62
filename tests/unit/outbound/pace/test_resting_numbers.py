"""resting_numbers.py and routes.py: what a chunk of an emergency asks Redis in a district of many schools."""

from types import SimpleNamespace

import pytest

from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.outbound.dispatch import routes
from school_dialer.outbound.pace import resting_numbers
from school_dialer.settings import carrier_accounts, carrier_settings

SCHOOLS = [f"School {place}" for place in range(40)]
DISTRICTS = carrier_settings.SendingNumber("+13125550100", 1, 1, "", "A")
CAMPAIGN = SimpleNamespace(name="one", channel="Voice", purpose=EMERGENCY)


class Redis:
	def __init__(self):
		self.kept, self.asked = set(), 0

	def make_key(self, key: str) -> str:
		return key

	def execute_command(self, _command: str, *keys: str) -> list:
		self.asked += 1
		return ["1" if key in self.kept else None for key in keys]


@pytest.fixture
def redis(monkeypatch) -> Redis:
	one = Redis()
	own = [
		carrier_settings.SendingNumber(f"+131255501{place:02}", 1, 1, school, "A")
		for place, school in enumerate(SCHOOLS, 1)
	]
	spare = carrier_settings.SendingNumber("+13125550199", 1, 1, "", "B")
	monkeypatch.setattr(resting_numbers.frappe, "cache", lambda: one)
	monkeypatch.setattr(carrier_settings, "sending_numbers", lambda _channel: [DISTRICTS, *own, spare])
	monkeypatch.setattr(carrier_settings.registry, "is_district", lambda: True)
	monkeypatch.setattr(carrier_accounts, "several", lambda: False)
	return one


def test_the_district_stands_in_for_the_schools_whose_numbers_rest(redis):
	redis.kept = {resting_numbers.key("one", "Voice", "+13125550101")}
	covered = resting_numbers.schools_for(CAMPAIGN, DISTRICTS)
	assert [school for school in SCHOOLS if covered.covers(school)] == SCHOOLS[:1]
	assert redis.asked == 1


def test_the_accounts_of_numbers_like_this_one_that_do_not_rest(redis):
	assert routes.accounts_for(CAMPAIGN, DISTRICTS) == ["A", "B"]
	redis.kept = {resting_numbers.key("one", "Voice", DISTRICTS.phone_number)}
	redis.asked = 0
	assert routes.accounts_for(CAMPAIGN, DISTRICTS) == ["B"]
	assert redis.asked == 1
