"""Start a kit item, once, however often a phone on a bad connection sends its request.

Each request has a key that the browser made when the button was pressed. The key is unique in the database,
so of two requests at once one waits for the other's commit and then gets its answer.
"""

import re
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import frappe
from frappe import _

from school_dialer.base import clock, states
from school_dialer.base.database.rows import insert, stamp
from school_dialer.base.database.transactions import changed
from school_dialer.base.refusal import throw
from school_dialer.base.without_permission import write_kit_campaign
from school_dialer.base.wording import translated
from school_dialer.campaigns import actions
from school_dialer.campaigns.teachers import plain_details, words
from school_dialer.emergency_kit import drill, item_seal, offered
from school_dialer.emergency_kit.second_person import ladder
from school_dialer.messages import store

DOCTYPE = "Dialer Emergency Start"
KEY = re.compile(r"[0-9A-Za-z-]{16,64}")
OLD_SECONDS = 15 * 60
"""A request that waited longer in a phone asks its user again."""


class TooOld(frappe.ValidationError):
	"""The request waited too long before it arrived."""


@dataclass(frozen=True, slots=True)
class StartRequest:
	"""One press of the button. `waited`: seconds since then, by the phone's own clock.

	`agreed`: keys of the questions about a drill that its starter confirmed.
	"""

	item: str
	key: str
	waited: float = 0.0
	details: str = ""
	drill: bool = False
	agreed: frozenset[str] = frozenset()


def start(asked: StartRequest, user: str) -> str:
	"""Start the item for this user and return the name of the start, which is the same for the same key.

	Runs in the caller's transaction, READ COMMITTED. Raise `TooOld` for a request that waited longer than
	`OLD_SECONDS`, unless it has arrived before, and `drill.Unconfirmed` for a drill that looks like a
	mistake.
	"""
	if not isinstance(asked.key, str) or not KEY.fullmatch(asked.key):
		throw(_("This request cannot be read. Load the page again."))
	key = sha256(f"{user}\0{asked.key}".encode()).hexdigest()
	if start_name := started(key, asked.item):
		return start_name
	if not 0 <= asked.waited <= OLD_SECONDS:
		throw(_("This waited in the phone for more than 15 minutes. Start it again if it is needed."), TooOld)
	item = startable(asked.item, user)
	name = secrets.token_hex(10)
	insert(DOCTYPE, [values_of(name, key, item, user, asked.drill)], ignore=True)
	if not changed():
		return started(key, asked.item)
	values = drill.values_of(item) if asked.drill else offered.values_of(item, details_of(asked, item))
	campaign = write_kit_campaign(values)
	frappe.db.set_value("Dialer Campaign", campaign.name, "kit_start", name, update_modified=False)
	frappe.db.set_value(DOCTYPE, name, "campaign", campaign.name, update_modified=False)
	frappe.clear_document_cache("Dialer Campaign", campaign.name)
	if asked.drill:
		drill.refuse_unconfirmed(campaign, asked.agreed)
	status = actions.start(campaign.name, agreed=asked.agreed)
	if status == states.AWAITING and not asked.drill:
		ladder.enqueue(name)
	return name


def started(key: str, item: str) -> str:
	"""Return the start with this key, or "". Raise ValidationError if it is of another item."""
	earlier = frappe.db.get_value(DOCTYPE, {"request_key": key}, ["name", "item"])
	if earlier and earlier[1] != item:
		throw(_("This request cannot be read. Load the page again."))
	return earlier[0] if earlier else ""


def offered_to(name: str, user: str) -> Any:
	"""Return the item. Raise PermissionError unless this user may start it, whether it exists or not."""
	item = name and frappe.db.get_value(item_seal.DOCTYPE, name, ["*"], as_dict=True)
	named = offered.people_named([name]).get(name, ()) if item else ()
	if not item or not offered.may_start(item, user, named):
		throw(_("You may not start this."), frappe.PermissionError)
	return item


def startable(name: str, user: str) -> Any:
	"""Return the item if this user may start it as it is now."""
	item = offered_to(name, user)
	if not item.enabled:
		throw(_("This is not in use any more."))
	if not item_seal.is_approved(item):
		throw(
			_(
				"The words or the audience are not approved as they are now. "
				"An emergency approver approves them."
			)
		)
	return item


def details_of(asked: StartRequest, item: Any) -> str:
	"""Return the details, cleaned; "" if there are none."""
	details = " ".join(str(asked.details or "").split())
	if not details:
		return ""
	if problem := plain_details.problem(details):
		throw(translated(problem, _))
	if not words.has_details(store.template(item.template)):
		throw(_("This message has no place for details."))
	return details


def values_of(name: str, key: str, item: Any, user: str, is_drill: bool) -> dict:
	now = clock.db_now()
	return {
		"name": name,
		**stamp(now),
		"item": item.name,
		"title": item.title,
		"kind": item.kind,
		"drill": int(is_drill),
		"school": item.school or None,
		"started_by": user,
		"received_at": now,
		"request_key": key,
	}
