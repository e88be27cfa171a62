"""May a person's message be answered by text, now?

The message is the permission for the answer, as the request is for a test call. Who gives the school a number
by writing from it invites an answer there (FCC 92-443, par. 31), and a text that a person asked for is
expected by them (FCC 15-72, pars. 103 to 106, 30 FCC Rcd 7961, 8015-16). The latter speaks of one text, sent
at once, with what was asked for and no advertising. An answer by staff comes later, so it rests on the
former, and the two weeks are this app's own bound. Consent in the ledger is not needed for that time, and
calls and texts of campaigns do not count against it. Calling hours, court orders, blocks at the carrier, and
opt-outs apply.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from school_dialer.compliance import Consent, OptOut, decide
from school_dialer.compliance.vocabulary import EVERYTHING, EXPRESS_ORAL
from school_dialer.gate.decide import CallContext, EligibilityCheck, EligibilityResult, ask

CHANNEL, PURPOSE = "Text", "General"
ANSWERED_WITHIN = timedelta(days=14)
"""How long a message asks for an answer. After that, the usual consent is needed."""


def ask_reply(
	phone: str,
	wrote_at: datetime | None,
	at: datetime,
	person_doctype: str | None = None,
	person: str | None = None,
	students: tuple[str, ...] = (),
	school: str = "",
) -> EligibilityResult:
	"""Decide whether a message from `phone` (E.164), written at `wrote_at`, may be answered by text at `at`.

	Times are aware; None means that the person wrote nothing. The person's address and restrictions count if
	they are known. `school` is the school of a district that answers, "" for the district.
	"""
	check = EligibilityCheck("reply", phone, person_doctype, person, students, school=school)
	answer = ask(CallContext(CHANNEL, PURPOSE, answers=True), [check], at)["reply"]
	decision, facts = answer.decision, replace(answer.decision.facts, history=())
	if wrote_at and wrote_at <= at < wrote_at + ANSWERED_WITHIN:
		wish = Consent(CHANNEL, PURPOSE, EXPRESS_ORAL, wrote_at, wrote_at + ANSWERED_WITHIN)
		facts = replace(
			facts,
			consents=(wish, *facts.consents),
			opt_outs=tuple(opt_out for opt_out in facts.opt_outs if holds_against_reply(opt_out, wrote_at)),
		)
	return EligibilityResult(decide(decision.request, facts, decision.rules, at), answer.students)


def holds_against_reply(opt_out: OptOut, wrote_at: datetime) -> bool:
	"""Return whether an opt-out stops the answer to a message that was written at `wrote_at`.

	One that was made before it does not: the person asks again. One from everything does, because it marks
	a stranger's number too.
	"""
	return opt_out.scope in (None, EVERYTHING) or opt_out.at is None or opt_out.at >= wrote_at
