"""Whether a carrier account is well, judged by what became of its latest requests. Pure: no Frappe, no clock.

The circuit breaker of one account has three states:

- closed: the account is well, and takes every request.
- open: it failed. It takes none for `Health.rest` seconds.
- half-open: after that it takes `TRIALS` requests. If all are answered it is closed; if one fails it is open
  again, for twice as long.

A request's answer is one of `OUTCOMES`. Whether the carrier accepts or refuses one person's call says nothing
bad about the account: it answered. Times are seconds since the epoch.
"""

import json
from dataclasses import asdict, dataclass, replace

CLOSED, OPEN, HALF_OPEN = "closed", "open", "half-open"
GOOD, UNREACHABLE, NO_ANSWER, REFUSED, SILENT, RANG = (
	"answered",
	"unreachable",
	"no answer",
	"refused",
	"silent",
	"rang",
)
OUTCOMES = (GOOD, UNREACHABLE, NO_ANSWER, REFUSED, SILENT, RANG)
"""`GOOD`: the carrier answered. `UNREACHABLE`: no connection. `NO_ANSWER`: the answer was lost, late, or 5xx.
`REFUSED`: the account itself was refused. `SILENT`: an accepted call had not begun to ring half a minute
later. `RANG`: one had.
"""
IN_A_ROW = 3
"""Failures in a row, or calls that do not ring, after which an account is not well."""
LATEST, LEAST_BAD, BAD_SHARE = 20, 5, 0.5
"""So many of the latest requests failed, and this share of them."""
FIRST_REST, LONGEST_REST = 5.0, 60.0
TRIALS = 3
TRIAL_SECONDS = 45.0
"""A trial that has no answer after this long is made again: its worker may be dead."""


@dataclass(frozen=True, slots=True)
class Health:
	"""The state of one account, `since` when, and the `reason` (an outcome) and `code` for which it is not
	closed.

	`latest` are the latest answers, newest last. `trials` are the times at which trials began that are not
	answered, and `passed` counts those that were.
	"""

	state: str = CLOSED
	since: float = 0.0
	reason: str = ""
	code: str = ""
	rest: float = FIRST_REST
	latest: tuple[bool, ...] = ()
	silent: int = 0
	trials: tuple[float, ...] = ()
	passed: int = 0

	@property
	def is_spotless(self) -> bool:
		"""Whether one more good answer would change nothing."""
		return self.state == CLOSED and not self.silent and all(self.latest[-LATEST:])

	def to_json(self) -> str:
		return json.dumps(asdict(self))

	@classmethod
	def from_json(cls, text: str | bytes | None) -> "Health":
		"""Return what `to_json` wrote; a healthy account for nothing, or for something else."""
		try:
			values = dict(json.loads(text or "{}"))
			return cls(**values | {name: tuple(values.get(name, ())) for name in ("latest", "trials")})
		except (ValueError, TypeError):
			return cls()


def as_of(health: Health, now: float) -> Health:
	"""Return the state at this time: an open one that has rested is half-open."""
	if health.state == OPEN and now >= health.since + health.rest:
		return replace(health, state=HALF_OPEN, since=now, trials=(), passed=0, silent=0)
	return health


def room(health: Health, now: float) -> int | None:
	"""Return how many requests may leave now: None for any number."""
	health = as_of(health, now)
	if health.state == CLOSED:
		return None
	if health.state == OPEN:
		return 0
	return max(0, TRIALS - health.passed - len(under_way(health, now)))


def under_way(health: Health, now: float) -> tuple[float, ...]:
	return tuple(began for began in health.trials if now - TRIAL_SECONDS < began <= now)


def after_begin(health: Health, many: int, now: float) -> Health:
	"""Return the state after so many requests left."""
	health = as_of(health, now)
	if health.state != HALF_OPEN:
		return health
	many = min(many, room(health, now) or 0)
	return replace(health, trials=(*under_way(health, now), *(now for _ in range(many))))


def after_unused(health: Health, many: int) -> Health:
	"""Return the state after so many trials were not sent after all."""
	return replace(health, trials=health.trials[many:]) if health.state == HALF_OPEN else health


def after_answer(health: Health, outcome: str, now: float, code: str = "") -> Health:
	health = as_of(health, now)
	step = {CLOSED: while_closed, OPEN: while_open, HALF_OPEN: while_half_open}[health.state]
	return step(health, outcome, now, code)


def while_closed(health: Health, outcome: str, now: float, code: str) -> Health:
	if outcome == RANG:
		return replace(health, silent=0)
	if outcome == SILENT:
		silent = health.silent + 1
		return (
			after_opening(health, SILENT, now, code) if silent >= IN_A_ROW else replace(health, silent=silent)
		)
	latest = (*health.latest, outcome == GOOD)[-LATEST:]
	bad = latest.count(False)
	in_a_row = len(latest) >= IN_A_ROW and not any(latest[-IN_A_ROW:])
	if (
		outcome == REFUSED
		or in_a_row
		or (outcome != GOOD and bad >= LEAST_BAD and bad > BAD_SHARE * len(latest))
	):
		return after_opening(health, outcome, now, code)
	return replace(health, latest=latest)


def while_open(health: Health, outcome: str, now: float, code: str) -> Health:
	"""Late answers say nothing, but that the account is refused explains more than a lost answer."""
	if outcome == REFUSED and health.reason != REFUSED:
		return replace(health, reason=REFUSED, code=code)
	return health


def while_half_open(health: Health, outcome: str, now: float, code: str) -> Health:
	"""An account whose calls did not ring has to let one ring. That it accepts them was so before too."""
	if outcome not in (GOOD, RANG):
		return after_opening(replace(health, rest=min(LONGEST_REST, health.rest * 2)), outcome, now, code)
	if outcome == RANG:
		return Health(since=now) if health.reason == SILENT else health
	if health.reason == SILENT:
		return health
	passed = health.passed + 1
	return Health(since=now) if passed >= TRIALS else replace(health, passed=passed, trials=health.trials[1:])


def after_opening(health: Health, outcome: str, now: float, code: str) -> Health:
	return Health(OPEN, now, outcome, code, health.rest)
