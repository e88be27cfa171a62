"""Short ways to write requests, facts and times for the tests of the decision engine."""

from datetime import datetime, timedelta

from school_dialer.base import phone
from school_dialer.compliance import (
	Consent,
	Decision,
	Emergency,
	Facts,
	OptOut,
	Person,
	Policy,
	Request,
	decide,
	policies,
)
from school_dialer.compliance.codec import parse_time

CHICAGO = "+13125550142"
TOLL_FREE = "+18005550142"

# A Tuesday, noon in Chicago.
NOON = parse_time("2026-05-12T17:00:00Z")
GRANTED = parse_time("2025-08-20T14:00:00Z")

GIVEN = Consent("Any", "All", "number provided", GRANTED)
WRITTEN = Consent("Any", "All", "express written", GRANTED)
APPROVED = Emergency("Fire", "principal@school.example", "superintendent@school.example")


def at(text: str) -> datetime:
	"""Return a time like ``at("2026-05-12 17:00")``, in UTC."""
	return parse_time(text)


def request(
	number: str | None = CHICAGO,
	channel="Voice",
	purpose="General",
	line_type="unknown",
	emergency=None,
	caller=None,
	school=None,
	corrects=False,
	**person,
):
	person.setdefault("country", "US")
	try:
		number = phone.parse(number)
	except phone.InvalidNumber:
		pass
	return Request(
		number,
		channel,
		purpose,
		Person(**person),
		line_type,
		emergency,
		caller=caller,
		school=school,
		corrects=corrects,
	)


def judge(
	what: Request, *consents: Consent, when: datetime = NOON, policy: Policy | None = None, **facts
) -> Decision:
	"""Decide under the policy of the person's country."""
	return decide(what, Facts(consents, **facts), policy or policies.for_request(what), when)


def outcome(*arguments, **facts) -> tuple[str, tuple[str, ...]]:
	decision = judge(*arguments, **facts)
	return decision.verdict, decision.codes


def opt_out(scope=None, purpose=None, channel=None, when="2026-01-10T18:00:00Z", school=None) -> OptOut:
	return OptOut(scope, purpose, channel, parse_time(when), school)


def days(number: int) -> timedelta:
	return timedelta(days=number)


def amended(**changes) -> Policy:
	"""Return the policy of the United States with changed data; keys look like ``hours__number_zones``."""
	data = policies.load("US").to_dict()
	for path, value in changes.items():
		*parents, key = path.split("__")
		place = data
		for parent in parents:
			place = place[parent]
		place[key] = value
	return Policy.from_dict(data)
