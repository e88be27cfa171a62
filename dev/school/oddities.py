"""What makes a real roster's numbers hard: missing, malformed, foreign, toll-free and shared ones.

Also numbers with an extension, which no automatic call can reach.
"""

from __future__ import annotations

import random

from dev.school.model import COURT_ORDER, Guardian, Student
from dev.school.numbers import FOREIGN, MALFORMED, NONE, STYLES, TOLL_FREE, Number

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
	"""Give COUNTS guardians an odd number each.

	Families with a court order are left alone: that case stays exact.
	"""
	near = {
		link.guardian
		for student in students
		if any(link.permission == COURT_ORDER for link in student.links)
		for link in student.links
	}
	ordinary = [guardian for guardian in guardians if guardian.name not in near]
	chosen = iter(rng.sample(ordinary, sum(COUNTS.values()) + COUNTS["shared"]))
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
