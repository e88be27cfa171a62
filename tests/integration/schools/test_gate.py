"""A school calls about its own students alone, within the law's hours and its own."""

import json
from datetime import datetime, timedelta, timezone

import frappe
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from school_dialer import gate
from school_dialer.audience.base import source_of
from school_dialer.base import clock
from school_dialer.campaigns.planning import planner, recipients
from school_dialer.consent import ledger
from school_dialer.schools import registry, scope
from tests.effort import examples
from tests.integration import factories as make
from tests.integration.schools.families import District

pytestmark = pytest.mark.dates


def coming_wednesday() -> datetime:
	"""Return noon, or one o'clock in summer, in Chicago, on a day after every consent that a test records."""
	now = datetime.now(timezone.utc)
	return (now + timedelta(days=7 + (2 - now.weekday()) % 7)).replace(hour=18, minute=0)


NOON = coming_wednesday()
EVENING = NOON + timedelta(hours=4)
OF_ITS_OWN = "Each family's school"


def planned(campaign) -> dict[str, list[str]]:
	"""Return {guardian: students}, without the district's tag, of those who are not blocked."""
	found = {}
	for option in planner.preview(campaign):
		if option.answer.decision.verdict != "BLOCK":
			students = [one.partition("-")[2] for one in option.answer.students]
			found[option.candidate.person.partition("-")[2]] = sorted(students)
	return found


@pytest.fixture
def families(district, three) -> District:
	oak, elm, river = three
	district.family("one", {"ann": (oak, "2015-01-01")})
	district.family("two", {"ben": (oak, "2014-01-01"), "bea": (elm, "2010-01-01")})
	district.family("three", {"cal": (river, "2006-01-01")})
	district.family("four", {"dan": (None, "2011-01-01")})
	district.opens()
	return district


def test_a_schools_campaign_calls_about_its_own_students(families, three):
	oak, elm, river = three
	assert planned(families.campaign(school=oak)) == {"one": ["ann"], "two": ["ben"]}
	assert planned(families.campaign(school=elm)) == {"two": ["bea"]}
	assert planned(families.campaign(school=river)) == {"three": ["cal"]}


def test_the_district_calls_each_household_once_about_all(families, three):
	everyone = {"one": ["ann"], "two": ["bea", "ben"], "three": ["cal"], "four": ["dan"]}
	assert planned(families.campaign()) == everyone
	some = families.campaign(schools=scope.as_json([three[0], three[2]]))
	assert planned(some) == {"one": ["ann"], "two": ["ben"], "three": ["cal"]}


def test_a_choice_that_cannot_be_read_reaches_no_one(families):
	doc = families.campaign()
	for broken in ('{"all": 1}', "[1]", "[", '[""]'):
		doc.schools = broken
		assert planned(doc) == {}


def test_a_site_with_one_school_calls_everyone_and_reads_no_school(families, three):
	doc = families.campaign(school=three[0])
	for other in three[1:]:
		frappe.db.set_value(registry.DOCTYPE, other, "enabled", 0)
	registry.forget()
	assert planned(doc) == planned(families.campaign()) and len(planned(doc)) == 4


def test_a_school_that_is_not_in_use_is_not_widened_to_the_district(families, three):
	doc = families.campaign(school=three[0])
	for other in three[:2]:
		frappe.db.set_value(registry.DOCTYPE, other, "enabled", 0)
	registry.forget()
	assert planned(doc) == {"one": ["ann"], "two": ["ben"]}
	with pytest.raises(frappe.ValidationError, match="not a school in use"):
		scope.refuse_unused(doc)


def ask(campaign, families, guardian: str, children: list[str], at=NOON) -> gate.EligibilityResult:
	check = gate.EligibilityCheck(
		"one",
		families.phones[guardian],
		"Guardian",
		families.name(guardian),
		tuple(map(families.name, children)),
	)
	return gate.ask(gate.CallContext.of(campaign), [check], at)["one"]


def test_a_student_who_changed_schools_is_not_called_about_by_the_old_one(families, three):
	oak, elm, _river = three
	doc = families.campaign(school=oak)
	assert ask(doc, families, "one", ["ann"]).decision.allowed
	frappe.db.set_value("Student", families.name("ann"), "dialer_school", elm)
	now = ask(doc, families, "one", ["ann"]).decision
	assert (now.verdict, now.codes) == ("BLOCK", ("OTHER_SCHOOL",))
	frappe.db.set_value("Student", families.name("ben"), "dialer_school", elm)
	assert ask(doc, families, "two", ["ben"]).decision.codes == ("OTHER_SCHOOL",)


