"""An approver is called, proves by a PIN who picked up, and decides by a key, or the next one is asked."""

import frappe
import pytest

from school_dialer.base import states
from school_dialer.base.roles import APPROVER
from school_dialer.emergency_kit import progress
from school_dialer.emergency_kit.second_person import asks, deciding, ladder, on_call, phone_line
from school_dialer.gate import signature_holds
from school_dialer.messages.phrases import phrase
from tests.integration import factories as make
from tests.integration.with_carrier.campaigns.teachers.classroom import as_user, user
from tests.integration.with_carrier.emergency_kit.duty import PIN, outcomes, overdue, put_on_call
from tests.integration.with_carrier.keypad import heard
from tests.integration.with_carrier.running import texts_to


@pytest.fixture
def on_the_phone(carrier, kit, duty, answering):
	"""Return a function that has the second approver called, who presses these keys. It returns the start."""
	phone = put_on_call(kit.second, on_call.CALL, pin=PIN)

	def call(*keys: str, **item) -> str:
		if keys:
			answering(phone, "presses", digits=[*keys])
		else:
			answering(phone, "answers")
		start = kit.start(kit.item(**item))
		ladder.run(start)
		carrier.wait_until_idle()
		frappe.db.rollback()
		return start

	call.phone = phone
	return call


def words(carrier, start: str) -> str:
	(ask,) = asks.of_start(start)
	return heard(carrier, frappe.db.get_value("Dialer Call Log", ask.call_log, "carrier_sid"))


def test_a_pin_and_a_key_approve(carrier, kit, on_the_phone):
	start = on_the_phone(PIN + "#", "1")
	campaign = kit.campaign(start)
	assert (campaign.status, campaign.approved_by) == (states.PREPARING, kit.second)
	assert outcomes(start) == [(kit.second, asks.APPROVED)]
	said = words(carrier, start)
	before, _pin, after = said.partition("There is a fire")
	assert after and "2 people" in before and "It is approved" in after
	assert before.index("enter your PIN") < before.index("2 people")
	(ask,) = asks.of_start(start)
	log = frappe.get_doc("Dialer Call Log", ask.call_log)
	assert (log.purpose, log.person_doctype, log.person) == ("Emergency", "User", kit.second)
	assert signature_holds(log.decision, log.seal) and PIN not in str(log.as_dict())


def test_the_keys_of_the_families_call_are_not_said_to_an_approver(carrier, kit, on_the_phone):
	"""There 1 says that it was heard and 2 says it again. Here 1 approves and 2 rejects."""
	start = on_the_phone(PIN + "#", channel="Voice")
	said = words(carrier, start)
	for one in ("acknowledge", "again", "stop_key_emergency", "stop_menu"):
		assert phrase(one, "en") not in said
	assert said.count("There is a fire") == said.count("To approve it, press 1") > 0
	assert kit.campaign(start).status == states.AWAITING


def test_without_the_pin_nothing_is_said(carrier, kit, on_the_phone):
	start = on_the_phone()
	said = words(carrier, start)
	assert "enter your PIN" in said and "fire" not in said and kit.campaign(start).title not in said
	assert kit.campaign(start).status == states.AWAITING


def test_rejected_by_key(kit, on_the_phone):
	start = on_the_phone(PIN + "#", "2")
	assert kit.campaign(start).status == states.CANCELLED
	assert outcomes(start) == [(kit.second, asks.REJECTED)]


def test_heard_again_and_another_key_decides_nothing(carrier, kit, on_the_phone):
	start = on_the_phone(PIN + "#", "0", "5", "1")
	assert kit.campaign(start).status == states.PREPARING
	assert words(carrier, start).count("There is a fire") == 3


def test_three_wrong_pins_lock_approval_by_phone(carrier, kit, on_the_phone):
	start = on_the_phone("1111#", "2222#", "3333#", PIN + "#", "1")
	assert kit.campaign(start).status == states.AWAITING
	assert outcomes(start) == [(kit.second, asks.LOCKED)]
	assert "You cannot approve by phone today" in words(carrier, start)
	again = on_the_phone(PIN + "#", "1")
	assert outcomes(again) == [(kit.second, asks.NOT_ASKED)]
	(ask,) = asks.of_start(again)
	assert ask.reason == "PIN locked" and kit.campaign(again).status == states.AWAITING


def test_a_wrong_pin_and_then_the_right_one(kit, on_the_phone):
	start = on_the_phone("1111#", PIN + "#", "1")
	assert kit.campaign(start).status == states.PREPARING


def test_repeated_and_hostile_requests_decide_nothing(kit, on_the_phone):
	start = on_the_phone()
	(ask,) = asks.of_start(start)
	sid = frappe.db.get_value("Dialer Call Log", ask.call_log, "carrier_sid")
	for log, call, digits, turn in (
		(ask.call_log, "CA" + "0" * 32, PIN, 0),
		("none", sid, PIN, 0),
		("' or 1=1 --", sid, PIN, 0),
		(ask.call_log, sid, "1", 99),
		(ask.call_log, sid, "1", None),
		(ask.call_log, sid, "9" * 500, 0),
	):
		assert phone_line.key(log, call, digits, turn)
	assert kit.campaign(start).status == states.AWAITING


