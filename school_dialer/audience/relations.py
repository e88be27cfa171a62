"""Which guardians may receive educational records: those whom the school names, and by default parents and legal guardians."""

import unicodedata

RECORDS = "dialer_may_receive_records"
YES, NO = "Yes", "No"
WRITTEN = {"1": YES, "true": YES, "yes": YES, "0": NO, "false": NO, "no": NO}
"""What imports, REST and the box of earlier versions hold."""
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
"""34 CFR 99.3: "Parent means a parent of a student and includes a natural parent, a guardian, or an individual acting as a parent in
the absence of a parent or a guardian." Who acts as one is for the school to say, on the student's form."""


def receives(chosen: str | int | None, relation: str | None) -> bool:
	"""What the school chose for this guardian; where it chose nothing, whether the relation is that of a parent."""
	said = WRITTEN.get(str(chosen if chosen is not None else "").strip().casefold())
	return said == YES if said else is_parent(relation)


def is_parent(relation: str | None) -> bool:
	"""Whether the relation of a guardian's link says parent or legal guardian. An empty one says nothing."""
	words = unicodedata.normalize("NFKC", relation or "").casefold().replace("-", " ").split()
	return " ".join(words) in PARENTS


def settle(doc, method: str | None = None) -> None:
	"""doc_events of Student and Student Applicant: 1 and 0 are written as Yes and No."""
	for row in doc.get("guardians") or ():
		chosen = row.get(RECORDS)
		if chosen not in (None, "", YES, NO):
			row.set(RECORDS, WRITTEN.get(str(chosen).strip().casefold(), chosen))
