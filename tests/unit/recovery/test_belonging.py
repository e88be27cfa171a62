"""Whose call it was that a carrier knows and a restored database does not."""

from datetime import datetime, timedelta, timezone

from school_dialer.carriers.base import Placed
from school_dialer.recovery.belonging import FOLLOW_UP, Candidate, belonging

AT = datetime(2026, 9, 8, 14, 0, tzinfo=timezone.utc)
ANA, LUIS, OTHER = "+13125550101", "+13125550102", "+16175550103"


def placed(to: str = ANA, at: datetime | None = AT) -> Placed:
	return Placed("CA1", "completed", to, at)


def recipient(
	name: str, phone: str = ANA, status: str = "Pending", channel: str = "Voice", also: str = "", **more
) -> Candidate:
	phones = (phone, also) if also else (phone,)
	return Candidate(
		name, channel, status, phones, **{"began": AT - timedelta(minutes=10), "ended": None, **more}
	)


def test_the_one_who_waits_with_this_number():
	one, other = recipient("one"), recipient("other", LUIS)
	found = belonging("Voice", placed(), [one, other])
	assert found.chosen is one and not found.others


def test_a_households_other_number():
	one = recipient("one", LUIS, also=ANA)
	assert belonging("Voice", placed(), [one]).chosen is one


def test_another_channel_and_another_time_are_no_one():
	early = recipient("early", began=AT + timedelta(minutes=6))
	over = recipient("over", ended=AT - timedelta(days=2))
	text = recipient("text", channel="Text")
	assert belonging("Voice", placed(), [early, over, text]).chosen is None
	assert belonging("Voice", placed(at=None), [early]).chosen is early


def test_of_two_campaigns_one_gets_the_call_and_the_other_is_in_doubt():
	one, two = recipient("one"), recipient("two")
	found = belonging("Voice", placed(), [one, two])
	assert found.chosen is one and found.others == (two,)
	two.kept_back, one.status = True, "Reached"
	assert belonging("Voice", placed(), [one, two]).chosen is two


def test_an_emergency_is_not_kept_back_for_anothers_call():
	one, urgent = recipient("one"), recipient("urgent", emergency=True)
	assert belonging("Voice", placed(), [one, urgent]).others == ()


def test_a_hidden_number_puts_all_that_it_may_be_in_doubt():
	one, two, far = recipient("one"), recipient("two", LUIS), recipient("far", OTHER)
	found = belonging("Voice", placed("+1312555XXXX"), [one, two, far])
	assert {found.chosen, *found.others} == {one, two}


def test_the_call_of_one_who_was_reached_already_is_theirs():
	done = recipient("done", status="Reached")
	assert belonging("Voice", placed(), [done]).chosen is done


def test_a_text_to_a_household_that_is_owed_one_is_its_follow_up():
	owed, other = recipient("owed", follows=True), recipient("other")
	found = belonging("Text", placed(), [other, owed])
	assert found.chosen is owed and found.kind == FOLLOW_UP
