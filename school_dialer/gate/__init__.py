"""May this person be called with this message, now? Permits are minted only here.

Ask with `ask(CallContext, checks, at)`. Each result has the decision, its record, and its reasons. `mint`
turns a current ALLOW into the one permit that a carrier accepts. `doc_events` enforces the same rules for
forms, REST, and imports. `site_policies` holds the law in force on this site. `decision_json` writes a
decision so that anyone can replay it.
"""

from school_dialer.gate.decide import (
	CallContext,
	EligibilityCheck,
	EligibilityResult,
	as_fields,
	ask,
	ask_trial,
	is_educational,
	masked,
	mint,
	mint_trial,
	sign_record,
	signature_holds,
	template_of,
	to_json,
)
from school_dialer.gate.manual import ask_agent, ask_manual
from school_dialer.gate.on_call import ask_approver
from school_dialer.gate.replies import ask_reply
from school_dialer.gate.same_person import stopped_elsewhere
from school_dialer.gate.students import heard_about, heard_by, in_preview

__all__ = [
	"CallContext",
	"EligibilityCheck",
	"EligibilityResult",
	"as_fields",
	"ask",
	"ask_agent",
	"ask_approver",
	"ask_manual",
	"ask_reply",
	"ask_trial",
	"heard_about",
	"heard_by",
	"in_preview",
	"is_educational",
	"masked",
	"mint",
	"mint_trial",
	"sign_record",
	"signature_holds",
	"stopped_elsewhere",
	"template_of",
	"to_json",
]
