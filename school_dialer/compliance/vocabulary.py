"""The closed lists of words that requests, facts, policies and decisions are made of."""

ALLOW, DEFER, BLOCK = VERDICTS = ("ALLOW", "DEFER", "BLOCK")

EMERGENCY = "Emergency"
FUNDRAISING = "Fundraising"
PURPOSES = (EMERGENCY, "Attendance", "Academic", "Event", "General", "Fees", FUNDRAISING)
ALL_PURPOSES = "All"

VOICE, TEXT = CHANNELS = ("Voice", "Text")
ANY_CHANNEL = "Any"

NUMBER_PROVIDED, EXPRESS_ORAL, EXPRESS_WRITTEN = BASES = (
	"number provided",
	"express oral",
	"express written",
)

THIS_PURPOSE, THIS_SCHOOL, ALL_NON_EMERGENCY, EVERYTHING = SCOPES = (
	"this purpose",
	"this school",
	"all non-emergency",
	"everything",
)
"""What an opt-out stops, from the narrowest to the widest.

"this school" stops what one school of a district calls and texts about, whatever the purpose, except
emergencies. Other schools' and the district's own matters go on.
"""
SCHOOL_PREFIX = "School/"
"""How the ledger's `purpose` begins when the scope is "this school". The school's key follows."""

EMERGENCY_TYPES = ("Weather closure", "Fire", "Health risk", "Threat to safety", "Unexcused absence")

PUBLIC_SCHOOL, PRIVATE_SCHOOL, COLLEGE = CALLERS = ("public school", "private school", "college")
"""The kinds of callers that some laws exempt: a public school or district, a private school, a college."""

INVALID_NUMBER = "INVALID_NUMBER"
UNSUPPORTED_COUNTRY = "UNSUPPORTED_COUNTRY"
NO_CONSENT = "NO_CONSENT"
WRITTEN_CONSENT_REQUIRED = "WRITTEN_CONSENT_REQUIRED"
CONSENT_EXPIRED = "CONSENT_EXPIRED"
CONSENT_STALE = "CONSENT_STALE"
OPTED_OUT = "OPTED_OUT"
RESTRICTED_CONTACT = "RESTRICTED_CONTACT"
EMERGENCY_NOT_APPROVED = "EMERGENCY_NOT_APPROVED"
CARRIER_BLOCKED = "CARRIER_BLOCKED"
OTHER_SCHOOL = "OTHER_SCHOOL"
NOT_HEARD = "NOT_HEARD"
NUMBER_REASSIGNED = "NUMBER_REASSIGNED"
NO_TEXTS = "NO_TEXTS"
FREQUENCY_CAP = "FREQUENCY_CAP"
OUTSIDE_CALLING_HOURS = "OUTSIDE_CALLING_HOURS"
NO_TIME_ZONE = "NO_TIME_ZONE"
HOLIDAY = "HOLIDAY"

DEFERRING = frozenset({FREQUENCY_CAP, OUTSIDE_CALLING_HOURS, NO_TIME_ZONE, HOLIDAY})
BLOCKING = frozenset(
	{
		INVALID_NUMBER,
		UNSUPPORTED_COUNTRY,
		NO_CONSENT,
		WRITTEN_CONSENT_REQUIRED,
		CONSENT_EXPIRED,
		CONSENT_STALE,
		OPTED_OUT,
		RESTRICTED_CONTACT,
		EMERGENCY_NOT_APPROVED,
		CARRIER_BLOCKED,
		OTHER_SCHOOL,
		NOT_HEARD,
		NUMBER_REASSIGNED,
		NO_TEXTS,
	}
)
CODES = BLOCKING | DEFERRING
OWN = {
	OTHER_SCHOOL: "The district's own order: a school calls about its own students",
	NOT_HEARD: "A correction is for those who got the message: the school's own rule, beyond the law",
	NUMBER_REASSIGNED: "47 CFR 64.1200(m) in the United States; elsewhere the school's own rule",
	NO_TEXTS: "A landline receives no texts: the school's own rule",
}
"""Reasons that no policy has a source for: the same in every country."""
CITED_CODES = CODES - set(OWN)
