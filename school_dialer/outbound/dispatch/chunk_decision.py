"""The decision on a claimed chunk, on fresh facts: who is called now, and who is not and why."""

from secrets import token_hex

import frappe

from school_dialer import gate
from school_dialer.base import clock
from school_dialer.campaigns import message_content
from school_dialer.campaigns.parties import asking
from school_dialer.outbound.attempts import after_commit, call_logs, claims, refusals
from school_dialer.outbound.dispatch.carrier_request import CarrierRequest
from school_dialer.outbound.pace import resting_numbers
from school_dialer.settings import carrier_settings


def warm_up(campaign, number: carrier_settings.SendingNumber) -> None:
	"""Read the policies and words that decide a campaign's chunks, before the first one is claimed.

	They take a fifth of a second, and seconds on a busy machine, for which claimed rows would wait, and
	opt-outs of their numbers with them. Done once by each thread, and again after `forget`. What fails here
	is left to the chunk itself, which knows what follows: no message is held back by its example.
	"""
	warm = getattr(frappe.local, "dialer_warm", None)
	if warm is None:
		warm = frappe.local.dialer_warm = set()
	if (campaign.name, campaign.channel) in warm:
		return
	warm.add((campaign.name, campaign.channel))
	try:
		ours = gate.EligibilityCheck("", number.phone_number, None, None)
		gate.ask(gate.CallContext.of(campaign), [ours], clock.now())
		message_content.example(campaign, frappe._dict(name=None, log="", person_name="", language=""))
	except Exception as error:
		frappe.logger("school_dialer").warning("nothing was read ahead: %s", type(error).__name__)


def forget() -> None:
	"""Forget the policies that were read, and that they were: the next chunk reads them again."""
	frappe.local.dialer_policies = frappe.local.dialer_warm = None


def permitted(campaign, rows: list, number: carrier_settings.SendingNumber) -> list[CarrierRequest]:
	"""Write a call log for each ALLOW, and the reason on every other recipient. Return what may be sent."""
	# Locks the rows until the commit: no one changes them while they are decided.
	held = claims.still_due(campaign.name, rows)
	if not held:
		claims.release(rows)
		return []
	wanted = refusals.recheck_audience(campaign, held)
	# After the locks, for which it may have waited: hours and permits count from here.
	at = clock.now()
	together = not message_content.asks_for_pin(campaign)
	answers = asking.ask(gate.CallContext.of(campaign), wanted, at, together=together)
	schools = resting_numbers.schools_for(campaign, number)
	elsewhere = [row for row in wanted if not schools.covers(answers[row.name].school)]
	refusals.return_to_other_school(elsewhere, answers)
	wanted = [row for row in wanted if schools.covers(answers[row.name].school)]
	allowed = [row for row in wanted if answers[row.name].decision.allowed]
	refused = [row for row in wanted if not answers[row.name].decision.allowed]
	refusals.alarm(campaign, refusals.apply_refusals(refused, answers))
	for row in allowed:
		row.students, row.school = answers[row.name].students, answers[row.name].school
		row.log = token_hex(8)
	messages, missing = message_content.worded(campaign, allowed, answers)
	refusals.block_missing_data(missing)
	ready = [row for row in allowed if row.name in messages]
	# Before the permits leave this function: a request without a log could not be found again.
	call_logs.write_logs(campaign, ready, answers, number.phone_number, at, account=number.account)
	if len(ready) < len(held):
		after_commit.complete(campaign.name)
	return [
		CarrierRequest(
			row,
			row.log,
			gate.mint(answers[row.name], call_log=row.log, to=row.phone, sender=number.phone_number),
			messages[row.name],
		)
		for row in ready
	]
