"""Sending numbers that an emergency rests for a while because the carrier refuses them. Always reported.

An emergency is not paused for that. It goes on from the school's other numbers at once and tries the resting
number again a minute later, so that it recovers when the account is fixed. The approvers, the managers, and
the person who started it are notified at once. Kept in Redis, where all dispatchers see it. What Redis loses
is found again after three more refusals.
"""

import hashlib

import frappe
from frappe import _

from school_dialer.campaigns import notifications
from school_dialer.settings import carrier_settings

REST_SECONDS = 60
REPORTED_SECONDS = 30 * 60
"""Seconds after which the same trouble is reported again."""


def key(*parts: str) -> str:
	return frappe.cache().make_key("dialer_rest:" + hashlib.sha256("|".join(parts).encode()).hexdigest()[:32])


def rest_number(campaign: str, trouble) -> None:
	"""Rest this number on this channel for `REST_SECONDS`, and notify the approvers."""
	frappe.cache().set(key(campaign, trouble.channel, trouble.sender), "1", ex=REST_SECONDS)
	others = [
		number.phone_number
		for number in carrier_settings.sending_numbers(trouble.channel)
		if not is_resting(campaign, trouble.channel, number.phone_number)
	]
	after = (
		_("It goes on from the school's other numbers.")
		if others
		else _("No other number is left. It is tried again every minute; fix it now.")
	)
	alarm_approvers(
		campaign,
		f"{trouble.message} {after}",
		trouble.channel,
		trouble.sender,
		trouble.code,
		str(bool(others)),
	)


def alarm_approvers(campaign: str, message: str, *about: str) -> None:
	"""Report an emergency's trouble, once per subject (`about`) and `REPORTED_SECONDS`."""
	if frappe.cache().set(key("reported", campaign, *about), "1", ex=REPORTED_SECONDS, nx=True):
		notifications.trouble(campaign, message)


def alarm_of_limit(campaign: str, limit) -> None:
	"""Report a limit of the day, which others than those concerned do not notice."""
	again = _("Those concerned are tried again every quarter of an hour. Reach them in another way.")
	alarm_approvers(campaign, f"{limit.message} {again}", "limit", limit.sender, *limit.codes)


def alarm_of_breaker(campaign: str, reason: str) -> None:
	"""Report what would pause another campaign. Counts in the message do not make it a new trouble."""
	again = _("This emergency is not paused: it is tried again every few seconds.")
	alarm_approvers(campaign, f"{reason} {again}", "".join(sign for sign in reason if not sign.isdecimal()))


def is_resting(campaign: str, channel: str, sender: str) -> bool:
	return bool(frappe.cache().execute_command("EXISTS", key(campaign, channel, sender)))


def is_resting_for(campaign, line) -> bool:
	"""Return True if a dispatcher skips this campaign on this line for now."""
	return campaign.purpose == "Emergency" and is_resting(campaign.name, campaign.channel, line.phone_number)
