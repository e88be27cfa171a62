"""What makes a real roster's numbers hard: missing, malformed, foreign, toll-free and shared ones.

Also numbers with an extension, which no automatic call can reach, and two numbers in one field.
"""

from __future__ import annotations

import random

from dev.school.model import COURT_ORDER, Guardian, Student
from dev.school.numbers import FOREIGN, MALFORMED, NONE, STYLES, TOGETHER, TOLL_FREE, Number

COUNTS = {
	"malformed": 18,
	"missing": 12,
	"foreign": 6,
	"toll free": 6,
	"shared": 12,
	"extension": 4,
	"twice": 5,
}


def spread(rng: random.Random, guardians: list[Guardian], students: list[Student]) -> None:
	"""Give COUNTS guardians an odd number each, and let others write their two numbers into one field.

	Families with a court order are left alone: that case stays exact.
	"""
	near = {
		link.guardian
		for student in students
		if any(link.permission == COURT_ORDER for link in student.links)
		for link in student.links
	}
	ordinary = [guardian for guardian in guardians if guardian.name not in near]
	odd = rng.sample(ordinary, sum(COUNTS.values()) + COUNTS["shared"])
	chosen, names = iter(odd), {guardian.name for guardian in odd}
	for index in range(COUNTS["malformed"]):
		next(chosen).mobile = Number(MALFORMED[index % len(MALFORMED)], None)
	for _ in range(COUNTS["missing"]):
		guardian = next(chosen)
		guardian.mobile = guardian.alternate = NONE
	for index in range(COUNTS["foreign"]):
		guardian = next(chosen)
		guardian.mobile, guardian.alternate, guardian.place = Number(*FOREIGN[index]), NONE, None
	for index in range(COUNTS["toll free"]):
		code = TOLL_FREE[index]
		next(chosen).mobile = Number(f"1-{code}-555-0199", f"+1{code}5550199")
	for _ in range(COUNTS["shared"]):
		owner, borrower = next(chosen), next(chosen)
		borrower.mobile = owner.mobile.again(rng.choice(STYLES))
	for index in range(COUNTS["extension"]):
		guardian = next(chosen)
		guardian.mobile = Number(f"{guardian.mobile.again('{0}-{1}-{2}').raw} ext. {index + 10}", None)
	for _ in range(COUNTS["twice"]):
		guardian = next(chosen)
		guardian.alternate = guardian.mobile.again(rng.choice(STYLES))
	two = [guardian for guardian in ordinary if guardian.name not in names and guardian.alternate.e164]
	for style, guardian in zip(TOGETHER, rng.sample(two, len(TOGETHER)), strict=True):
		guardian.mobile, guardian.alternate = guardian.mobile.beside(guardian.alternate, style), NONE
