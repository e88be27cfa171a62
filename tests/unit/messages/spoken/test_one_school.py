"""The key and the texts that stop one school of a district. Without one, nothing offers or takes them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.calls.received import echo
from school_dialer.messages import text
from school_dialer.messages.model import Outgoing, Template, Words
from school_dialer.messages.phrases import languages, phrase
from school_dialer.messages.spoken import ivr_state, office_state, question, voice
from school_dialer.messages.spoken.ivr_state import Script, State
from school_dialer.messages.spoken.office_state import OfficeState
from school_dialer.messages.spoken.speaker import sentences
from tests.unit.messages.made import SCHOOL, URL, press
from tests.unit.messages.sample import FIELDS

LINCOLN = 'Lincoln & "Co": O\'Brien School'
CALLS = st.builds(
	lambda asks, **more: Outgoing(
		SCHOOL,
		Template(
			"Test", "Event", (Words("en", voice="The fair is on Friday.", answers=("Yes", "No")),), asks=asks
		),
		{one.name: one.example for one in FIELDS},
		{one.name: one for one in FIELDS},
		"Maria Lopez",
		"en",
		**more,
	),
	asks=st.sampled_from(["", question.REASON]),
	acknowledge=st.booleans(),
	pin=st.booleans(),
	record_reason=st.booleans(),
)
OFFERED = Script(school=True, pin=True, office=True, choices=2)


@given(CALLS, st.sampled_from(sorted(languages())))
def test_the_key_is_said_once_after_the_others_and_stops_the_school(outgoing, language):
	plain = replace(outgoing, language=language)
	offered = replace(plain, only_school=LINCOLN)
	before = sentences(voice.confirmed_twiml(plain, URL).twiml)
	after = sentences(voice.confirmed_twiml(offered, URL).twiml)
	own = phrase("stop_menu_school", language, school=LINCOLN)
	assert [each for each in after if each != own] == before and after.count(own) == 1
	assert after[after.index(own) - 1] == phrase("stop_menu", language)
	move, spoken = press(offered, "*", ivr_state.MESSAGE)
	assert (move.action, move.scope, move.state.stage) == ("opt out", "this school", ivr_state.OVER)
	assert sentences(spoken.twiml) == [phrase("opted_out_school", language, school=LINCOLN)]


@given(CALLS)
def test_without_a_school_the_key_has_no_meaning(outgoing):
	for stage in (ivr_state.MESSAGE, ivr_state.CONFIRM, ivr_state.ANSWERED):
		move, _spoken = press(outgoing, "*", stage)
		assert (move.action, move.scope) == (ivr_state.UNKNOWN, "")
	assert not ivr_state.counts_afterwards(State(ivr_state.CONFIRM), "*", voice.script_of(outgoing))


@pytest.mark.parametrize("stage", ivr_state.STAGES)
@pytest.mark.parametrize("keys", ["*", "**"])
def test_it_works_in_every_stage_and_after_hanging_up(stage, keys):
	move = ivr_state.hear_keys(State(stage, ivr_state.MOST_TURNS), keys, OFFERED)
	assert (move.action, move.scope) == (ivr_state.OPT_OUT, "this school")
	assert ivr_state.counts_afterwards(State(stage), keys, OFFERED)
	assert not ivr_state.is_private(State(stage), keys, OFFERED)


@pytest.mark.parametrize("keys", ["*1234", "*9", "1*", "12*4"])
def test_a_slip_before_a_pin_stops_nothing_and_is_not_kept(keys):
	state = State(ivr_state.PIN)
	move = ivr_state.hear_keys(state, keys, OFFERED, lambda _keys: ivr_state.WRONG)
	assert move.action != ivr_state.OPT_OUT and ivr_state.is_private(state, keys, OFFERED)


@pytest.mark.parametrize("stage", office_state.STAGES)
def test_it_works_on_the_way_to_the_office(stage):
	stops = office_state.stop_keys(True, school=True)
	move = office_state.hear_key(OfficeState(stage, 1), "*", records=True, returns=True, stops=stops)
	assert (move.scope, move.state.stage) == ("this school", office_state.STOPPED)
	assert OfficeState.of(move.state.text) == move.state
	for without in (office_state.stop_keys(True), office_state.stop_keys(False, school=True)):
		move = office_state.hear_key(OfficeState(stage, 1), "*", records=True, returns=True, stops=without)
		assert not move.scope


@pytest.mark.parametrize("language", sorted(languages()))
def test_texts_name_the_school_and_ask(language):
	asked = text.opt_out_confirmation(SCHOOL, language, "all non-emergency", LINCOLN)
	assert asked.startswith(text.opt_out_confirmation(SCHOOL, language))
	assert asked.endswith("\n" + phrase("text_scope_school", language, school=LINCOLN))
	stopped = text.opt_out_confirmation(SCHOOL, language, "this school", LINCOLN)
	assert LINCOLN in stopped and phrase("text_scope_school", language, school=LINCOLN) not in stopped
	assert LINCOLN in text.scope_changed(SCHOOL, "this school", language, LINCOLN)
	for scope in ("this purpose", "everything"):
		assert text.scope_changed(SCHOOL, scope, language, "") == text.scope_changed(SCHOOL, scope, language)
		assert LINCOLN in text.opt_out_confirmation(SCHOOL, language, scope, LINCOLN)


@pytest.mark.parametrize("language", sorted(languages()))
@pytest.mark.parametrize("name", [LINCOLN, "x" * 140, "学校"])
def test_our_own_words_coming_back_are_known(language, name):
	for body in (
		text.opt_out_confirmation(SCHOOL, language, "all non-emergency", name),
		text.opt_out_confirmation(SCHOOL, language, "this school", name),
		text.scope_changed(SCHOOL, "this school", language, name),
	):
		assert echo.without_ours(body, SCHOOL.identity) == ""
		bare = body.removeprefix(f"{SCHOOL.identity}: ")
		assert echo.without_ours(bare, SCHOOL.identity).strip(" \n") == ""
