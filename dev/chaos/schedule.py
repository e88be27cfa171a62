"""What goes wrong and when, all from the seed.

Times are in seconds after the start; how long things take depends on the machine.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

SECONDS_FOR_A_KILL = 4.2
"""A killed worker needs time to restart."""
PLANNER_SHARE = 0.15
VICTIMS = (("dispatcher", 5), ("worker", 3), ("horse", 2))
EVERY_SECONDS = {
	"stop database": 150,
	"kill database": 150,
	"kill redis": 120,
	"flush redis": 120,
	"kill web": 90,
	"kill scheduler": 60,
}
ALWAYS = {
	"http_429": 0.01,
	"http_500": 0.01,
	"lose_request": 0.01,
	"lose_answer": 0.01,
	"http_500_after": 0.01,
	"drop_callback": 0.1,
	"double_callback": 0.1,
	"delay_callback": 0.05,
	"reorder": True,
}
BURSTS = (
	{"http_429": 0.6},
	{"http_500": 0.4},
	{"lose_answer": 0.5},
	{"http_500_after": 0.5},
	{"lose_request": 0.4},
	{"drop_callback": 0.8},
	{"double_callback": 0.9, "delay_callback": 1.0},
	{"slow": 0.5},
)
BURST_SECONDS = 6.0
SLOW_EVERY = 120
MODES = ("dead", "slow", "silent", "twice", "refused", "unreported")
"""How a carrier account fails in the middle of an emergency (`failover`)."""
LAST = 0.95
"""The fraction of the time after which nothing new goes wrong."""


@dataclass(frozen=True, order=True)
class Trouble:
	at: float
	what: str
	which: int = 0
	"""Which of several targets to hit, modulo their number; for faults, the burst."""


@dataclass(frozen=True)
class Plan:
	seconds: float
	troubles: tuple[Trouble, ...]
	planner_kills: tuple[float, ...]
	"""For each kill, how many seconds the planner may work before it."""


def plan(seed: int, kills: int) -> Plan:
	chosen = random.Random(f"troubles {seed}")
	seconds = kills * SECONDS_FOR_A_KILL
	at_planners = max(2, round(kills * PLANNER_SHARE))
	troubles = [
		Trouble(moment(chosen, seconds), f"kill {victim(chosen)}", chosen.randrange(1000))
		for _ in range(kills - at_planners)
	]
	for what, every in EVERY_SECONDS.items():
		for _ in range(max(1, round(seconds / every))):
			troubles.append(Trouble(moment(chosen, seconds), what, chosen.randrange(1000)))
	troubles.extend(bursts(chosen, seconds))
	for _ in range(max(1, round(seconds / SLOW_EVERY))):
		start = moment(chosen, seconds)
		end = min(start + BURST_SECONDS, seconds)
		troubles += [Trouble(start, "slow account"), Trouble(end, "usual account")]
	delays = tuple(chosen.uniform(0, 0.7) for _ in range(at_planners))
	return Plan(seconds, tuple(sorted(troubles)), delays)


def moment(chosen: random.Random, seconds: float) -> float:
	return chosen.uniform(0.03, LAST) * seconds


def victim(chosen: random.Random) -> str:
	names, weights = zip(*VICTIMS, strict=True)
	return chosen.choices(names, weights)[0]


def bursts(chosen: random.Random, seconds: float) -> Iterator[Trouble]:
	"""Yield one kind of carrier trouble after the other, with quiet times between them."""
	at = chosen.uniform(1, BURST_SECONDS)
	kinds: list[int] = []
	while at < LAST * seconds:
		if not kinds:
			kinds = chosen.sample(range(len(BURSTS)), len(BURSTS))
		yield Trouble(at, "faults", kinds.pop())
		yield Trouble(min(at + BURST_SECONDS / 2, seconds), "fewer faults")
		at += BURST_SECONDS * chosen.uniform(0.8, 1.6)
