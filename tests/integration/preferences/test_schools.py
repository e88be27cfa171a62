"""The preference page in a district stops one school, and only that one. With one school it shows none."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import frappe
import pytest

from school_dialer import gate
from school_dialer.base import clock
from school_dialer.base.database.rows import stamp
from school_dialer.consent import ledger
from school_dialer.consent.events import Evidence
from school_dialer.schools import opting_out, registry
from school_dialer.website import words
from tests.integration import districts
from tests.integration.preferences.shown import last_event, states

HOSTILE = 'O\'Brien "A" & Co: &lt;b&gt; Stop:Any:All | {0} %s'


@pytest.fixture
def schools():
	with districts.district("Lincoln", "Washington") as names:
		yield names


def called(phone: str, school: str) -> None:
	values = {"name": frappe.generate_hash(), **stamp(clock.db_now()), "phone": phone, "school": school}
	values |= {
		"direction": "Outbound",
		"channel": "Voice",
		"status": "completed",
		"placed_at": clock.db_now(),
	}
	frappe.db.bulk_insert("Dialer Call Log", list(values), [tuple(values.values())])


def is_open(phone: str, school: str = "", purpose: str = "General") -> bool:
	check = gate.EligibilityCheck("one", phone, None, None, school=school)
	decision = gate.ask(gate.CallContext("Voice", purpose), [check], clock.now())["one"].decision
	return "OPTED_OUT" not in decision.codes


def shown(visitor) -> dict[str, str]:
	"""Return {school: its state} of the schools that the page lists one by one."""
	found = re.findall(
		r'<h3 id="s-\d+">([^<]*)</h3>.*?<span class="state">. ([^<]+)<', visitor.html, re.DOTALL
	)
	return {unescape(name): state for name, state in found}


def offered(visitor) -> set[str]:
	return {unescape(name) for name in re.findall(r'<option value="[^"]+">([^<]*)</option>', visitor.html)}


def act(school: str, action: str = "stop-school") -> str:
	return f"{action}:Any:{opting_out.purpose_of(school)}"


def test_it_lists_who_called_and_offers_the_others(visitor, phone, link, schools):
	lincoln, washington = schools
	called(phone, lincoln)
	visitor.get(t=link)
	assert shown(visitor) == {lincoln: "On"}
	assert washington in offered(visitor) and lincoln not in offered(visitor)
	assert words.say("schools_note", "en") in visitor.text


def test_one_tap_stops_one_school_and_another_starts_it_again(visitor, phone, link, schools):
	lincoln, washington = schools
	called(phone, lincoln)
	visitor.press(link, act(lincoln))
	assert f"You won't get calls or texts from {lincoln} any more, except in an emergency." in visitor.text
	assert shown(visitor) == {lincoln: "Stopped"} and states(visitor)["Attendance", "Phone calls"] == "On"
	assert [is_open(phone, each) for each in (lincoln, washington, "")] == [False, True, True]
	assert is_open(phone, lincoln, "Emergency")
	event = last_event(phone)
	assert (event.kind, event.scope, event.school) == ("Opt Out", "this school", lincoln)
	assert event.wording.endswith(f"[Stop calls and texts from {lincoln}]") and event.ip == visitor.ip
	visitor.get(t=link, on=act(lincoln, "start-school"))
	assert f"I agree that {lincoln} may again call and text me" in visitor.text
	visitor.press(link, act(lincoln, "start-school"))
	assert "Turned on." in visitor.text and shown(visitor) == {lincoln: "On"} and is_open(phone, lincoln)
	assert lincoln in last_event(phone).wording


def test_a_school_from_the_list_is_stopped_before_it_ever_calls(visitor, phone, link, schools):
	_lincoln, washington = schools
	visitor.press(link, "stop-school", school=opting_out.purpose_of(washington))
	assert shown(visitor) == {washington: "Stopped"} and not is_open(phone, washington) and is_open(phone)


def test_start_again_starts_the_schools_too(visitor, phone, link, schools):
	visitor.press(link, act(schools[0]))
	visitor.press(link, "start-all:Any:All")
	assert is_open(phone, schools[0]) and last_event(phone).kind == "Opt In"


def test_with_all_stopped_no_school_is_said_to_be_on(visitor, phone, link, schools):
	called(phone, schools[0])
	visitor.press(link, act(schools[1]))
	visitor.press(link, "stop:Any:All")
	assert set(shown(visitor).values()) == {"Stopped"} and "start-school" not in visitor.html


def test_a_page_left_open_stops_but_does_not_start_a_school(visitor, phone, link, schools):
	lincoln, _washington = schools
	visitor.get(t=link)
	old = re.search(r'name="seen" value="([^"]*)"', visitor.html)[1]
	ledger.opt_out(phone, scope="this school", school=lincoln, evidence=Evidence("Keypad"))
	visitor.post(t=link, act=act(lincoln, "start-school"), seen=old)
	assert not is_open(phone, lincoln)
	visitor.post(t=link, act=act(schools[1]), seen=old)
	assert not is_open(phone, schools[1])


@pytest.mark.parametrize(
	"forged",
	[
		"stop-school",
		"stop-school:Any",
		"stop-school:Any:",
		"stop-school:Any:All",
		"stop-school:Any:School/",
		"stop-school:Any:School/No Such School",
		"stop-school:Voice:School/No Such School",
		"start-school:Any:All",
		"start-school:Any:School/../Lincoln",
		"stop:Any:School/No Such School",
		"start:Voice:School/No Such School",
	],
)
def test_a_forged_choice_changes_nothing(visitor, phone, link, schools, forged):
	before = last_event(phone).name
	visitor.press(link, forged, school="School/' or 1=1 --")
	assert last_event(phone).name == before and "have changed" in visitor.text


@pytest.mark.parametrize("name", [HOSTILE, "x" * 140])
def test_any_name_is_text_and_works(visitor, phone, link, schools, name):
	own = districts.school(name, exact=True).name
	called(phone, own)
	visitor.get(t=link)
	assert name not in visitor.html or name.isalpha()
	assert list(shown(visitor)) == [own]
	(value,) = [unescape(one) for one in re.findall(r'value="(stop-school:Any:[^"]*)"', visitor.html)]
	visitor.press(link, value)
	assert shown(visitor) == {own: "Stopped"} and not is_open(phone, own) and is_open(phone)
	(link_again,) = re.findall(r'href="([^"]*start-school[^"]*)"', visitor.html)
	wanted = parse_qs(urlsplit(unescape(link_again)).query)["on"][0]
	visitor.get(t=link, on=wanted)
	assert name not in visitor.html or name.isalpha()
	visitor.press(link, wanted)
	assert is_open(phone, own)


@pytest.mark.parametrize("language", list(words.tables()))
def test_every_language_says_it(visitor, phone, link, schools, language):
	called(phone, schools[0])
	visitor.get(t=link, lang=language)
	for key in ("schools_heading", "schools_note", "schools_other", "schools_stop"):
		assert words.say(key, language) in unescape(visitor.html)
	visitor.press(link, act(schools[0]), lang=language)
	assert words.say("done_stop_school", language, school=schools[0]) in visitor.text


def test_with_one_school_there_is_nothing_new(visitor, phone, link):
	called(phone, next(iter(registry.schools()), None))
	visitor.get(t=link)
	assert not registry.is_district() and "chool/" not in visitor.html
	for new in ("schools", "stop-school", "start-school", "<select"):
		assert new not in visitor.html
	before = last_event(phone).name
	for name in registry.schools():
		visitor.press(link, act(name))
	assert last_event(phone).name == before
