"""What look-ups say of the line: rules/line.py."""

from dataclasses import replace

from hypothesis import given, settings

from school_dialer.compliance import decide, policies, record_of, replay
from tests.effort import examples
from tests.unit.compliance import strategies
from tests.unit.compliance.cases import APPROVED, GIVEN, judge, request

often = settings(max_examples=examples(200), deadline=None)


def codes(what, *consents, **facts):
	return judge(what, *consents, **facts).codes


def test_a_number_that_changed_hands_is_not_called():
	assert codes(request(), GIVEN) == ()
	assert codes(request(), GIVEN, reassigned=True) == ("NUMBER_REASSIGNED",)
	assert codes(request(channel="Text"), GIVEN, reassigned=True) == ("NUMBER_REASSIGNED",)


def test_a_person_does_not_call_it_either():
	assert codes(replace(request(), manual=True), reassigned=True) == ("NUMBER_REASSIGNED",)


def test_an_emergency_goes_through_unless_it_is_about_records():
	fire = replace(request(purpose="Emergency", emergency=APPROVED), about_records=False)
	assert codes(fire, reassigned=True) == ()
	assert codes(replace(fire, about_records=True), reassigned=True) == ("NUMBER_REASSIGNED",)
	assert codes(replace(fire, about_records=None), reassigned=True) == ("NUMBER_REASSIGNED",)


def test_a_line_without_texts_is_called_and_not_texted():
	assert codes(request(), GIVEN, no_texts=True) == ()
	assert codes(request(channel="Text"), GIVEN, no_texts=True) == ("NO_TEXTS",)
	fire = replace(request(purpose="Emergency", emergency=APPROVED, channel="Text"), about_records=False)
	assert codes(fire, no_texts=True) == ("NO_TEXTS",)


@often
@given(strategies.requests, strategies.facts, strategies.times)
def test_a_look_up_never_permits_anything(what, facts, when):
	policy = policies.for_request(what)
	usual = set(decide(what, replace(facts, reassigned=False, no_texts=False), policy, when).codes)
	found = decide(what, replace(facts, reassigned=True, no_texts=True), policy, when)
	assert usual <= set(found.codes) and set(found.codes) - usual <= {"NUMBER_REASSIGNED", "NO_TEXTS"}


def test_the_record_says_so_and_is_silent_otherwise():
	decision = judge(request(channel="Text"), GIVEN, reassigned=True, no_texts=True)
	record = record_of(decision)
	assert record["facts"]["reassigned"] is True and record["facts"]["no_texts"] is True
	assert replay(record) == decision
	plain = record_of(judge(request(), GIVEN))
	assert "reassigned" not in plain["facts"] and "no_texts" not in plain["facts"]
