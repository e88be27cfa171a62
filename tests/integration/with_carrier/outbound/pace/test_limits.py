"""Limits on concurrent calls and on spending.

They are never exceeded, shown in the form, and lifted when a user raises them.
"""

import frappe
import pytest

from school_dialer.base import states
from school_dialer.base.database.db_thread import DbThread
from school_dialer.base.database.transactions import begin_read_committed
from school_dialer.campaigns import actions, estimate
from school_dialer.campaigns.planning import planner
from school_dialer.desk import campaigns as desk
from school_dialer.outbound.attempts import claims
from school_dialer.outbound.pace import limits
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier.households import set_settings
from tests.integration.with_carrier.running import dial, prepare, state_of

PEOPLE = 6


@pytest.fixture
def numbers(school, answering) -> list[str]:
	found = [make.phone() for _ in range(PEOPLE)]
	for number in found:
		make.consent(number)
		answering(number, "answers")
	return found


@pytest.fixture
def prices(school):
	values = {"price_per_minute": 0.5, "price_per_segment": 0.25, "currency": "USD"}
	before = {field: frappe.db.get_single_value("Dialer Settings", field) for field in values}
	set_settings(values)
	yield
	set_settings(before)


def placed(doc) -> int:
	return frappe.db.count("Dialer Call Log", {"campaign": doc.name})


def test_texts_take_up_no_line(carrier, numbers):
	"""The texts that follow a campaign's calls wait for receipts, and its calls go on."""
	doc = make.campaign(numbers[:1], most_at_once=2)
	prepare(doc)
	dial(carrier)
	frappe.db.set_value(
		"Dialer Call Log", {"campaign": doc.name}, {"channel": "Text", "status": "sent", "status_rank": 30}
	)
	assert limits.open_calls(doc.name) == 0 and limits.allowance(doc, 2) == (2, "")


def test_no_more_calls_at_once_than_allowed(carrier, numbers, monkeypatch):
	doc = make.campaign(numbers, most_at_once=2)
	prepare(doc)
	seen = []
	real = limits.open_calls

	def watched(name: str) -> int:
		seen.append(real(name))
		return seen[-1]

	monkeypatch.setattr(limits, "open_calls", watched)
	for _ in range(PEOPLE):
		dial(carrier)
		if state_of(doc) == states.COMPLETED:
			break
	assert state_of(doc) == states.COMPLETED and placed(doc) == PEOPLE
	assert max(seen) <= 2 and len(seen) >= PEOPLE / 2


def test_the_spend_limit_pauses_before_it_is_passed(carrier, numbers, prices):
	doc = make.campaign(numbers, spend_limit=0.0)
	price = estimate.unit(doc).price
	assert price == 0.5
	frappe.db.set_value("Dialer Campaign", doc.name, "spend_limit", 3.4 * price)
	prepare(doc)
	for _ in range(3):
		dial(carrier)
	assert state_of(doc) == states.PAUSED and placed(doc) == 3
	paused = frappe.db.get_value("Dialer Campaign", doc.name, "*", as_dict=True)
	assert "spend limit" in paused.status_message
	assert not paused.pending_notification_actor, "who started it is to be notified too"
	shown = desk.progress(doc.name)
	assert shown["spent"] == pytest.approx(3 * price) and shown["estimate"]["calls"] == PEOPLE - 3
	campaign = frappe.get_doc("Dialer Campaign", doc.name)
	campaign.spend_limit = 100
	campaign.save()
	actions.resume(doc.name)
	frappe.db.commit()
	dial(carrier)
	assert state_of(doc) == states.COMPLETED and placed(doc) == PEOPLE


def claims_of_lanes(doc, most: int) -> list[int]:
	"""Return how many recipients each of three lanes claims, one after the other, before any calls."""

	def claim() -> int:
		begin_read_committed()
		campaign = frappe.get_doc("Dialer Campaign", doc.name)
		with limits.exclusive_claim(campaign) as mine:
			room = limits.allowance(campaign, most).recipients if mine else 0
			found = claims.claim(doc.name, room) if room else []
		frappe.db.commit()
		return len(found)

	with DbThread() as one, DbThread() as other, DbThread() as third:
		return [lane.submit(claim).result() for lane in (one, other, third)]


