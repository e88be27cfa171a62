"""Which guardians may receive education records.

Those are the guardians named by the school and, by default, parents and legal guardians.
"""

import unicodedata
from functools import lru_cache

RECORDS = "dialer_may_receive_records"
YES, NO = "Yes", "No"
WRITTEN = {"1": YES, "true": YES, "yes": YES, "0": NO, "false": NO, "no": NO}
"""Values that imports, REST and the checkbox of earlier versions hold."""
PARENTS = frozenset(
	{
		"mother",
		"father",
		"parent",
		"mom",
		"dad",
		"adoptive mother",
		"adoptive father",
		"adoptive parent",
		"guardian",
		"legal guardian",
		"court appointed guardian",
		"madre",
		"padre",
		"tutor legal",
		"tutora legal",
	}
)
"""Relations that count as a parent.

34 CFR 99.3: "Parent means a parent of a student and includes a natural parent, a guardian, or an individual
acting as a parent in the absence of a parent or a guardian." The school says on the student's form who acts
as a parent.
"""
EDUCATIONS_PARENTS = ("Mother", "Father")
"""The parents in Education's list of relations, as it writes them: those of nearly every link."""


def receives(chosen: str | int | None, relation: str | None) -> bool:
	"""Return the school's choice for this guardian or, without one, whether the relation is a parent's."""
	answer = WRITTEN.get(str(chosen if chosen is not None else "").strip().casefold())
	return answer == YES if answer else is_parent(relation)


@lru_cache(maxsize=1000)
def is_parent(relation: str | None) -> bool:
	"""Return whether the relation on a guardian's link is parent or legal guardian.

	An empty relation does not count as one.
	"""
	words = unicodedata.normalize("NFKC", relation or "").casefold().replace("-", " ").split()
	return " ".join(words) in PARENTS


def settle(doc, method: str | None = None) -> None:
	"""Rewrite 1 and 0 as Yes and No. Hook for doc_events of Student and Student Applicant."""
	for row in doc.get("guardians") or ():
		chosen = row.get(RECORDS)
		if chosen not in (None, "", YES, NO):
			row.set(RECORDS, WRITTEN.get(str(chosen).strip().casefold(), chosen))
