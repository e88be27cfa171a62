"""A school's campaigns stop at its monthly limit; other schools, the district, and emergencies go on."""

from datetime import timedelta

import frappe
import pytest

from school_dialer import scheduler
from school_dialer.base import roles, states
from school_dialer.base.database.db_thread import DbThread
from school_dialer.base.database.transactions import begin_read_committed
from school_dialer.campaigns import actions
from school_dialer.campaigns.planning import planner
from school_dialer.desk import campaigns as desk
from school_dialer.outbound.attempts import claims
from school_dialer.outbound.pace import school_costs, school_limits
from school_dialer.outbound.pace.school_costs import Cost
from tests.integration import districts, emergencies
from tests.integration import factories as make
from tests.integration.with_carrier.households import set_settings
from tests.integration.with_carrier.running import dial, prepare, state_of

pytestmark = pytest.mark.dates

PRICE = 0.5
PRICES = {"price_per_minute": PRICE, "price_per_segment": 0.25, "currency": "USD"}


@pytest.fixture
def schools(school):
	before = {field: frappe.db.get_single_value("Dialer Settings", field) for field in PRICES}
	set_settings(PRICES)
	with districts.district("North", "South", committed=True) as made:
		districts.change(made[0], monthly_limit=2.2 * PRICE)
		yield made
	set_settings(before)


@pytest.fixture
def people(school, answering):
	def made(count: int) -> list[str]:
		found = [make.phone() for _ in range(count)]
		for number in found:
			make.consent(number)
			answering(number, "answers")
		return found

	return made


def placed(doc) -> int:
	return frappe.db.count("Dialer Call Log", {"campaign": doc.name})


def message_of(doc) -> str:
	return frappe.db.get_value("Dialer Campaign", doc.name, "status_message") or ""


def dial_for_long(carrier) -> None:
	for _ in range(4):
		dial(carrier)


def of_schools(doc, *schools: str | None) -> None:
	"""Let the recipients of a district's campaign be of these schools in turn, as planning would."""
	for row, name in zip(make.recipients(doc.name), schools, strict=True):
		frappe.db.set_value("Dialer Recipient", row.name, "school", name)
	frappe.db.commit()


def test_only_the_campaigns_of_a_school_at_its_limit_pause(carrier, schools, people):
	north, south = (make.campaign(people(4), school=name) for name in schools)
	for doc in (north, south):
		prepare(doc)
	dial_for_long(carrier)
	assert (state_of(north), placed(north)) == (states.PAUSED, 2)
	assert (state_of(south), placed(south)) == (states.COMPLETED, 4)
	assert "monthly limit" in message_of(north) and "Raise" in message_of(north)
	after = make.campaign(people(1), school=schools[0])
	prepare(after)
	dial(carrier)
	assert (state_of(after), placed(after)) == (states.PAUSED, 0)
	districts.change(schools[0], monthly_limit=100)
	for doc in (north, after):
		actions.resume(doc.name)
	frappe.db.commit()
	dial_for_long(carrier)
	assert [state_of(doc) for doc in (north, after)] == [states.COMPLETED] * 2
	assert placed(north) + placed(after) == 5


def two_ready(people, school: str) -> list[str]:
	found = [make.campaign(people(3), school=school) for _ in range(2)]
	for doc in found:
		prepare(doc)
	return [doc.name for doc in found]


def claimed(name: str) -> int:
	"""Return how many of three people a dispatcher's thread claims."""
	begin_read_committed()
	room = school_limits.allowance(frappe.get_doc("Dialer Campaign", name), 3).recipients
	rows = claims.claim(name, room) if room else []
	frappe.db.commit()
	return len(rows)


def given_back(name: str) -> None:
	rows = frappe.get_all("Dialer Recipient", {"campaign": name, "status": "Dialing"}, ["name", "claim"])
	claims.release(rows[:1])
	frappe.db.commit()


def test_two_campaigns_of_a_school_share_what_is_left(carrier, schools, people):
	one, other = two_ready(people, schools[0])
	with DbThread() as thread:
		assert [thread.submit(claimed, name).result() for name in (one, other)] == [2, 0]
		assert frappe.db.get_value("Dialer Campaign", other, "status") == states.RUNNING
		thread.submit(given_back, one).result()
		assert thread.submit(claimed, other).result() == 1


@pytest.mark.parametrize("same", [False, True])
def test_claims_at_the_same_moment_are_within_the_limit_together(carrier, schools, people, same):
	names = two_ready(people, schools[0])[: 1 if same else 2] * (2 if same else 1)
	with DbThread() as first, DbThread() as second:
		found = [thread.submit(claimed, name) for thread, name in zip((first, second), names, strict=True)]
		assert sum(one.result() for one in found) == 2


def test_a_claim_does_not_wait_for_one_that_is_under_way(carrier, schools, people):
	one, other = two_ready(people, schools[0])
	assert school_limits.try_to_lock(schools[0])
	with DbThread() as thread:
		assert thread.submit(claimed, one).result() == 0
		frappe.db.commit()
		assert thread.submit(claimed, other).result() == 2
	assert frappe.db.get_value("Dialer Campaign", one, "status") == states.RUNNING