@pytest.mark.parametrize("limit", [{"most_at_once": 3}, {"spend_limit": 1.6}])
def test_the_lanes_that_serve_an_emergency_share_its_limits(numbers, prices, limit):
	doc = emergencies.approved(numbers, **limit)
	planner.run(doc.name)
	assert claims_of_lanes(doc, 2) == [2, 1, 0]
	assert state_of(doc) == states.RUNNING


def test_two_lanes_do_not_claim_at_the_same_moment(numbers, prices):
	doc = make.campaign(numbers, most_at_once=1)
	with limits.exclusive_claim(doc) as first, DbThread() as other:
		assert first and not other.submit(lambda: entered(doc)).result()
	with DbThread() as other:
		assert other.submit(lambda: entered(doc)).result()


def entered(doc) -> bool:
	with limits.exclusive_claim(doc) as mine:
		return mine


@pytest.mark.parametrize("channel", ["Voice", "Text"])
def test_the_words_are_not_rendered_for_each_claim(numbers, prices, monkeypatch, channel):
	doc = make.campaign(numbers, spend_limit=100, channel=channel)
	prepare(doc)
	rendered, real = [], estimate.all_words
	monkeypatch.setattr(
		estimate, "all_words", lambda campaign: rendered.append(campaign.name) or real(campaign)
	)
	campaign = frappe.get_doc("Dialer Campaign", doc.name)
	assert [limits.allowance(campaign, 2).recipients for _ in range(3)] == [2, 2, 2]
	assert len(rendered) == 1


def test_a_price_that_changes_counts_at_once(numbers, prices):
	doc = make.campaign(numbers, spend_limit=1.6)
	prepare(doc)
	campaign = frappe.get_doc("Dialer Campaign", doc.name)
	assert limits.allowance(campaign, 6).recipients == 3
	set_settings({"price_per_minute": 0.8})
	assert limits.allowance(campaign, 6).recipients == 2


def test_what_it_will_take_is_said_before_the_start(carrier, numbers, prices):
	doc = make.campaign(numbers, max_attempts=2)
	found = desk.preview_audience(doc.name)["estimate"]
	assert (found["calls"], found["minutes"], found["cost"], found["most"]) == (PEOPLE, PEOPLE, 3.0, 6.0)
	assert found["finish"] > make.clock.db_now()
	slow = make.campaign(numbers, most_at_once=1)
	assert desk.preview_audience(slow.name)["estimate"]["finish"] > found["finish"]
	dear = make.campaign(numbers, spend_limit=1)
	assert desk.preview_audience(dear.name)["estimate"]["cost"] > 1


def test_texts_are_counted_by_segments(numbers, prices):
	words = make.template("Event", text=1)
	frappe.db.sql(
		"update `tabDialer Message Translation` set text = %s where parent = %s",
		("The concert is on Thursday. " * 9, words),
	)
	frappe.clear_document_cache("Dialer Message Template", words)
	doc = make.campaign(numbers, channel="Text", template=words)
	unit = estimate.unit(doc)
	assert unit.segments > 1 and unit.price == unit.segments * 0.25


def test_limits_may_change_while_it_runs_and_cannot_be_negative(numbers):
	doc = make.campaign(numbers)
	prepare(doc)
	doc.reload()
	doc.most_at_once = 3
	doc.save()
	doc.most_at_once = -1
	with pytest.raises(frappe.NonNegativeError):
		doc.save()


def test_after_the_deadline_no_one_is_called_even_before_the_scheduler_comes(carrier, posted, numbers):
	doc = make.campaign(numbers, deadline=frappe.utils.add_to_date(make.clock.db_now(), hours=1))
	prepare(doc)
	frappe.db.set_value("Dialer Campaign", doc.name, "deadline", make.clock.db_now())
	frappe.db.commit()
	dial(carrier)
	assert not placed(doc)
