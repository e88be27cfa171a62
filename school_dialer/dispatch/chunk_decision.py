"""The decision on a claimed chunk, on fresh facts: who is called now, and who is not and why."""

from secrets import token_hex

from school_dialer import clock, gate
from school_dialer.attempts import after_commit, call_logs, claims, refusals
from school_dialer.campaigns import message_content
from school_dialer.campaigns.parties import asking
from school_dialer.dispatch.carrier_request import CarrierRequest
from school_dialer.settings import carrier_settings


def permitted(campaign, rows: list, number: carrier_settings.SendingNumber) -> list[CarrierRequest]:
	"""Write a call log for each ALLOW, and the reason on every other recipient. Return what may be sent."""
	held = claims.still_due(campaign.name, rows)
	if not held:
		claims.release(rows)
		return []
	wanted = refusals.recheck_audience(campaign, held)
	at = clock.now()
	together = not message_content.asks_for_pin(campaign)
	answers = asking.ask(gate.CallContext.of(campaign), wanted, at, together=together)
	schools = carrier_settings.schools_of(number, campaign.channel)
	elsewhere = [row for row in wanted if not schools.covers(answers[row.name].school)]
	refusals.send_elsewhere(elsewhere, answers)
	wanted = [row for row in wanted if schools.covers(answers[row.name].school)]
	allowed = [row for row in wanted if answers[row.name].decision.allowed]
	refusals.apply_refusals([row for row in wanted if not answers[row.name].decision.allowed], answers)
	for row in allowed:
		row.students, row.school = answers[row.name].students, answers[row.name].school
		row.log = token_hex(8)
	messages, missing = message_content.worded(campaign, allowed, answers)
	refusals.block_missing_data(missing)
	ready = [row for row in allowed if row.name in messages]
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
