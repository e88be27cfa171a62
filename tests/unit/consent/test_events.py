"""What may be written: grants are checked strictly, opt-outs are never refused."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from school_dialer.compliance.vocabulary import CHANNELS, PURPOSES, SCOPES
from school_dialer.consent.events import SOURCES, Event, EventError, Evidence, checked, iso, moment
from tests.effort import examples

NOW = datetime(2026, 5, 12, 17, tzinfo=timezone.utc)
GRANT = Event(
	"Grant", "+13125550142", Evidence("Agent", "user", wording="I agree"), basis="express oral", at=NOW
)


@pytest.mark.parametrize(
	("changes", "message"),
	[
		({"phone": "312-555-0142"}, "international form"),
		({"phone": "+13125550142\n"}, "international form"),
		({"phone": None}, "international form"),
		({"kind": "Delete"}, "kind of consent event"),
		({"basis": "silence"}, "Unknown basis"),
		({"channel": "Fax"}, "Unknown channel"),
		({"purpose": "Marketing"}, "Unknown purpose"),
		({"evidence": Evidence("Rumour", note="x")}, "Unknown source"),
		({"evidence": Evidence("Agent")}, "needs evidence"),
		({"evidence": Evidence("Agent", note="x"), "basis": "express written"}, "needs the wording"),
		({"evidence": Evidence("Signed Form", wording="x")}, "has to be attached"),
		({"evidence": Evidence("Agent", note="x", language="<script>")}, "do not belong"),
		({"evidence": Evidence("Agent", note="x", ip="10.0.0.999")}, "IP address"),
		({"evidence": Evidence("Agent", note="x" * 10_001)}, "longer than"),
		({"at": NOW + timedelta(days=1)}, "future"),
		({"at": NOW.replace(year=1970)}, "plausible"),
		({"expires_at": NOW.replace(year=9999)}, "plausible"),
		({"at": NOW.replace(tzinfo=None)}, "time zone"),
		({"expires_at": NOW - timedelta(days=1)}, "expire before"),
	],
)
def test_a_grant_with_a_flaw_is_refused(changes, message):
	with pytest.raises(EventError, match=message) as refusal:
		checked(replace(GRANT, **changes), NOW)
	assert "5550142" not in str(refusal.value).replace("+13125550142", "")


def test_a_grant_in_order_is_taken_as_it_is():
	assert checked(replace(GRANT, at=None), NOW).at == NOW
	assert checked(GRANT, NOW).evidence.wording == "I agree"


@settings(max_examples=examples(400), deadline=None)
@given(
	st.text(max_size=40) | st.sampled_from(SCOPES),
	st.text(max_size=40) | st.sampled_from(PURPOSES),
	st.text(max_size=40) | st.sampled_from(CHANNELS),
	st.builds(
		Evidence,
		source=st.text(max_size=200) | st.sampled_from(SOURCES),
		actor=st.none() | st.text(max_size=300),
		wording=st.none() | st.text(max_size=300) | st.just("x" * 20_000),
		language=st.none() | st.text(max_size=300),
		attachment=st.none() | st.text(max_size=900),
		ip=st.none() | st.text(max_size=300),
		note=st.none() | st.text(max_size=300),
	),
	st.none() | st.datetimes() | st.datetimes(timezones=st.just(timezone.utc)),
)
def test_an_opt_out_is_never_refused_over_its_paperwork(scope, purpose, channel, evidence, at):
	said = checked(Event("Opt Out", "+13125550142", evidence, channel, purpose, scope, at=at), NOW)
	assert said.scope in SCOPES and said.channel in (*CHANNELS, "Any") and said.evidence.source in SOURCES
	assert (said.scope == "this purpose") == (said.purpose in PURPOSES)
	assert said.at <= NOW
	for text in (said.evidence.actor, said.evidence.wording, said.evidence.attachment, said.evidence.note):
		text.encode()


@pytest.mark.parametrize(("source", "heard"), [("Text", False), ("E-mail", True)])
@pytest.mark.parametrize(
	("kind", "scope"), [("Opt Out", "everything"), ("Opt Out", "this purpose"), ("Wrong Number", "")]
)
def test_free_words_leave_emergencies_on(kind, scope, source, heard):
	said = Event(kind, "+13125550142", Evidence(source), purpose="Emergency", scope=scope, heard=heard)
	written = checked(said, NOW)
	assert (written.kind, written.scope, written.purpose) == ("Opt Out", "all non-emergency", "All")


def test_a_key_may_stop_emergencies():
	said = Event("Opt Out", "+13125550142", Evidence("Keypad"), purpose="Emergency", scope="this purpose")
	assert (checked(said, NOW).scope, checked(said, NOW).purpose) == ("this purpose", "Emergency")


def test_only_the_person_opts_in_again():
	for source in SOURCES:
		opt_in = Event("Opt In", "+13125550142", Evidence(source, attachment="/files/form.pdf"))
		if source in ("Text", "Preference Page", "Signed Form"):
			assert checked(opt_in, NOW).at == NOW
		else:
			with pytest.raises(EventError, match="Only the person"):
				checked(opt_in, NOW)


@given(st.datetimes(timezones=st.just(timezone.utc)), st.datetimes(timezones=st.just(timezone.utc)))
def test_written_moments_sort_and_come_back(a, b):
	assert moment(iso(a)) == a
	assert (iso(a) < iso(b)) == (a < b)
	assert iso(None) == "" and moment("") is None
