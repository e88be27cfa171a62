"""API of the form of a kit item, and of approvers for their own PIN."""

import frappe
from frappe import _

from school_dialer.base import roles
from school_dialer.base.refusal import throw
from school_dialer.calls import pins
from school_dialer.calls.own_number import sample_call
from school_dialer.desk.support import access
from school_dialer.emergency_kit import item_seal
from school_dialer.emergency_kit.second_person import ladder

PINS_A_MINUTE = 10


@frappe.whitelist(methods=["POST"])
def approve(item: str, seen: str) -> None:
	"""Approve the item as the user saw it; `seen` is the digest that the form shows.

	See `emergency_kit.item_seal.approve`.
	"""
	access.get_record(item_seal.DOCTYPE, item).check_permission("read")
	item_seal.approve(item, seen)


@frappe.whitelist(methods=["POST"])
def choose_pin(pin: str) -> None:
	"""Set the PIN by which the user, an emergency approver, approves in a call. It ends a lock.

	Raise `pins.WeakPin` for one that is easy to guess.
	"""
	access.only_for((roles.APPROVER,))
	access.not_too_often("approval pin", PINS_A_MINUTE)
	user, given = frappe.session.user, str(pin)[:20].strip()
	if pins.is_weak(given):
		throw(
			_("Choose 4 to 8 digits that no one would guess. The first may not be 7, 8 or 9."), pins.WeakPin
		)
	pins.keep_pin("User", user, frappe.utils.get_fullname(user), given, user)


@frappe.whitelist(methods=["GET"])
def own_approvals() -> dict:
	"""Return how the user, an emergency approver, can be asked: `number` (masked, or "") and `pin`.

	`pin` is "" if there is one, "no pin", or "locked".
	"""
	access.only_for((roles.APPROVER,))
	user = frappe.session.user
	return {
		"number": sample_call.masked_number(user),
		"pin": pins.refusal("User", user, ladder.MOST_WRONG_PINS),
	}