def test_an_emergency_of_a_school_is_its_own_too(families, three):
	doc = families.campaign(
		school=three[0], purpose="Emergency", emergency_type="Fire", emergency_reason="Fire in the gym"
	)
	doc.requested_by, doc.approved_by = "a@school.example", "b@school.example"
	assert ask(doc, families, "one", ["ann"]).decision.allowed
	assert ask(doc, families, "three", ["cal"]).decision.codes == ("OTHER_SCHOOL",)


def test_its_hours_and_days_narrow_the_districts(families, three):
	doc = families.campaign(school=three[0])
	assert ask(doc, families, "one", ["ann"]).decision.allowed
	late = ask(doc, families, "one", ["ann"], EVENING).decision
	assert late.codes == ("OUTSIDE_CALLING_HOURS",) and late.verdict == "DEFER"
	assert ask(families.campaign(), families, "one", ["ann"], EVENING).decision.allowed
	day = frappe.get_doc(registry.DOCTYPE, three[0])
	day.append("holidays", {"date": NOON.date(), "description": "Founders' day"})
	day.save()
	assert "HOLIDAY" in ask(doc, families, "one", ["ann"]).decision.codes
	assert ask(families.campaign(school=three[1]), families, "two", ["bea"]).decision.allowed


def test_the_youngest_childs_school_speaks(families, three):
	oak, elm, river = three
	doc = families.campaign(said_by=OF_ITS_OWN)
	assert ask(doc, families, "two", ["ben", "bea"]).school == oak
	assert ask(doc, families, "three", ["cal"]).school == river
	assert ask(doc, families, "four", ["dan"]).school == ""
	frappe.db.set_value("Student", families.name("bea"), "date_of_birth", "2016-01-01")
	assert ask(doc, families, "two", ["ben", "bea"]).school == elm
	frappe.db.set_value("Student", families.name("ben"), "date_of_birth", "2016-01-01")
	assert ask(doc, families, "two", ["ben", "bea"]).school == elm, "of equals the first by name"
	assert ask(families.campaign(), families, "two", ["ben", "bea"]).school == ""
	assert ask(families.campaign(school=oak), families, "two", ["ben"]).school == oak


def test_a_colleges_student_speaks_for_themselves(families, three):
	academic = {"purpose": "Academic", "template": make.template("Academic")}
	assert (
		"RESTRICTED_CONTACT"
		in ask(families.campaign(school=three[2], **academic), families, "three", ["cal"]).decision.codes
	)
	assert ask(families.campaign(school=three[0], **academic), families, "one", ["ann"]).decision.allowed


def test_people_of_their_own_record(three):
	oak, elm, _river = three
	phone = make.phone("312")
	make.consent(phone)
	contact = frappe.get_doc(
		{"doctype": "Contact", "first_name": "Pat", "dialer_school": oak, "mobile_no": phone}
	).insert()
	check = gate.EligibilityCheck("one", phone, "Contact", contact.name)
	for name, codes in ((oak, ()), (elm, ("OTHER_SCHOOL",))):
		doc = make.campaign([phone], school=name)
		assert gate.ask(gate.CallContext.of(doc), [check], NOON)["one"].decision.codes == codes
	listed = gate.EligibilityCheck("one", phone, "File", "any")
	assert gate.ask(gate.CallContext.of(doc), [listed], NOON)["one"].decision.allowed


def test_frequency_and_opt_outs_are_the_familys_across_schools(families, three):
	oak, elm, _river = three
	ledger.opt_out(
		families.phones["two"], scope="all non-emergency", evidence=make.evidence("Text"), received_at=NOON
	)
	for name, child in ((oak, "ben"), (elm, "bea")):
		assert "OPTED_OUT" in ask(families.campaign(school=name), families, "two", [child]).decision.codes


def test_rows_say_in_whose_name(families, three, monkeypatch):
	doc = families.campaign(said_by=OF_ITS_OWN)
	recipients.add_candidates(doc, planner.preview(doc))
	rows = make.recipients(doc.name, "phone", "school", "students")
	schools = {row.phone: row.school for row in rows}
	assert schools[families.phones["two"]] == three[0] and schools[families.phones["three"]] == three[2]
	assert schools[families.phones["four"]] is None