def test_who_started_it_does_not_approve_it(kit, duty):
	"""By no way: the starter is passed over, and the campaign refuses their approval all the same."""
	put_on_call(kit.second, on_call.TEXT)
	start = kit.start(kit.item(), by=kit.second)
	ladder.run(start)
	assert outcomes(start) == [(kit.second, asks.NOT_ASKED)]
	row = frappe.db.get_value(ladder.START, start, ladder.FIELDS, as_dict=True)
	person = on_call.people(None)[0]
	ask = asks.locked(asks.write_ask(row, person, ladder.digest_of(row.campaign)))
	with pytest.raises(frappe.PermissionError):
		deciding.decide(ask, True)
	frappe.db.rollback()
	assert kit.campaign(start).status == states.AWAITING


def test_down_the_list_until_one_answers(carrier, kit, duty, answering):
	first, third = user(APPROVER), user(APPROVER)
	frappe.db.commit()
	busy = put_on_call(first, on_call.CALL, pin=PIN)
	put_on_call(third, on_call.TEXT, verified=False)
	texted = put_on_call(kit.second, on_call.TEXT)
	last = put_on_call(kit.approver, on_call.CALL, pin=PIN)
	answering(busy, "busy")
	answering(last, "presses", digits=[PIN + "#", "1"])
	start = kit.start(kit.item())
	ladder.run(start)
	carrier.wait_until_idle()
	ladder.run(start)
	assert outcomes(start) == [
		(first, asks.NO_ANSWER),
		(third, asks.NOT_ASKED),
		(kit.second, asks.ASKED),
	]
	assert texts_to(carrier, texted)
	ladder.run(start)
	assert len(outcomes(start)) == 3, "their time is not over"
	overdue(start)
	as_user(kit.agent, lambda: progress.start_progress(progress.readable(start, kit.agent)))
	ladder.run(start)
	carrier.wait_until_idle()
	frappe.db.rollback()
	assert outcomes(start)[2:] == [(kit.second, asks.NO_ANSWER), (kit.approver, asks.APPROVED)]
	assert kit.campaign(start).approved_by == kit.approver


def test_a_schools_own_list_comes_before_the_districts(kit, duty):
	district, own = user(APPROVER), user(APPROVER)
	frappe.db.commit()
	put_on_call(district, on_call.TEXT)
	school = "A school of this test"
	row = {"doctype": on_call.CHILD, "parenttype": on_call.SCHOOL, "parent": school, "parentfield": "on_call"}
	frappe.get_doc({**row, "user": own, "way": on_call.CALL, "wait_seconds": 5}).db_insert()
	(first,) = on_call.people(school)
	assert (first.user, first.way, first.wait_seconds) == (own, on_call.CALL, on_call.SHORTEST)
	frappe.db.delete(on_call.CHILD, {"parent": school})
	assert [one.user for one in on_call.people(school)] == [one.user for one in on_call.people(None)]
	assert district in [one.user for one in on_call.people(None)]


def test_it_ends_after_three_rounds(carrier, kit, duty, answering):
	answering(put_on_call(kit.second, on_call.CALL, pin=PIN), "busy")
	start = kit.start(kit.item())
	for _time in range(ladder.MOST_ROUNDS + 2):
		ladder.run(start)
		carrier.wait_until_idle()
	assert outcomes(start) == [(kit.second, asks.NO_ANSWER)] * (ladder.MOST_ROUNDS - 1) + [
		(kit.second, asks.NO_ANSWER)
	]


@pytest.mark.parametrize(
	("values", "why"),
	[
		({"pin": ""}, "Has no PIN"),
		({"verified": False, "pin": PIN}, "Has verified no phone"),
	],
)
def test_who_cannot_be_asked_is_passed_over_with_the_reason(kit, duty, values, why):
	put_on_call(kit.second, on_call.CALL, **values)
	start = kit.start(kit.item())
	ladder.run(start)
	(ask,) = asks.of_start(start)
	assert (ask.outcome, ask.reason) == (asks.NOT_ASKED, why)


def test_an_opt_out_from_everything_holds_for_an_approver(carrier, kit, duty):
	phone = put_on_call(kit.second, on_call.TEXT)
	make.ledger.opt_out(
		phone, channel="Any", purpose="All", scope="everything", evidence=make.evidence("Agent")
	)
	start = kit.start(kit.item())
	ladder.run(start)
	assert {outcome for _user, outcome in outcomes(start)} == {asks.NOT_SENT}
	assert not texts_to(carrier, phone)


def test_the_tick_goes_on_without_a_page(kit, duty):
	put_on_call(kit.second, on_call.TEXT)
	start = kit.start(kit.item())
	assert start in waiting_for_the_tick()
	ladder.run(start)
	assert start not in waiting_for_the_tick()
	overdue(start)
	assert start in waiting_for_the_tick()


def waiting_for_the_tick() -> list[str]:
	found: list[str] = []
	with pytest.MonkeyPatch.context() as patch:
		patch.setattr(ladder, "enqueue", found.append)
		ladder.look()
	return found
