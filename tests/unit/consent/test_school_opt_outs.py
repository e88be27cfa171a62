"""Opt-outs of one school in the ledger: what is written, and the state that results."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from school_dialer.compliance.vocabulary import CHANNELS, PURPOSES
from school_dialer.consent import state
from school_dialer.consent.events import Event, EventError
from tests.effort import examples
from tests.unit.consent.histories import (
	PHONE,
	blocked,
	days,
	event,
	evidences,
	fold,
	histories,
	on,
	statuses,
)

LINCOLN, WASHINGTON = "School/Lincoln", 'School/O\'Brien: "A|B" & Co.'


def stop(day: int, purpose: str = LINCOLN, source: str = "Keypad", **details) -> Event:
	return event("Opt Out", day, source, scope="this school", purpose=purpose, **details)


def stopped(rows: state.Rows) -> set[tuple[str, str]]:
	return {key for key, row in rows.items() if row.opt_out_scope == "this school"}


@pytest.mark.parametrize("purpose", [LINCOLN, WASHINGTON, "School/" + "x" * 100, "School/学校"])
def test_it_has_rows_of_its_own_and_leaves_all_others(purpose):
	rows = fold(event("Grant", 1, basis="express written"), stop(2, purpose))
	assert statuses(rows) == {"All": "Granted", purpose: "Opted Out"}
	assert stopped(rows) == {("Voice", purpose), ("Text", purpose)}
	assert rows["Voice", "All"].basis == "express written" and not blocked(rows)


@pytest.mark.parametrize(
	"purpose", ["School/", "School", "Lincoln", "", "All", "Fees", "School/" + "x" * 200]
)
def test_an_opt_out_of_no_school_widens(purpose):
	written = stop(1, purpose)
	assert (written.scope, written.purpose) == ("all non-emergency", "All")


@pytest.mark.parametrize("scope", ["this purpose", "all non-emergency", "everything", "nonsense"])
def test_a_school_with_another_scope_stops_all(scope):
	written = event("Opt Out", 1, scope=scope, purpose=LINCOLN)
	assert written.purpose == "All" and written.scope in ("all non-emergency", "everything")


def test_the_person_lifts_one_school_and_no_other_and_no_wider_one():
	rows = fold(
		stop(1), stop(1, WASHINGTON), event("Opt Out", 2), event("Opt In", 3, "Text", purpose=LINCOLN)
	)
	assert stopped(rows) == {("Voice", WASHINGTON), ("Text", WASHINGTON)}
	assert statuses(rows)["All"] == "Opted Out" and statuses(rows)[LINCOLN] == "Opted Out"


def test_start_lifts_the_schools_too():
	assert not stopped(fold(stop(1), stop(1, WASHINGTON), event("Opt In", 3, "Text")))


def test_a_consent_or_one_kind_lifts_no_school():
	for later in (
		event("Grant", 3, "Preference Page", purpose="Fees"),
		event("Opt In", 3, "Text", purpose="Fees"),
		event("Verify", 3),
	):
		assert stopped(fold(stop(1), later)) == {("Voice", LINCOLN), ("Text", LINCOLN)}


def test_lifting_one_kind_of_a_wider_opt_out_keeps_the_school():
	rows = fold(event("Grant", 0), stop(1), event("Opt Out", 2), event("Opt In", 3, "Text", purpose="Fees"))
	assert ("Voice", LINCOLN) in stopped(rows) and not state.opted_out(rows, "Voice", "Fees")


def test_an_answer_to_the_confirmation_narrows_to_the_school():
	rescope = event("Rescope", 3, "Text", scope="this school", purpose=LINCOLN)
	rows = fold(event("Grant", 1), event("Opt Out", 2), rescope)
	assert statuses(rows) == {"All": "Granted", LINCOLN: "Opted Out"}
	with pytest.raises(EventError, match="needs a school"):
		event("Rescope", 3, "Text", scope="this school", purpose="Fees")


@pytest.mark.parametrize("kind", ["Grant", "Verify"])
def test_no_consent_is_of_one_school(kind):
	with pytest.raises(EventError, match="Unknown purpose"):
		event(kind, 1, purpose=LINCOLN)


def test_only_the_person_lifts_it():
	with pytest.raises(EventError, match="Only the person"):
		event("Opt In", 3, "Agent", purpose=LINCOLN)


def test_it_keeps_to_its_channel():
	assert stopped(fold(stop(1, channel="Text"))) == {("Text", LINCOLN)}


@settings(max_examples=examples(500), deadline=None)
@given(
	histories(),
	days,
	evidences.filter(lambda source: source != "Carrier"),
	st.sampled_from((*CHANNELS, "Any")),
	st.sampled_from((LINCOLN, WASHINGTON)),
)
def test_it_always_takes_effect_and_changes_nothing_else(history, day, source, channel, purpose):
	before, written = fold(*history), stop(day, purpose, source, channel=channel)
	after = fold(*history, written)
	assert blocked(after) == blocked(before)
	assert {(each, purpose) for each in written.channels} <= stopped(after)
	others = {key: row for key, row in after.items() if key[1] != purpose}
	assert others == {key: row for key, row in before.items() if key[1] != purpose}


@settings(max_examples=examples(500), deadline=None)
@given(histories(), histories(), days, st.sampled_from((LINCOLN, WASHINGTON)))
def test_only_the_persons_own_word_lifts_it(before, later, day, purpose):
	held = fold(*before, stop(day, purpose))
	rows = fold(*before, stop(day, purpose), *later)
	lifting = any(
		each.kind == "Rescope"
		or (each.by_person and each.purpose == "All" and each.kind in ("Grant", "Opt In"))
		for each in later
	)
	if not lifting:
		assert stopped(held) <= stopped(rows)
	for (channel, each), row in rows.items():
		assert (row.status == "Opted Out") == state.opted_out(rows, channel, each)


@settings(max_examples=examples(300), deadline=None)
@given(histories(), st.sampled_from(PURPOSES))
def test_wider_scopes_are_wider_for_a_school_too(history, purpose):
	for scope in ("all non-emergency", "everything"):
		rows = fold(*history, event("Opt Out", 40, scope=scope))
		assert state.opted_out(rows, "Voice", LINCOLN) and state.opted_out(rows, "Text", WASHINGTON)
	assert list(state.WIDTH) == ["", "this purpose", "this school", "all non-emergency", "everything"]
	assert list(state.WIDTH.values()) == sorted(state.WIDTH.values())
	assert state.covers("this school", LINCOLN, LINCOLN) and not state.covers("this school", LINCOLN, purpose)


def test_its_time_is_when_it_was_said():
	assert fold(stop(4))["Voice", LINCOLN].opted_out_at == on(4) and PHONE == stop(4).phone
