"""Decide whether the school may call or text a person now. Pure Python, no Frappe.

See docs/compliance.md. Not legal advice.
"""

from school_dialer.compliance.codec import ReplayError, record_of, replay
from school_dialer.compliance.engine import decide
from school_dialer.compliance.model import (
	Attempt,
	Consent,
	Decision,
	Emergency,
	Facts,
	OptOut,
	Person,
	Reason,
	Request,
	StateOfEmergency,
)
from school_dialer.compliance.policy import Policy, PolicyError
from school_dialer.compliance.vocabulary import ALLOW, BLOCK, DEFER

__all__ = [
	"ALLOW",
	"BLOCK",
	"DEFER",
	"Attempt",
	"Consent",
	"Decision",
	"Emergency",
	"Facts",
	"OptOut",
	"Person",
	"Policy",
	"PolicyError",
	"Reason",
	"ReplayError",
	"Request",
	"StateOfEmergency",
	"decide",
	"record_of",
	"replay",
]
