"""Faults of the app that are known and not mended yet: what the judge finds because of them is left out.

Such courses are played all the same, and everything else in them is judged. Who mends a fault removes its
entry. `DIALER_FAMILIES_KNOWN=judged` leaves nothing out.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from tests.families.course import Course
from tests.families.judge import Finding

JUDGED = os.environ.get("DIALER_FAMILIES_KNOWN") == "judged"
KNOWN: dict[str, Callable[[Course, Finding], bool]] = {}
"""For each fault, whether it explains a finding. There is none now."""


def is_known(course: Course, finding: Finding) -> bool:
	return not JUDGED and any(explains(course, finding) for explains in KNOWN.values())
