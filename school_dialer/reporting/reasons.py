"""The gate's reasons in plain words, for tables and prints, and what to do about each."""

from frappe import _

from school_dialer.compliance.vocabulary import DEFERRING
from school_dialer.gate.planned import ADDED, NOT_PLANNED

HELD_BACK = "MISSING_DATA"
ORDER = (
	"INVALID_NUMBER",
	"UNSUPPORTED_COUNTRY",
	"RESTRICTED_CONTACT",
	"OTHER_SCHOOL",
	"OPTED_OUT",
	"NUMBER_REASSIGNED",
	"CARRIER_BLOCKED",
	"NO_TEXTS",
	"EMERGENCY_NOT_APPROVED",
	NOT_PLANNED,
	ADDED,
	"NOT_HEARD",
	"WRITTEN_CONSENT_REQUIRED",
	"CONSENT_EXPIRED",
	"CONSENT_STALE",
	"NO_CONSENT",
	HELD_BACK,
	"FREQUENCY_CAP",
	"NO_TIME_ZONE",
	"HOLIDAY",
	"OUTSIDE_CALLING_HOURS",
)
"""Which of several reasons is the main one: the one that blocks the longest comes first."""


def reason_words(code: str) -> tuple[str, str]:
	"""Return (what it means, what to do), translated. An unknown code is returned as its own title."""
	return (of_people() | of_rows() | of_time()).get(code, (code, ""))


def of_people() -> dict[str, tuple[str, str]]:
	"""Return the words for reasons that last until a person changes something."""
	return {
		"INVALID_NUMBER": (_("No working phone number"), _("Correct the number in the person's record.")),
		"UNSUPPORTED_COUNTRY": (
			_("Outside the countries you call"),
			_("A Dialer Policy for the country would be needed."),
		),
		"RESTRICTED_CONTACT": (
			_("Restricted from contact about this child"),
			_("Set on the record of the student or contact, or the number has left the person's record."),
		),
		"OTHER_SCHOOL": (
			_("A family of another school"),
			_("Correct the school in the student's record, or let that school call."),
		),
		"OPTED_OUT": (_("Opted out"), _("Only the person can undo this.")),
		"NUMBER_REASSIGNED": (
			_("The number changed hands"),
			_("Ask the family for their number. Their own answer or a signed form undoes this."),
		),
		"NO_TEXTS": (_("This line gets no texts"), _("Call instead, or ask for a mobile number.")),
		"CARRIER_BLOCKED": (
			_("Stopped at the carrier"),
			_("Only the person can undo this, by a text to your number."),
		),
		"EMERGENCY_NOT_APPROVED": (
			_("The emergency is not approved"),
			_("A second person has to approve it."),
		),
		"NOT_HEARD": (_("Did not get what is corrected"), _("There is nothing to correct for them.")),
		"WRITTEN_CONSENT_REQUIRED": (
			_("Written consent is missing"),
			_("Ask for a signed form and record it in Contact Consent."),
		),
		"CONSENT_EXPIRED": (_("Consent has expired"), _("Ask again and record it in Contact Consent.")),
		"CONSENT_STALE": (
			_("Consent needs to be reconfirmed"),
			_("Ask the person to renew it. Record a signed letter in Contact Consent."),
		),
		"NO_CONSENT": (_("No consent on file"), _("Ask for consent and record it in Contact Consent.")),
	}


def of_rows() -> dict[str, tuple[str, str]]:
	"""Return the words for reasons that come from no rule of law."""
	return {
		NOT_PLANNED: (
			_("Not planned by this app"),
			_("Someone wrote or changed the row elsewhere. Start another campaign for this person."),
		),
		ADDED: (
			_("Added after approval was asked for"),
			_("While it waits, press Ask again. Later, phone them or start another campaign for them."),
		),
		HELD_BACK: (
			_("Their record lacks what the message says"),
			_("Complete the record, or give the message other words for that case."),
		),
	}


def of_time() -> dict[str, tuple[str, str]]:
	"""Return the words for reasons that may pass with time."""
	return {
		"FREQUENCY_CAP": (_("Reached the call limit"), _("We'll call them later automatically.")),
		"NO_TIME_ZONE": (
			_("Time zone unknown"),
			_("Enter the time zone of residence, or an address with a state or postal code."),
		),
		"HOLIDAY": (_("A day without calls"), _("We'll call them later automatically.")),
		"OUTSIDE_CALLING_HOURS": (
			_("Outside calling hours where they live"),
			_("We'll call them later automatically."),
		),
	}


def title(code: str) -> str:
	return reason_words(code)[0]


def blocking(text: str | None) -> list[str]:
	"""Return the blocking codes in a recipient's `reasons`, the main one first.

	Reasons that pass with time are left out, unless there are no others.
	"""
	codes = [code for code in (text or "").split(", ") if code]
	return sorted([code for code in codes if code not in DEFERRING] or codes, key=rank)


def rank(code: str) -> int:
	return ORDER.index(code) if code in ORDER else len(ORDER)
