"""Repeatable chance: the same seed and question give the same answer, in whatever order they are asked."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

Choice = TypeVar("Choice")


def draw(seed: int, *question: object) -> float:
	"""Return a number in [0, 1) that depends on nothing but its arguments."""
	key = "\x1f".join(str(part) for part in (seed, *question)).encode()
	return int.from_bytes(blake2b(key, digest_size=7).digest(), "big") / (1 << 56)


def choose(weighted: Sequence[tuple[Choice, float]], luck: float) -> Choice:
	"""Return the choice that ``luck`` in [0, 1) falls on; weights need not add up to one."""
	left = luck * sum(weight for _, weight in weighted)
	for choice, weight in weighted:
		left -= weight
		if left < 0:
			return choice
	return weighted[-1][0]
