"""Sending numbers that an emergency rests for a while because the carrier refuses them. Always reported.

An emergency is not paused for that. It goes on from the school's other numbers at once and tries the resting
number again a minute later, so that it recovers when the account is fixed. The approvers, the managers, and
the person who started it are notified at once. Kept in Redis, where all dispatchers see it. What Redis loses
is found again after three more refusals.
"""

import hashlib
from dataclasses import replace

import frappe
from frappe import _

from school_dialer.campaigns import notifications
from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.outbound.pace import account_health
from school_dialer.settings import carrier_accounts, carrier_settings

REST_SECONDS = 60
REPORTED_SECONDS = 30 * 60
"""Seconds after which the same trouble is reported again."""


def key(*parts: str) -> str:
	return frappe.cache().make_key("dialer_rest:" + hashlib.sha256("|".join(parts).encode()).hexdigest()[:32])


def rest_number(campaign: str, trouble) -> None:
	"""Rest this number on this channel for `REST_SECONDS`, and notify the approvers."""
	frappe.cache().set(key(campaign, trouble.channel, trouble.sender), "1", ex=REST_SECONDS)
	numbers = carrier_settings.sending_numbers(trouble.channel)
	# The district's numbers stand in for a school's own (`schools_for`), and no other school's do.
	standing_in = {"", *(number.school for number in numbers if number.phone_number == trouble.sender)}
	others = {number.phone_number for number in numbers if number.school in standing_in}
	others -= which_rest(campaign, trouble.channel, list(others))
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
	return bool(which_rest(campaign, channel, [sender]))


def which_rest(campaign: str, channel: str, senders: list[str]) -> set[str]:
	"""Return those of these numbers that rest, with one request to Redis."""
	keys = [key(campaign, channel, sender) for sender in senders]
	marks = frappe.cache().execute_command("MGET", *keys) if keys else ()
	return {sender for sender, mark in zip(senders, marks, strict=True) if mark}


def schools_for(campaign, number: carrier_settings.SendingNumber) -> carrier_settings.Schools:
	"""Return in which schools' names this number calls or texts for the campaign.

	In an emergency the district's numbers stand in for those of a school of which none can be used now: they
	rest, or their account is not well.
	"""
	schools = carrier_settings.schools_of(number, campaign.channel)
	if campaign.purpose != EMERGENCY or not schools.never:
		return schools
	watch = account_health.Watch() if carrier_accounts.several() else None
	numbers = carrier_settings.sending_numbers(campaign.channel)
	resting = which_rest(campaign.name, campaign.channel, [row.phone_number for row in numbers])
	usable = {
		row.school
		for row in numbers
		if row.phone_number not in resting and not (watch and watch.room(row.account) == 0)
	}
	return replace(schools, never=tuple(school for school in schools.never if school in usable))


def is_resting_for(campaign, line) -> bool:
	"""Return True if a dispatcher skips this campaign on this line for now."""
	return campaign.purpose == "Emergency" and is_resting(campaign.name, campaign.channel, line.phone_number)
