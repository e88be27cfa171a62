"""The menu of who calls the school: every caller gets out, and no one hears what is not for everyone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dev.carrier.twiml import parse
from school_dialer.messages.phrases import languages, phrase
from school_dialer.messages.spoken import menu, menu_state
from school_dialer.messages.spoken.ivr_state import State
from school_dialer.messages.spoken.menu_state import (
	ABSENCE,
	ASK,
	HEARD,
	MENU,
	MOST_TURNS,
	OFFICE,
	OVER,
	STOPPED,
	UNKNOWN,
	Offers,
)
from school_dialer.messages.spoken.speaker import sentences
from tests.unit.messages.spoken.twiml_schema import check

URL = "https://school.example/api/method/inbound_keypress?turn=1"
OFFERS = st.builds(Offers, st.booleans(), st.booleans(), st.booleans(), st.booleans())
ALL = Offers(last=True, absence=True, office=True)


@given(OFFERS, st.lists(st.text("0123456789*#", max_size=2), max_size=40))
def test_every_caller_is_out_after_some_keys_and_gets_only_what_is_offered(offers, keys):
	state = State(MENU)
	for digits in keys:
		before, state = state, menu_state.hear_key(state, digits, offers)
		assert state.turn == before.turn + 1
		assert (state.stage == STOPPED) == (before.stage == STOPPED or (digits[:1] == "9" and offers.stop))
		assert state.stage != HEARD or offers.last
		assert state.stage != ABSENCE or offers.absence
		assert state.stage != OFFICE or offers.office
		assert state.stage in (STOPPED, OVER) or state.turn < MOST_TURNS


@given(st.sampled_from(menu_state.STAGES), st.integers(0, 50), OFFERS)
def test_nine_stops_in_every_stage(stage, turn, offers):
	following = menu_state.hear_key(State(stage, turn), "9", replace(offers, stop=True))
	assert following.stage == STOPPED


def test_nine_asks_for_a_hidden_number(school):
	hidden = Offers(stop=False, asks=True)
	state = menu_state.hear_key(State(MENU), "9", hidden)
	assert state.stage == ASK
	for digits in ("", "9", "12"):
		state = menu_state.hear_key(state, digits, hidden)
		assert state.stage == ASK
	said = sentences(menu.menu_twiml(school, "en", MENU, hidden, URL))
	assert phrase("inbound_stop", "en") in said
	xml = menu.menu_twiml(school, "en", ASK, hidden, URL)
	assert sentences(xml)[0] == phrase("menu_number", "en") and 'numDigits="15"' in xml
	for _ in range(MOST_TURNS):
		state = menu_state.hear_key(state, "", hidden)
	assert state.stage == OVER


@pytest.mark.parametrize(
	"key, stage",
	[
		("1", HEARD),
		("2", ABSENCE),
		("0", OFFICE),
		("6", OFFICE),
		("9", STOPPED),
		("5", UNKNOWN),
		("", UNKNOWN),
	],
)
def test_each_key_has_one_meaning(key, stage):
	assert menu_state.hear_key(State(MENU), key, ALL).stage == stage


@given(
	st.sampled_from(sorted(languages())),
	st.sampled_from((MENU, HEARD, UNKNOWN, ASK)),
	OFFERS,
	st.sampled_from([None, ("School is closed tomorrow.", "en")]),
)
def test_the_menu_is_a_document_that_the_carrier_follows(school, language, stage, offers, last):
	xml = menu.menu_twiml(school, language, stage, offers, URL, last)
	check(xml)
	assert parse(xml).warnings == ()


def test_the_menu_says_what_is_offered_and_nothing_else(school):
	said = sentences(menu.menu_twiml(school, "es", MENU, Offers(office=True), URL))
	assert said[:2] == [phrase("inbound", "es", identity=school.identity), phrase("inbound_stop", "es")]
	assert phrase("menu_office", "es") in said
	assert phrase("menu_last", "es") not in said and phrase("menu_absence", "es") not in said


def test_the_schools_own_number_is_not_listened_to(school):
	xml = menu.menu_twiml(school, "", MENU, Offers(stop=False), "")
	assert "<Gather" not in xml and xml.endswith("<Hangup /></Response>")


@pytest.mark.parametrize(
	"voicemail, given",
	[
		("School is closed tomorrow.", "School is closed tomorrow."),
		("Call {{ school_name }}.", "Call Riverside School."),
		("{{ recipient_name }}, please call us.", None),
		("", None),
	],
)
def test_only_words_that_are_the_same_for_everyone_are_given(outgoing, voicemail, given):
	made = outgoing({"en": {"voice": "{{ recipient_name }}, come on Thursday.", "voicemail": voicemail}})
	found = menu.generic_words(made)
	assert (found and found[0]) == given
