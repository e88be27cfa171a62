"""The words that Dialer Absence Report stores. Pure Python."""

ABSENCE, LATE = KINDS = ("Absence", "Late arrival")
ILLNESS, APPOINTMENT, FAMILY, OTHER, NOT_SAID = REASONS = (
	"Illness",
	"Appointment",
	"Family matter",
	"Other",
	"Not said",
)
PHONE, TEXT, PAGE, OFFICE = CHANNELS = ("Phone", "Text", "Page", "Office")
REPORTED, APPROVED, REJECTED, WITHDRAWN = ("Reported", "Approved", "Rejected", "Withdrawn")
STANDING = (REPORTED, APPROVED)
"""The statuses of reports that count."""
