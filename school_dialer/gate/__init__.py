"""May this person be called with this message, now? Here alone are permits minted.

Ask with `ask(CallContext, checks, at)`; each answer carries the decision, its record and its reasons. `mint` turns an ALLOW of this
moment into the one permit that a carrier accepts. `doc_events` keeps the same rules for forms, REST and imports, `site_policies`
holds the law in force on this site, and `decision_json` writes a decision down so that anyone can replay it.
"""

from school_dialer.gate.decide import (
	CallContext,
	EligibilityCheck,
	EligibilityResult,
	as_fields,
	ask,
	ask_trial,
	in_preview,
	is_educational,
	masked,
	mint,
	mint_trial,
	sign_record,
	signature_holds,
	template_of,
	to_json,
)

__all__ = [
	"CallContext",
	"EligibilityCheck",
	"EligibilityResult",
	"as_fields",
	"ask",
	"ask_trial",
	"in_preview",
	"is_educational",
	"masked",
	"mint",
	"mint_trial",
	"sign_record",
	"signature_holds",
	"template_of",
	"to_json",
]
