"""Check that the number may be dialed at all."""

from __future__ import annotations

from datetime import datetime

from school_dialer.base.phone import PhoneNumber
from school_dialer.compliance.model import Facts, Reason, Request
from school_dialer.compliance.places import country_of
from school_dialer.compliance.policy import Policy
from school_dialer.compliance.vocabulary import INVALID_NUMBER, UNSUPPORTED_COUNTRY


def valid(request: Request, facts: Facts, policy: Policy, at: datetime) -> list[Reason]:
	"""Require a complete E.164 number that is in use in its numbering plan and is not a premium-rate number.

	Source: ITU-T E.164 and the national plans as in the phonenumbers data. Premium and shared-cost numbers
	are refused by choice: no family is reached there, and every call costs the school.
	"""
	phone = request.phone
	if not isinstance(phone, PhoneNumber):
		return [_reason(policy, "The phone number is not complete and valid in international form.")]
	if phone.line_type == "premium":
		return [_reason(policy, "Premium-rate numbers are not called.")]
	return []


def supported(request: Request, facts: Facts, policy: Policy, at: datetime) -> list[Reason]:
	"""Require the policy in use to cover both the person's country and the number's country.

	Source: the project's own rule: where no rules are loaded, none can be followed (design: no policy =
	BLOCK).
	"""
	country = country_of(request.person)
	if country is not None and country not in policy.countries:
		return [
			_unsupported(
				policy,
				f"The person is in {country[:40]}, which policy {policy.name} does not cover.",
				("person", country[:40], policy.name),
			)
		]
	phone = request.phone
	if isinstance(phone, PhoneNumber) and phone.country not in policy.countries:
		return [
			_unsupported(
				policy,
				f"It is a number of {phone.country}, which policy {policy.name} does not cover.",
				("number", phone.country, policy.name),
			)
		]
	return []


def _reason(policy: Policy, detail: str) -> Reason:
	return Reason(INVALID_NUMBER, "number.valid", policy.citation(INVALID_NUMBER), detail)


def _unsupported(policy: Policy, detail: str, values: tuple[str, str, str]) -> Reason:
	citation = policy.citation(UNSUPPORTED_COUNTRY)
	return Reason(UNSUPPORTED_COUNTRY, "number.supported", citation, detail, values=values)
