"""What a drive asks for: the people it looks at, and which of them it asks."""

from dataclasses import dataclass
from datetime import datetime, time

import frappe
from frappe import _
from frappe.utils import getdate

from school_dialer.audience.base import Source, sources
from school_dialer.audience.guardians import ONE_GUARDIAN
from school_dialer.base import clock
from school_dialer.base.refusal import throw
from school_dialer.consent_drive.outcomes import LAPSING
from school_dialer.reporting.coverage import LAPSED, NOT_ASKED

DOCTYPE = "Dialer Consent Drive"
AUDIENCES = {
	"All guardians": None,
	"Guardians of a Student Group": "Student Group",
	"Guardians of a Program": "Program",
}


@dataclass(frozen=True, slots=True)
class Scope:
	"""`wanted` are outcomes of `outcomes.of_family`; `later` is when lapsing consents have to hold still."""

	purpose: str
	channel: str
	language: str
	wanted: frozenset[str]
	later: datetime | None = None


def scope_of(drive) -> Scope:
	"""Return the scope of a drive, a Document or a dict of its fields."""
	wanted = {
		NOT_ASKED: drive.get("ask_not_asked"),
		LAPSED: drive.get("ask_lapsed"),
		LAPSING: drive.get("lapsing_before"),
	}
	later = None
	if drive.get("lapsing_before"):
		day = datetime.combine(getdate(drive.get("lapsing_before")), time())
		later = max(clock.from_db(day), clock.now())
	return Scope(
		drive.get("purpose") or "General",
		drive.get("channel") or "Voice",
		drive.get("family_language") or "",
		frozenset(outcome for outcome, chosen in wanted.items() if chosen),
		later,
	)


def source_of(drive) -> Source:
	"""Return the audience of a drive, by student. Raises ValidationError if there is none."""
	label = drive.get("audience_source") or "All guardians"
	source_class = sources().get(label) if label in AUDIENCES else None
	if source_class is None:
		throw(_("A consent drive needs students and guardians on record. This site has none."))
	asked = {"audience_source": label, "audience_name": drive.get("audience_name"), "reach": ONE_GUARDIAN}
	source = source_class(frappe._dict(asked, school=drive.get("school")))
	source.check()
	return source
