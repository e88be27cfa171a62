"""The rules, one file a family. Each is a pure function ``(request, facts, policy, at) -> list[Reason]``."""

from school_dialer.compliance.rules import (
	calling_hours,
	consent,
	contact,
	emergency,
	frequency,
	holidays,
	number,
	opt_out,
)

# Reasons that waiting does not cure; what these rules say changes only at their families' turning points.
BLOCKING_RULES = (
	number.valid,
	number.supported,
	contact.restricted,
	contact.of_age,
	contact.objection,
	contact.closed,
	emergency.approved,
	consent.given,
	opt_out.in_force,
	opt_out.not_at_carrier,
)
# Reasons that pass with time, each with the instant at which it does.
DEFERRING_RULES = (
	calling_hours.within,
	holidays.kept,
	holidays.state_of_emergency,
	frequency.capped,
)
RULES = BLOCKING_RULES + DEFERRING_RULES
# All that stands in the way of a text that answers the person (see answer.is_answer).
ANSWER_RULES = (number.valid, number.supported, contact.restricted)
