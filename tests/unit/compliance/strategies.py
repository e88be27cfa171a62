"""Hypothesis strategies for requests, facts and times of 2026 that cover the corners of the rules well."""

from datetime import date, datetime, timedelta, timezone

from hypothesis import strategies as st

from school_dialer.base.phone import LINE_TYPES
from school_dialer.compliance import Attempt, Consent, Emergency, Facts, OptOut, StateOfEmergency
from school_dialer.compliance.vocabulary import BASES, CALLERS, CHANNELS, EMERGENCY_TYPES, PURPOSES, SCOPES
from tests.unit.compliance.cases import request

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
# A plain one, and ones with their own calling hours, in two zones by area code, without daylight saving, in
# Hawaii, Guam and Puerto Rico.
NUMBERS = (
	"+13125550142",
	"+13055550142",
	"+12055550142",
	"+12155550142",
	"+15025550142",
	"+17015550142",
	"+16055550142",
	"+16025550142",
	"+18085550142",
	"+16715550142",
	"+17875550142",
	"+18505550142",
	"+15045550142",
	"+12075550142",
	"+17135550142",
	"+12135550142",
)
ODD_NUMBERS = (
	"+18005550142",
	"+19005550142",
	"+14165550142",
	"+442079460958",
	"+819012345678",
	"312-555",
	None,
)
STATES = (None, "IL", "CA", "FL", "AL", "PA", "KY", "AZ", "HI", "IN", "LA", "ME", "TX")
ODD_STATES = ("Fla.", "Florda", "AE")
ZIPS = (None, "60601", "33101", "32502", "86503", "99999", "nonsense")
SCHOOLS = ("Lincoln", "Washington")
ZONES = (None, "America/Chicago", "America/Los_Angeles", "Mars/Olympus")

times = st.one_of(
	st.integers(0, 364 * 24 * 60 - 1).map(lambda minute: START + timedelta(minutes=minute)),
	st.integers(0, 364 * 24 * 2 - 1).map(lambda half: START + timedelta(minutes=30 * half)),
	# The days around the two clock changes.
	st.integers(0, 3 * 24 * 60).map(
		lambda minute: datetime(2026, 3, 7, tzinfo=timezone.utc) + timedelta(minutes=minute)
	),
	st.integers(0, 3 * 24 * 60).map(
		lambda minute: datetime(2026, 10, 31, tzinfo=timezone.utc) + timedelta(minutes=minute)
	),
	st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(timezone.utc)),
)
event_times = st.one_of(st.none(), times, times.map(lambda time: time - timedelta(days=900)))
channels = st.sampled_from(CHANNELS)
purposes = st.sampled_from(PURPOSES)

consents = st.builds(
	Consent,
	st.sampled_from([None, "Any", *CHANNELS]),
	st.sampled_from([None, "All", "All", *PURPOSES]),
	st.sampled_from([None, *BASES]),
	event_times,
	st.one_of(st.none(), event_times),
	st.one_of(st.none(), event_times),
)
opt_outs = st.builds(
	OptOut,
	st.sampled_from([None, *SCOPES]),
	st.sampled_from([None, *PURPOSES]),
	st.sampled_from([None, "Any", *CHANNELS]),
	event_times,
	st.sampled_from([None, *SCHOOLS]),
	st.booleans(),
)
attempts = st.builds(
	Attempt,
	times,
	st.one_of(st.none(), channels),
	st.one_of(st.none(), purposes),
	st.sampled_from([False, False, True]),
)
holidays = st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=5)

declared = st.builds(
	lambda state, begins, days: StateOfEmergency(state, begins, begins + timedelta(days=days)),
	st.sampled_from(["LA", "LA", "IL"]),
	st.dates(date(2026, 1, 1), date(2026, 12, 31)),
	st.integers(0, 40),
)
states_of_emergency = st.one_of(st.just(()), st.lists(declared, max_size=3).map(tuple))

any_facts = st.builds(
	Facts,
	st.lists(consents, max_size=4).map(tuple),
	st.lists(opt_outs, max_size=3).map(tuple),
	st.lists(attempts, max_size=8).map(tuple),
	holidays,
	st.booleans(),
	states_of_emergency,
	st.booleans(),
)
# A person who consented in writing, in some cases only for a while.
agreed = st.builds(
	Consent,
	st.just("Any"),
	st.just("All"),
	st.just("express written"),
	st.just(START - timedelta(days=30)),
	st.one_of(st.none(), st.none(), times),
	st.one_of(st.none(), times),
)
willing_facts = st.builds(
	Facts,
	st.lists(agreed, min_size=1, max_size=2).map(tuple),
	st.just(()),
	st.lists(attempts, max_size=8).map(tuple),
	holidays,
	st.just(False),
	states_of_emergency,
)
facts = st.one_of(any_facts, willing_facts)
emergencies = st.one_of(
	st.none(),
	st.builds(
		Emergency,
		st.sampled_from([None, "Picnic", *EMERGENCY_TYPES]),
		st.sampled_from([None, "ann", "Ann "]),
		st.sampled_from([None, "ann", "bea"]),
	),
)
born = st.one_of(st.none(), st.dates(date(2007, 1, 1), date(2009, 12, 31)))
any_requests = st.builds(
	request,
	st.sampled_from((*NUMBERS, *NUMBERS, *ODD_NUMBERS)),
	channel=st.one_of(channels, channels, st.none()),
	purpose=st.one_of(purposes, purposes, st.none()),
	line_type=st.sampled_from(LINE_TYPES),
	emergency=emergencies,
	country=st.sampled_from(["US", "US", "US", None, "GB", "JP"]),
	caller=st.sampled_from([None, *CALLERS]),
	school=st.sampled_from([None, "", *SCHOOLS]),
	state=st.sampled_from((*STATES, *ODD_STATES)),
	postal_code=st.sampled_from(ZIPS),
	time_zone=st.sampled_from(ZONES),
	restricted=st.sampled_from([False, False, False, True]),
	is_student=st.sampled_from([False, False, True]),
	date_of_birth=born,
	student_date_of_birth=born,
	corrects=st.sampled_from([False, False, True]),
)
willing_requests = st.builds(
	request,
	st.sampled_from(NUMBERS),
	channel=channels,
	purpose=st.sampled_from([purpose for purpose in PURPOSES if purpose != "Emergency"]),
	line_type=st.sampled_from(["mobile", "landline", "unknown"]),
	state=st.sampled_from(STATES),
	postal_code=st.sampled_from(ZIPS),
	time_zone=st.sampled_from(ZONES),
	student_date_of_birth=born,
)
requests = st.one_of(any_requests, willing_requests)
