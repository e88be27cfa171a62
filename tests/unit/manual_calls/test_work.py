"""What may become of a family on the list: no path leaves one claimed or phoned forever."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from school_dialer.campaigns.call_order import RESULTS
from school_dialer.compliance.vocabulary import EMERGENCY, PURPOSES
from school_dialer.manual_calls import work

NOW = datetime(2026, 11, 24, 10, 30)
purposes, outcomes = st.sampled_from(PURPOSES), st.sampled_from(work.OUTCOMES)
calls = st.integers(0, 50)
moments = st.datetimes(NOW - timedelta(days=1), NOW + timedelta(days=20))


@given(outcomes, purposes, calls, st.none() | moments, st.booleans())
def test_a_family_waits_for_a_time_to_come_or_is_done(outcome, purpose, count, later, other):
	try:
		found = work.after(outcome, purpose, count, NOW, later, other_number=other)
	except work.NotPossible:
		assert outcome == work.LATER and (later is None or not NOW < later <= NOW + work.LONGEST_PAUSE)
		return
	if found.status == work.WAITING:
		assert NOW <= found.not_before <= NOW + work.LONGEST_PAUSE
	else:
		assert found == work.Next(work.DONE)


@given(purposes, calls, st.booleans())
def test_who_was_reached_or_asked_to_stop_is_not_phoned_again(purpose, count, other):
	for outcome in work.FINAL:
		assert work.after(outcome, purpose, count, NOW, other_number=other).status == work.DONE


@given(st.sampled_from([work.NO_ANSWER, work.LEFT_MESSAGE]), calls)
def test_an_emergency_is_not_given_up_and_comes_back_sooner(outcome, count):
	urgent = work.after(outcome, EMERGENCY, count, NOW)
	other = work.after(outcome, "Event", count, NOW)
	assert urgent.status == work.WAITING
	assert (other.status == work.DONE) == (count >= work.MOST_CALLS)
	assert other.status == work.DONE or urgent.not_before < other.not_before


@pytest.mark.parametrize("outcome", ["", "Nonsense", work.BY_MACHINE, work.GIVEN_UP])
def test_what_the_app_notes_itself_no_one_else_notes(outcome):
	with pytest.raises(work.NotPossible):
		work.after(outcome, "Event", 0, NOW)


@given(st.sampled_from(work.STATUSES), st.none() | moments, moments)
def test_a_claim_ends(status, until, now):
	held = work.is_held(status, until, now)
	assert held == (status in work.WITH_PERSON and until is not None and now < until)


def test_emergencies_come_first():
	assert min(work.RANK, key=work.RANK.get) == EMERGENCY and set(work.RANK) == set(PURPOSES)


def test_a_log_gets_a_result_that_it_knows():
	assert set(work.RESULTS.values()) <= set(RESULTS)


class Family(RuleBasedStateMachine):
	"""One family, clerks who come and go, and time that passes."""

	def __init__(self):
		super().__init__()
		self.status, self.now, self.until, self.not_before = work.WAITING, NOW, None, NOW
		self.clerk, self.calls, self.outcome = None, 0, None

	def move(self, status: str) -> None:
		assert status == self.status or status in work.MOVES[self.status], (self.status, status)
		self.status = status

	@rule(minutes=st.integers(1, 90))
	def time_passes(self, minutes):
		self.now += timedelta(minutes=minutes)

	@precondition(lambda self: self.status != work.DONE and self.not_before <= self.now)
	@rule(clerk=st.sampled_from("abc"))
	def claims(self, clerk):
		if work.is_held(self.status, self.until, self.now):
			assert self.clerk is not None
			return
		self.move(work.WAITING)
		self.move(work.CLAIMED)
		self.clerk, self.until = clerk, self.now + work.LEASE

	@precondition(lambda self: work.is_held(self.status, self.until, self.now))
	@rule()
	def calls_them(self):
		self.move(work.CALLED)
		self.calls += 1
		self.until = self.now + work.ON_THE_LINE

	@precondition(lambda self: work.is_held(self.status, self.until, self.now))
	@rule(outcome=outcomes)
	def notes(self, outcome):
		later = self.now + timedelta(hours=1)
		found = work.after(outcome, "Event", self.calls, self.now, later)
		self.move(found.status)
		self.clerk, self.until, self.outcome = None, None, outcome
		self.not_before = found.not_before or self.not_before

	@precondition(lambda self: self.status != work.DONE)
	@rule()
	def machine_reaches_them(self):
		if not work.is_held(self.status, self.until, self.now):
			self.move(work.WAITING)
			self.move(work.DONE)
			self.clerk, self.until = None, None

	@invariant()
	def comes_back(self):
		"""Whatever happened, the family is done, waits, or is with someone whose claim ends."""
		if self.status in work.WITH_PERSON:
			assert self.clerk and self.until <= self.now + work.ON_THE_LINE

	@invariant()
	def is_left_in_peace(self):
		if self.outcome in work.FINAL:
			assert self.status == work.DONE


TestFamily = Family.TestCase
