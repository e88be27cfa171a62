"""The circuit breaker of one carrier account, whatever its requests meet."""

from hypothesis import given
from hypothesis import strategies as st

from school_dialer.outbound.pace import account_breaker as breaker
from school_dialer.outbound.pace.account_breaker import (
	CLOSED,
	GOOD,
	HALF_OPEN,
	OPEN,
	RANG,
	REFUSED,
	SILENT,
	Health,
)

MOMENTS = st.lists(
	st.tuples(
		st.floats(0, 90),
		st.one_of(
			st.tuples(st.just("answer"), st.sampled_from(breaker.OUTCOMES)),
			st.tuples(st.just("begin"), st.integers(1, 9)),
			st.tuples(st.just("unused"), st.integers(0, 9)),
		),
	),
	max_size=80,
)
BAD = [breaker.UNREACHABLE, breaker.NO_ANSWER]


def lived(moments) -> tuple[Health, float]:
	"""Return the state after these moments, each so many seconds after the one before, and the time then."""
	health, now = Health(), 1000.0
	for seconds, (what, value) in moments:
		now += seconds
		before = breaker.as_of(health, now)
		if what == "answer":
			health = breaker.after_answer(health, value, now)
		elif what == "begin":
			may = breaker.room(before, now)
			health = breaker.after_begin(health, value, now)
			if may is not None and before.state == HALF_OPEN:
				assert len(health.trials) <= breaker.TRIALS
		else:
			health = breaker.after_unused(health, value)
		check(health, now)
	return health, now


def check(health: Health, now: float) -> None:
	assert health.state in (CLOSED, OPEN, HALF_OPEN)
	assert breaker.FIRST_REST <= health.rest <= breaker.LONGEST_REST
	assert len(health.latest) <= breaker.LATEST
	assert (health.state == CLOSED) == (health.reason == "")
	assert Health.from_json(health.to_json()) == health
	room = breaker.room(health, now)
	assert room is None if health.state == CLOSED else 0 <= room <= breaker.TRIALS


@given(MOMENTS)
def test_every_state_is_sound(moments):
	lived(moments)


@given(MOMENTS)
def test_an_account_that_answers_again_is_closed_again(moments):
	"""From any state: after its rest a few answers close it, and one that did not ring has to ring."""
	health, now = lived(moments)
	now += breaker.LONGEST_REST + breaker.TRIAL_SECONDS
	for _ in range(breaker.TRIALS):
		assert breaker.room(health, now) != 0
		health = breaker.after_begin(health, 1, now)
		health = breaker.after_answer(health, GOOD, now)
	if health.state != CLOSED:
		assert health.reason == SILENT
		health = breaker.after_answer(health, RANG, now)
	assert health.state == CLOSED


@given(MOMENTS)
def test_an_open_account_takes_nothing_until_it_has_rested(moments):
	health, now = lived(moments)
	health = breaker.after_answer(breaker.as_of(health, now), REFUSED, now)
	assert health.state == OPEN and breaker.room(health, now) == 0
	assert breaker.room(health, health.since + health.rest - 0.001) == 0
	assert breaker.room(health, health.since + health.rest) == breaker.TRIALS


@given(st.lists(st.sampled_from([GOOD, RANG, None]), max_size=60))
def test_an_account_that_answers_stays_closed(outcomes):
	health = Health()
	for outcome in outcomes:
		health = breaker.after_answer(health, outcome, 1.0) if outcome else health
	assert health.state == CLOSED and breaker.room(health, 1.0) is None


def failed(times: int, outcome: str = BAD[0]) -> Health:
	health = Health()
	for _ in range(times):
		health = breaker.after_answer(health, outcome, 10.0, "503")
	return health


def test_three_failures_in_a_row_open_it_and_two_do_not():
	assert failed(2).state == CLOSED
	assert failed(3).state == OPEN and failed(3).reason == breaker.UNREACHABLE and failed(3).code == "503"


def test_a_refused_account_opens_it_at_once():
	assert failed(1, REFUSED).state == OPEN


def test_many_failures_among_good_answers_open_it():
	health, opened = Health(), []
	for index in range(40):
		outcome = GOOD if index % 3 == 0 else breaker.NO_ANSWER
		health = breaker.after_answer(health, outcome, 10.0)
		opened.append(health.state == OPEN)
	assert any(opened)


def test_a_trial_that_fails_doubles_the_rest():
	health = failed(3)
	rests = []
	for _ in range(6):
		now = health.since + health.rest
		health = breaker.after_answer(breaker.after_begin(health, 1, now), breaker.NO_ANSWER, now)
		rests.append(health.rest)
	assert rests == [10.0, 20.0, 40.0, 60.0, 60.0, 60.0]


def test_accepting_calls_is_no_proof_that_they_ring():
	health = failed(3, SILENT)
	now = health.since + health.rest
	for _ in range(9):
		health = breaker.after_answer(breaker.after_begin(health, 1, now), GOOD, now)
	assert health.state == HALF_OPEN and breaker.room(health, now) == 0
	assert breaker.after_answer(health, RANG, now).state == CLOSED
	assert breaker.after_answer(health, SILENT, now).state == OPEN


def test_a_lost_trial_is_made_again():
	health = failed(3)
	now = health.since + health.rest
	health = breaker.after_begin(health, 9, now)
	assert breaker.room(health, now) == 0
	assert breaker.room(health, now + breaker.TRIAL_SECONDS + 1) == breaker.TRIALS


def test_what_is_not_a_state_is_a_healthy_account():
	for text in (None, b"", b"[]", b"x", b'{"state": "closed", "nonsense": 1}', b"7"):
		assert Health.from_json(text) == Health()
