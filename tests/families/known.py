"""Faults of the app that are known and not mended yet: what the judge finds because of them is left out.

Such courses are played all the same, and everything else in them is judged. Who mends a fault removes its
entry. `DIALER_FAMILIES_KNOWN=judged` leaves nothing out.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from tests.families.course import CHILD_RENAMED, Course
from tests.families.judge import Finding

JUDGED = os.environ.get("DIALER_FAMILIES_KNOWN") == "judged"


def takes_back_calls_about_a_renamed_child(course: Course, finding: Finding) -> bool:
	"""A rule's case keeps the student's former name, so its call counts as one without a reason."""
	renamed = {event.child for event in course.events if event.what == CHILD_RENAMED}
	return course.script.about_records and finding.child in renamed


KNOWN: dict[str, Callable[[Course, Finding], bool]] = {
	"a student is renamed while a rule's calls wait": takes_back_calls_about_a_renamed_child,
}
"""For each fault, whether it explains a finding."""


def is_known(course: Course, finding: Finding) -> bool:
	return not JUDGED and any(explains(course, finding) for explains in KNOWN.values())
