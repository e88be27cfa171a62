"""The state that results from a history of consent events."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from school_dialer.compliance.vocabulary import BASES, CHANNELS, PURPOSES, SCOPES
from school_dialer.consent import providers, state
from school_dialer.consent.events import SOURCES, Event, EventError
from tests.effort import examples
from tests.unit.consent.histories import blocked, days, event, evidences, fold, histories, on, statuses


def test_a_grant_counts_on_both_channels_for_all_purposes():
	rows = fold(event("Grant", 1))
	assert {key: row.status for key, row in rows.items()} == {
		("Voice", "All"): "Granted",
		("Text", "All"): "Granted",
	}
	row = rows["Voice", "All"]
	assert (row.basis, row.granted_at, row.last_verified_at) == ("number provided", on(1), on(1))
	assert (row.source, row.wording, row.last_event) == ("Agent", "words", "event0")


def test_a_stop_covers_every_row_but_emergencies():
	rows = fold(
		event("Grant", 1),
		event("Grant", 1, purpose="Fees"),
		event("Grant", 1, purpose="Emergency"),
		event("Opt Out", 2),
	)
	assert statuses(rows) == {"All": "Opted Out", "Emergency": "Granted", "Fees": "Opted Out"}
	rows = fold(event("Grant", 1, purpose="Emergency"), event("Opt Out", 2, scope="everything"))
	assert statuses(rows) == {"All": "Opted Out", "Emergency": "Opted Out"}


def test_stopping_one_purpose_leaves_the_others():
	rows = fold(event("Grant", 1), event("Opt Out", 2, scope="this purpose", purpose="Event"))
	assert statuses(rows) == {"All": "Granted", "Event": "Opted Out"}


def test_stopping_texts_leaves_calls():
	rows = fold(event("Grant", 1), event("Opt Out", 2, channel="Text"))
	assert statuses(rows, "Voice") == {"All": "Granted"} and statuses(rows, "Text") == {"All": "Opted Out"}


def test_a_stop_that_is_recorded_late_leaves_what_was_turned_on_since():
	stop = event("Opt Out", 2)
	every = {(channel, one) for channel in CHANNELS for one in PURPOSES if one != "Emergency"}
	assert state.holding([stop], []) == every
	grant = event("Grant", 3, source="Text", channel="Voice", purpose="Fees", basis="express oral")
	assert state.holding([stop], [grant]) == every - {("Voice", "Fees")}
	assert state.holding([stop], [replace(grant, evidence=stop.evidence)]) == every
	assert state.holding([stop], [event("Opt In", 3, source="Text")]) == set()
	assert state.holding([], []) == set()


@pytest.mark.parametrize("source", sorted(set(SOURCES) - {"Text", "Preference Page", "Signed Form"}))
def test_no_one_elses_grant_lifts_an_opt_out(source):
	before = fold(event("Grant", 1), event("Opt Out", 2))
	assert fold(event("Grant", 1), event("Opt Out", 2), event("Grant", 3, source)) == before


@pytest.mark.parametrize("source", ["Text", "Preference Page", "Signed Form"])
def test_the_persons_own_grant_lifts_it(source):
	rows = fold(event("Opt Out", 2, scope="everything"), event("Grant", 3, source))
	assert statuses(rows) == {"All": "Granted"}


def test_the_persons_grant_for_one_purpose_leaves_the_rest_opted_out():
	rows = fold(event("Opt Out", 2), event("Grant", 3, "Signed Form", purpose="Event"))
	assert statuses(rows) == dict.fromkeys(sorted(set(PURPOSES) - {"Emergency"}), "Opted Out") | {
		"All": "No Consent",
		"Event": "Granted",
	}


def test_what_was_said_later_wins_even_when_it_is_recorded_earlier():
	for later in (event("Grant", 1, "Signed Form"), event("Opt In", 1, "Preference Page")):
		assert statuses(fold(event("Grant", 0), event("Opt Out", 2), later))["All"] == "Opted Out"


def test_contradictory_events_of_one_moment_resolve_to_the_stricter():
	grant, stop = event("Grant", 1, "Signed Form"), event("Opt Out", 1)
	for order in ((grant, stop), (stop, grant)):
		assert statuses(fold(*order)) == {"All": "Opted Out"}


def test_start_revives_what_was_agreed_but_not_in_writing():
	rows = fold(event("Grant", 1, basis="express written"), event("Opt Out", 2), event("Opt In", 3, "Text"))
	assert statuses(rows) == {"All": "Granted"}
	assert rows["Voice", "All"].basis == "express oral"
	assert statuses(fold(event("Opt Out", 2), event("Opt In", 3, "Text"))) == {"All": "No Consent"}


def test_opting_in_to_one_purpose_splits_a_wider_opt_out():
	rows = fold(
		event("Grant", 1), event("Opt Out", 2), event("Opt In", 3, "Preference Page", purpose="Event")
	)
	assert not state.opted_out(rows, "Voice", "Event")
	for purpose in set(PURPOSES) - {"Event", "Emergency"}:
		assert state.opted_out(rows, "Voice", purpose)


def test_the_answer_to_the_confirmation_narrows_an_opt_out():
	narrowed = event("Rescope", 3, "Text", scope="this purpose", purpose="Event")
	rows = fold(event("Grant", 1), event("Opt Out", 2), narrowed)
	assert statuses(rows) == {"All": "Granted", "Event": "Opted Out"}
	with pytest.raises(EventError, match="Only the person"):
		event("Rescope", 3, "Agent")


def only(day: int, purpose: str, kind: str = "Rescope") -> Event:
	return event(kind, day, "Text", scope="this purpose", purpose=purpose)


def test_an_answer_narrows_the_stop_that_it_answers_and_no_earlier_one():
	fees, stop, again = only(2, "Fees", "Opt Out"), event("Opt Out", 3, "Text"), event("Opt Out", 5, "Text")
	rows = fold(event("Grant", 1), fees, stop, only(4, "Event"))
	assert statuses(rows) == {"All": "Granted", "Event": "Opted Out", "Fees": "Opted Out"}
	rows = fold(event("Grant", 1), stop, only(4, "Event"), again, only(6, "Academic"))
	assert statuses(rows) == {"All": "Granted", "Academic": "Opted Out", "Event": "Opted Out"}


def test_an_answer_replaces_the_one_before_it():
	fees, stop = only(2, "Fees", "Opt Out"), event("Opt Out", 3, "Text")
	all_again = event("Rescope", 5, "Text")
	rows = fold(event("Grant", 1), fees, stop, only(4, "Event"), only(5, "Academic"))
	assert statuses(rows) == {
		"All": "Granted",
		"Academic": "Opted Out",
		"Event": "No Consent",
		"Fees": "Opted Out",
	}
	rows = fold(event("Grant", 1), fees, stop, only(4, "Event"), all_again, only(6, "Academic"))
	assert state.opted_out(rows, "Voice", "Fees") and not state.opted_out(rows, "Voice", "General")


def test_a_wrong_number_ends_every_consent():
	rows = fold(
		event("Grant", 1, basis="express written"),
		event("Grant", 1, purpose="Fees"),
		event("Wrong Number", 2),
	)
	assert set(statuses(rows).values()) == {"Opted Out"}
	assert all(row.basis == "" and row.person == "" for row in rows.values())
	signed = event("Opt In", 3, "Signed Form")
	assert statuses(fold(event("Grant", 1), event("Wrong Number", 2), signed))["All"] == "No Consent"


def test_the_carriers_list_blocks_texts_until_start():
	rows = fold(event("Grant", 1), event("Opt Out", 2, "Carrier"))
	assert rows["Text", "All"].carrier_blocked and not rows["Voice", "All"].carrier_blocked
	assert fold(event("Opt Out", 2, "Carrier"), event("Opt In", 3, "Preference Page"))[
		"Text", "All"
	].carrier_blocked
	assert not fold(event("Opt Out", 2, "Carrier"), event("Opt In", 3, "Text"))["Text", "All"].carrier_blocked


def test_a_weaker_grant_verifies_a_stronger_one_and_does_not_replace_it():
	rows = fold(event("Grant", 1, basis="express written"), event("Grant", 9))
	row = rows["Voice", "All"]
	assert (row.basis, row.granted_at, row.last_verified_at) == ("express written", on(1), on(9))


def test_expiry_and_verification():
	granted = event("Grant", 1, expires_at=on(5))
	assert statuses(fold(granted, event("Expire", 6, "System"))) == {"All": "Expired"}
	assert statuses(fold(granted, event("Expire", 4, "System"))) == {"All": "Granted"}
	assert statuses(fold(granted, event("Expire", 6, "System"), event("Grant", 7))) == {"All": "Granted"}
	assert fold(granted, event("Verify", 3))["Voice", "All"].last_verified_at == on(3)


def unconfirmed(*events) -> int:
	return fold(*events)["Voice", "All"].unconfirmed_days


@pytest.mark.parametrize("source", sorted(set(SOURCES) - state.OWN_ACTS))
def test_the_word_of_others_keeps_how_long_the_person_was_silent(source):
	granted, by_staff = event("Grant", 1), event("Verify", 801, source)
	assert fold(granted, by_staff)["Voice", "All"].last_verified_at == on(801)
	assert unconfirmed(granted, by_staff) == 800
	assert unconfirmed(granted, by_staff, event("Verify", 810, source)) == 800
	assert unconfirmed(granted, event("Verify", 401, source), by_staff) == 400


@pytest.mark.parametrize("source", sorted(state.OWN_ACTS))
def test_the_persons_own_act_renews(source):
	silent = (event("Grant", 1), event("Verify", 801))
	assert unconfirmed(*silent, event("Verify", 802, source)) == 0
	assert unconfirmed(event("Grant", 1), event("Verify", 801, source)) == 0
	assert unconfirmed(*silent, event("Grant", 802, source)) == 0
	assert unconfirmed(*silent, event("Grant", 802, source, basis="express written")) == 0
	assert unconfirmed(*silent, event("Wrong Number", 802), event("Grant", 803, source)) == 0


def test_an_act_that_is_recorded_late_counts_for_its_own_time():
	silent = (event("Grant", 1), event("Verify", 801))
	assert unconfirmed(*silent, event("Verify", 701, "Text")) == 100
	assert unconfirmed(*silent, event("Grant", 701, basis="express written")) == 100
	assert unconfirmed(event("Grant", 1), event("Verify", 41), event("Verify", 2, "Text")) == 39


def test_only_what_changed_is_reported():
	rows = fold(event("Grant", 1), event("Grant", 1, purpose="Fees"))
	assert state.apply(
		rows, event("Opt Out", 2, scope="this purpose", purpose="Fees", channel="Text"), "x"
	) == {("Text", "Fees")}
	assert state.apply(rows, event("Grant", 3, purpose="Fees", channel="Text"), "y") == set()


@settings(max_examples=examples(500), deadline=None)
@given(
	histories(),
	days,
	evidences,
	st.sampled_from(SCOPES),
	st.sampled_from(PURPOSES),
	st.sampled_from((*CHANNELS, "Any")),
)
def test_an_opt_out_always_takes_effect_and_never_opens_anything(
	history, day, source, scope, purpose, channel
):
	before = blocked(fold(*history))
	stop = event("Opt Out", day, source, scope=scope, purpose=purpose, channel=channel)
	after = blocked(fold(*history, stop))
	meant = {(c, p) for c in stop.channels for p in PURPOSES if state.covers(stop.scope, stop.purpose, p)}
	assert after == before | meant


@settings(max_examples=examples(500), deadline=None)
@given(histories(), days, evidences, st.sampled_from((*PURPOSES, "All")), st.sampled_from(BASES))
def test_a_grant_by_others_never_opens_what_is_opted_out(history, day, source, purpose, basis):
	grant = event("Grant", day, source, purpose=purpose, basis=basis)
	before = blocked(fold(*history))
	after = blocked(fold(*history, grant))
	assert after <= before
	if not grant.by_person and not any(state.is_strangers(fold(*history), channel) for channel in CHANNELS):
		assert after == before


@settings(max_examples=examples(500), deadline=None)
@given(histories())
def test_every_row_says_what_is_in_force(history):
	rows = fold(*history)
	for (channel, purpose), row in rows.items():
		assert (row.status == "Opted Out") == state.opted_out(rows, channel, purpose)
		assert bool(row.opt_out_scope) == (row.opted_out_at is not None)
		assert bool(row.basis) == (row.granted_at is not None)
	assert fold(*history) == rows


HOLDERS = ("Text", "Preference Page")


def emergency(rows: state.Rows) -> list[bool]:
	return [state.opted_out(rows, channel, "Emergency") for channel in CHANNELS]


@pytest.mark.parametrize("source", ["Keypad", "Preference Page", "Agent"])
@pytest.mark.parametrize(
	"return_",
	[
		("Opt In", {}),
		("Opt In", {"purpose": "Emergency"}),
		("Grant", {}),
		("Grant", {"purpose": "Emergency", "basis": "express written"}),
		("Rescope", {"scope": "this purpose", "purpose": "Event"}),
		("Rescope", {"scope": "all non-emergency"}),
	],
)
@pytest.mark.parametrize("holder", HOLDERS)
def test_a_stranger_who_holds_the_telephone_opens_nothing(source, return_, holder):
	kind, details = return_
	rows = fold(event("Grant", 1), event("Wrong Number", 2, source), event(kind, 3, holder, **details))
	assert blocked(rows) == {(c, p) for c in CHANNELS for p in PURPOSES}
	assert not any(row.basis for row in rows.values())


@pytest.mark.parametrize(
	"word", [("Grant", "Enrolment"), ("Grant", "Agent"), ("Verify", "Agent"), ("Verify", "Ticket")]
)
def test_the_schools_word_brings_emergencies_back_and_nothing_else(word):
	rows = fold(event("Grant", 1), event("Wrong Number", 2, "Keypad"), event(word[0], 3, word[1]))
	assert emergency(rows) == [False, False]
	assert state.opted_out(rows, "Voice", "Event") and not state.is_strangers(rows, "Voice")
	rows = fold(
		event("Grant", 1), event("Wrong Number", 2, "Keypad"), event("Verify", 3), event("Opt In", 4, "Text")
	)
	assert not blocked(rows)


def test_an_older_grant_or_an_import_is_no_new_word():
	for grant in (event("Grant", 1, "Enrolment"), event("Grant", 3, "Import")):
		rows = fold(event("Wrong Number", 2, "Keypad"), grant)
		assert emergency(rows) == [True, True] and state.is_strangers(rows, "Text")


def test_everything_that_was_refused_apart_from_it_stays_refused():
	everything = {"scope": "everything"}
	for history in (
		(event("Opt Out", 1, **everything), event("Wrong Number", 2, "Keypad")),
		(event("Wrong Number", 1, "Keypad"), event("Opt Out", 2, "Agent", **everything)),
	):
		assert emergency(fold(*history, event("Verify", 3))) == [True, True]


def test_a_signed_form_of_the_family_lifts_a_wrong_number():
	rows = fold(event("Wrong Number", 2, "Keypad"), event("Grant", 3, "Signed Form"))
	assert not blocked(rows)


def test_a_wrong_number_that_older_versions_read_in_a_text_is_lifted_by_start():
	"""Ledgers of those versions have always been folded this way."""
	old = event("Wrong Number", 2)
	written_then = replace(old, evidence=replace(old.evidence, source="Text"))
	assert not blocked(fold(event("Grant", 1), written_then, event("Opt In", 3, "Text")))


def test_free_words_never_silence_emergencies():
	for kind, scope in (("Opt Out", "everything"), ("Wrong Number", "")):
		for details in (
			{"source": "Text"},
			{"source": "E-mail", "heard": True},
			{"source": "Ticket", "heard": True},
		):
			rows = fold(event("Grant", 1), event(kind, 2, scope=scope, **details))
			assert emergency(rows) == [False, False]
			assert state.opted_out(rows, "Voice", "Attendance")
			assert rows["Voice", "All"].basis == "number provided"
	assert emergency(fold(event("Opt Out", 2, "E-mail", scope="everything"))) == [True, True]


def test_a_grant_after_the_expiry_counts_before_the_nightly_job_has_run():
	written = event("Grant", 1, basis="express written", expires_at=on(5))
	rows = fold(written, event("Grant", 6))
	row = rows["Voice", "All"]
	assert (row.basis, row.granted_at, row.expires_at, row.status) == (
		"number provided",
		on(6),
		None,
		"Granted",
	)
	assert fold(written, event("Grant", 4))["Voice", "All"].basis == "express written"


def provided(day: int, person: str | None, **details) -> Event:
	return event("Grant", day, person_doctype="Guardian" if person else None, person=person, **details)


def test_a_number_is_provided_by_each_who_gave_it():
	rows = fold(provided(1, "A"), provided(2, "B"), provided(3, "A"))
	assert rows["Voice", "All"].provided_by == "Guardian/A\nGuardian/B"
	assert fold(provided(1, "A"), provided(2, None))["Voice", "All"].provided_by == ""
	assert fold(provided(1, None), provided(2, "A"))["Voice", "All"].provided_by == ""
	assert (
		fold(provided(1, "A", expires_at=on(3)), provided(4, "B"))["Voice", "All"].provided_by == "Guardian/B"
	)
	assert fold(provided(1, "A"), provided(2, "B", basis="express oral"))["Voice", "All"].provided_by == ""
	assert fold(provided(1, "A"), event("Wrong Number", 2))["Voice", "All"].provided_by == ""


def test_no_one_renews_the_consent_of_another_who_gave_the_number():
	for first, second in (("A", "B"), ("B", "A")):
		ends = {"A": on(3), "B": None}
		rows = fold(*(provided(day, one, expires_at=ends[one]) for day, one in ((1, first), (2, second))))
		row = rows["Voice", "All"]
		assert row.expires_at is None
		assert providers.read(row.provided_by, row.expires_at) == {"Guardian/A": on(3), "Guardian/B": None}


def test_the_own_end_of_each_is_kept_as_text():
	ends = {"Guardian/A": on(3), "Guardian/B": on(5), "Guardian/C": on(5)}
	text, last = providers.write(ends)
	assert last == on(5) and providers.read(text, last) == ends
	assert providers.write(dict.fromkeys(("Guardian/A", "Guardian/B"))) == ("Guardian/A\nGuardian/B", None)
	assert providers.in_force(ends, on(3)) == {"Guardian/B": on(5), "Guardian/C": on(5)}
