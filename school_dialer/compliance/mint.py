"""Make permits from ALLOW decisions. Only the gate imports this module, by an import contract."""

from __future__ import annotations

from datetime import timedelta

from school_dialer.base.phone import PhoneNumber
from school_dialer.compliance.model import Decision
from school_dialer.compliance.permit import (
	MINT,
	TRIAL_VALID_FOR,
	VALID_FOR,
	NotPermitted,
	Permit,
	Trial,
	TrialPermit,
)
from school_dialer.compliance.vocabulary import CHANNELS


def mint(
	decision: Decision, *, call_log: str, to: str, sender: str, valid_for: timedelta = VALID_FOR
) -> Permit:
	"""Make a permit for the one request that ``decision`` allows.

	Raises NotPermitted unless the decision is an ALLOW for exactly the number ``to`` (E.164), on a known
	channel, with a purpose, and ``call_log`` and ``sender`` are given. The permit is valid for ``valid_for``,
	30 seconds at most, from the decision's own time, because that is when its facts were read.
	"""
	require_allowed(decision, call_log, to, sender)
	if not timedelta(0) < valid_for <= VALID_FOR:
		raise NotPermitted("A permit is valid for 30 seconds at most.")
	return Permit(MINT, decision, call_log, to, sender, decision.at + valid_for)


def mint_trial(decision: Decision, trial: Trial, *, call_log: str, to: str, sender: str) -> TrialPermit:
	"""Make a permit for the one test that ``decision`` allows, valid for one minute.

	Raises NotPermitted as `mint` does, and for a test without a user.
	"""
	require_allowed(decision, call_log, to, sender)
	if not trial.user:
		raise NotPermitted("A test is asked for by a user.")
	trial = Trial(trial.user, trial.template or None, trial.version)
	return TrialPermit(MINT, trial, decision, call_log, to, sender, decision.at + TRIAL_VALID_FOR)


def require_allowed(decision: Decision, call_log: str, to: str, sender: str) -> None:
	"""Raise NotPermitted unless ``decision`` allows a request to ``to``.

	Also raises it when the channel, the purpose, the call log or the sender is missing.
	"""
	if not decision.allowed:
		raise NotPermitted(f"The decision is {decision.verdict}: {', '.join(decision.codes)}.")
	phone = decision.request.phone
	if not isinstance(phone, PhoneNumber) or phone.e164 != to:
		raise NotPermitted("The decision is about another number.")
	if decision.request.channel not in CHANNELS or decision.request.purpose is None:
		raise NotPermitted("The decision names no channel or purpose.")
	if not call_log or not sender:
		raise NotPermitted("A permit needs a call log and a sender.")