def test_what_this_dispatcher_has_claimed_is_counted_once(carrier, schools, people):
	name = two_ready(people, schools[0])[0]
	districts.change(schools[0], monthly_limit=3.2 * PRICE)
	with DbThread() as thread:
		assert thread.submit(claimed, name).result() == 3
	districts.change(schools[0], monthly_limit=4.2 * PRICE)
	campaign = frappe.get_doc("Dialer Campaign", name)
	assert school_limits.allowance(campaign, 6) == (1, "")
	frappe.db.rollback()


def test_an_emergency_of_a_school_at_its_limit_goes_on(carrier, schools, people):
	districts.change(schools[0], monthly_limit=0.01)
	doc = make.campaign(people(2), purpose="Emergency", school=schools[0], **emergencies.FIRE)
	emergencies.approved([], doc=doc)
	planner.run(doc.name)
	dial(carrier, emergency=True)
	assert (state_of(doc), placed(doc)) == (states.COMPLETED, 2)


def test_in_a_campaign_of_the_district_only_that_school_s_families_wait(carrier, schools, people):
	districts.change(schools[0], monthly_limit=0.01)
	doc = make.campaign(people(5))
	prepare(doc)
	of_schools(doc, schools[0], schools[1], None, schools[0], schools[1])
	dial_for_long(carrier)
	scheduler.tick()
	assert placed(doc) == 3 and state_of(doc) == states.PAUSED
	assert schools[0] in message_of(doc) and schools[1] not in message_of(doc)
	told = {"document_name": doc.name, "subject": ("like", "%monthly limit%")}
	users = frappe.get_all("Notification Log", told, pluck="for_user")
	assert len(users) == len(set(users)) == len(school_limits.managers(schools[0])) > 0
	districts.change(schools[0], monthly_limit=100)
	actions.resume(doc.name)
	frappe.db.commit()
	dial_for_long(carrier)
	assert (state_of(doc), placed(doc)) == (states.COMPLETED, 5)


def test_a_manager_of_another_school_is_not_notified(schools):
	one, other = (districts.lasting_user(name, roles.MANAGER) for name in ("money-north", "money-south"))
	districts.permit(one, schools[0], committed=True)
	districts.permit(other, schools[1], committed=True)
	assert one in school_limits.managers(schools[0]) and other not in school_limits.managers(schools[0])


def log(school: str | None, at, **values) -> None:
	doc = {
		"doctype": "Dialer Call Log",
		"status": "completed",
		"status_rank": 90,
		"direction": "Outbound",
		"channel": "Voice",
		"purpose": "Event",
		"verdict": "ALLOW",
		"placed_at": at,
		"school": school,
		**values,
	}
	row = frappe.get_doc(doc)
	row.name = frappe.generate_hash(length=16)
	row.db_insert()


def test_what_counts_in_the_month(schools):
	now = make.clock.db_now()
	month = school_costs.month_of(now)
	north, south = schools
	log(north, month, price="-0.11", duration=500)
	log(north, month - timedelta(seconds=1), price="-7", duration=60)
	log(north, now, duration=61)
	log(north, now, status="busy", duration=0)
	log(north, now, status="refused", duration=60)
	log(north, now, status="ringing", status_rank=30)
	log(north, now, channel="Text", status="delivered")
	log(north, now, duration=1, transfer_seconds=61, transfer_price=None)
	log(south, now, duration=60)
	school_costs.forget()
	found = school_costs.this_month(schools)
	assert found[north].used == pytest.approx(0.11 + 2 * PRICE + 0.25 + 3 * PRICE)
	assert found[north].reserved == pytest.approx(PRICE)
	assert found[south] == Cost(used=PRICE)
	assert school_limits.money_left() == {north: pytest.approx(2.2 * PRICE - found[north].total)}
	frappe.db.rollback()


def test_the_next_month_begins_on_the_first():
	for day, expected in (("2026-01-31 23:59:59", "2026-02-01"), ("2025-12-01", "2026-01-01")):
		at = frappe.utils.get_datetime(day)
		assert school_costs.after(at) == frappe.utils.get_datetime(expected)


def test_the_preview_warns_when_the_estimate_passes_what_is_left(schools, people):
	dear, cheap, south = (
		desk.preview_audience(make.campaign(people(count), school=name).name)["school_limits"]
		for count, name in ((3, schools[0]), (2, schools[0]), (3, schools[1]))
	)
	assert not cheap and not south
	(found,) = dear
	assert (found["school"], found["cost"], found["left"]) == (schools[0], 1.5, pytest.approx(1.1))
	assert "1.50" in found["words"] and "1.10" in found["words"]


def test_the_number_of_queries_does_not_grow_with_the_schools(school):
	def queries(doc) -> int:
		before = frappe.db.sql("show session status like 'Questions'")[0][1]
		school_limits.set_aside(doc)
		return int(frappe.db.sql("show session status like 'Questions'")[0][1]) - int(before)

	counts = []
	for names in (("A", "B"), tuple("ABCDEFGHIJ")):
		with districts.district(*names, monthly_limit=1000, committed=True):
			doc = make.campaign([make.phone()])
			school_limits.set_aside(doc)
			counts.append(queries(doc))
	assert counts[0] == counts[1]


def test_with_one_school_its_limit_is_not_used(school):
	assert school_limits.limited() == {} and school_limits.money_left() == {}