def test_a_family_whose_language_is_not_known_hears_that_of_the_school_that_calls(families, three):
	oak, elm, _river = three
	own = frappe.get_cached_doc("Dialer Settings").default_language
	of_elm = families.campaign(school=elm)
	recipients.add_candidates(of_elm, planner.preview(of_elm))
	(row,) = make.recipients(of_elm.name, "name", "language")
	assert row.language == "es" and {line.language for line in make.lines(row.name)} == {"es"}
	of_oak = families.campaign(school=oak)
	recipients.add_candidates(of_oak, planner.preview(of_oak))
	assert {row.language for row in make.recipients(of_oak.name, "language")} == {own}
	frappe.db.set_value("Guardian", families.name("two"), "dialer_language", "en")
	assert {one.line.language for one in planner.preview(families.campaign(school=elm))} == {"en"}


def test_a_second_parent_of_the_same_number_joins_in_the_youngest_childs_name(district, three):
	_oak, elm, river = three
	district.family("ma", {"old": (river, "2008-01-01")})
	district.family("pa", {"young": (elm, "2018-01-01")})
	district.phones["pa"] = district.phones["ma"]
	district.opens()
	doc = district.campaign(said_by=OF_ITS_OWN)
	found = planner.preview(doc)
	recipients.add_candidates(doc, found)
	(row,) = make.recipients(doc.name, "school", "students")
	assert row.school == elm and len(json.loads(row.students)) == 2


@pytest.mark.parametrize("first", ["old", "young"])
def test_siblings_share_a_call_when_one_school_is_closed(district, three, first):
	"""One guardian for each student: each sibling is looked at alone, and the household is called once."""
	oak, _elm, river = three
	day = frappe.get_doc(registry.DOCTYPE, oak)
	day.append("holidays", {"date": clock.db_now().date(), "description": "Closed"})
	day.append("holidays", {"date": clock.now().date(), "description": "Closed"})
	day.save()
	schools = {"old": river, "young": oak} if first == "old" else {"old": oak, "young": river}
	born = {"old": "2008-01-01", "young": "2018-01-01"}
	district.family("ma", {child: (schools[child], born[child]) for child in born})
	district.opens()
	doc = district.campaign(said_by=OF_ITS_OWN, reach="One guardian of each student")
	(option,) = planner.preview(doc)
	assert len(option.answer.students) == 2
	for chunk in ([0], [1]):
		households, _end = source_of(doc).eligible_households("", 10)
		recipients.add_candidates(doc, planner.decide(doc, [households[place] for place in chunk]))
	(row,) = make.recipients(doc.name, "school", "students", "status")
	assert len(json.loads(row.students)) == 2 and row.school == schools["young"]


def test_as_many_queries_for_few_as_for_many_and_for_many_schools(district, three, queries):
	for index in range(12):
		district.family(f"g{index}", {f"c{index}": (three[index % 3], "2012-01-01")})
	district.opens()
	doc = district.campaign(said_by=OF_ITS_OWN)
	households, _end = source_of(doc).eligible_households("", 100)
	planner.decide(doc, households[:1])
	few = queries(lambda: planner.decide(doc, households[:1]))
	many = queries(lambda: planner.decide(doc, households))
	assert len(households) == 12 and few == many


@pytest.mark.exhaustive
@settings(
	max_examples=examples(15),
	deadline=None,
	suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
	st.lists(st.lists(st.sampled_from([0, 1, 2, None]), min_size=1, max_size=3), min_size=1, max_size=5),
	st.integers(0, 2),
	st.integers(0, 23),
)
def test_no_school_calls_about_anothers_child(three, families, which, hour):
	place = District()
	for index, children in enumerate(families):
		place.family(
			f"g{index}",
			{
				f"c{index}{at}": (None if one is None else three[one], "2012-01-01")
				for at, one in enumerate(children)
			},
		)
	place.opens()
	own = {
		place.name(f"c{index}{at}")
		for index, children in enumerate(families)
		for at, one in enumerate(children)
		if one == which
	}
	doc, wide = place.campaign(school=three[which]), place.campaign()
	called = [one for one in planner.preview(doc) if one.answer.decision.verdict != "BLOCK"]
	assert {student for one in called for student in one.answer.students} == own
	when = NOON.replace(hour=hour)
	checks = [
		gate.EligibilityCheck(str(at), one.phone, "Guardian", one.candidate.person, one.answer.students)
		for at, one in enumerate(called)
	]
	narrow = gate.ask(gate.CallContext.of(doc), checks, when)
	plain = gate.ask(gate.CallContext.of(wide), checks, when)
	for key, answer in narrow.items():
		assert plain[key].decision.allowed or not answer.decision.allowed
