"""The rules, one file per family.

Each is a pure function ``(request, facts, policy, at) -> list[Reason]``.
"""

from school_dialer.compliance.rules import (
	calling_hours,
	consent,
	contact,
	correction,
	emergency,
	frequency,
	holidays,
	line,
	number,
	opt_out,
)

# Waiting does not cure these reasons. They change only at the turning points of their families.
BLOCKING_RULES = (
	number.valid,
	number.supported,
	contact.restricted,
	contact.of_age,
	contact.objection,
	contact.closed,
	contact.of_this_school,
	emergency.approved,
	consent.given,
	opt_out.in_force,
	opt_out.not_at_carrier,
	correction.due,
	line.kept,
	line.takes_texts,
)
# These reasons pass with time. Each carries the instant at which it does.
DEFERRING_RULES = (
	calling_hours.within,
	holidays.kept,
	holidays.state_of_emergency,
	frequency.capped,
)
RULES = BLOCKING_RULES + DEFERRING_RULES
# The only rules that apply to a text that answers the person (see `answer.is_answer`).
ANSWER_RULES = (number.valid, number.supported, contact.restricted)
