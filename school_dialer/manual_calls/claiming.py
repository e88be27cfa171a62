"""Who phones whom: each family is with one member of staff, for a while, and not with the machine meanwhile.

A claim locks the row of the list and then the recipient's row, in which the dispatcher notes its own claim.
So of a person and a dispatcher who want the same family at once, one gets it.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

import frappe
from frappe import _

from school_dialer.base import clock, states
from school_dialer.base.refusal import throw
from school_dialer.campaigns import related
from school_dialer.compliance.vocabulary import BLOCK, DEFER
from school_dialer.manual_calls import listing, work
from school_dialer.manual_calls.listing import DOCTYPE

CANDIDATES = 20
READ = (
	"name",
	"recipient",
	"campaign",
	"school",
	"purpose",
	"school",
	"urgency",
	"why",
	"language",
	"status",
	"phone",
	"phone_masked",
	"person_doctype",
	"person",
	"person_name",
	"students",
	"attempts",
	"outcome",
	"note",
	"not_before",
	"claimed_by",
	"claimed_until",
	"done_by",
	"done_at",
	"agent_log",
	"call_log",
	"refused",
	"recipient_was",
)
RINGING = (states.DIALING, states.UNKNOWN)
"""States of a recipient whose phone the machine makes ring now, or may."""
UNDER_WAY = f"""exists (select 1 from `tabDialer Call Log` log
	where log.name = listed.agent_log and log.status_rank < {states.FINAL_RANK})"""


class NotYours(frappe.ValidationError):
	"""The family is not with this user, or not any more."""


class Taken(frappe.ValidationError):
	"""The family can't be claimed now. The message says who has it."""


def next_family(user: str, languages: Sequence[str], readable: str = "") -> str | None:
	"""Claim the most urgent family for this user, and return its name in the list.

	None if there is none in these languages (all if empty). The family that the user has already is returned
	again. `readable` limits the rows to those the user may read, as SQL for a statement with values. The
	caller commits. The transaction must be READ COMMITTED (`transactions.retried`).
	"""
	frappe.db.sql("select name from `tabUser` where name = %s for update", user)
	if current := current_of(user):
		return current
	lapse()
	tried: set[str] = set()
	while names := [name for name in candidates(languages, readable) if name not in tried]:
		for name in names:
			tried.add(name)
			if take(name, user, wait=False):
				return name
	return None


def current_of(user: str) -> str | None:
	rows = frappe.get_all(
		DOCTYPE,
		{"claimed_by": user, "status": ("in", work.WITH_PERSON), "claimed_until": (">", clock.db_now())},
		pluck="name",
		order_by="claimed_until desc",
		limit=1,
	)
	return rows[0] if rows else None


def candidates(languages: Sequence[str], readable: str) -> list[str]:
	"""Return waiting families, the most urgent first, without locking them: ten clerks may look at once."""
	in_language = "and ifnull(language, '') in %(languages)s" if languages else ""
	rows = frappe.db.sql(
		f"""select name from `tabDialer Manual Call`
		where status = 'Waiting' and not_before <= %(now)s {in_language} {readable}
		and campaign not in (select name from `tabDialer Campaign` campaign where {related.IS_CORRECTED})
		order by urgency, listed_at, name limit {CANDIDATES}""",
		{"now": clock.db_now(), "languages": tuple(languages), "undone": related.UNDONE},
	)
	return [name for (name,) in rows]


def claim(name: str, user: str) -> None:
	"""Claim this family for the user. Raises `Taken`, with the reason, if it can't be claimed now."""
	# One claim of a user at a time: two windows claim one family.
	frappe.db.sql("select name from `tabUser` where name = %s for update", user)
	current = current_of(user)
	if current and current != name:
		throw(_("You have another family. Note what came of it, or give it back first."), Taken)
	if not current and not take(name, user, wait=True):
		throw(why_not(name), Taken, title=_("Not now"))


def take(name: str, user: str, wait: bool) -> bool:
	"""Claim the row if it is free, the machine is not calling, and a person may call. Return whether it was.

	Without `wait`, a row that another transaction has locked counts as taken.
	"""
	row, recipient = locked(name, "" if wait else "skip locked")
	now = clock.now()
	if not row or not recipient or row.status == work.DONE or is_with_person(row):
		return False
	if is_ringing(row, recipient.status) or not is_wanted(row, now):
		return False
	until = clock.to_db(now + work.LEASE)
	write(row, status=work.CLAIMED, claimed_by=user, claimed_until=until, refused=None)
	return True


def locked(name: str, how: str = "") -> tuple[frappe._dict | None, frappe._dict | None]:
	"""Return the row and its recipient, locked until the transaction ends.

	With `how` "skip locked", either is None if another transaction has it.
	"""
	columns = ", ".join(READ)
	rows = frappe.db.sql(
		f"select {columns} from `tabDialer Manual Call` where name = %s for update {how}", name, as_dict=True
	)
	if not rows:
		return None, None
	row = rows[0]
	row.students = tuple(json.loads(row.students or "[]"))
	recipients = frappe.db.sql(
		"""select name, status, outcome, held_until, phone, person_doctype, person, person_name,
			language, students, attempts, max_attempts, campaign, channel, seal
		from `tabDialer Recipient` where name = %s for update """
		+ how,
		row.recipient,
		as_dict=True,
	)
	return row, recipients[0] if recipients else None


def is_ringing(row, status: str) -> bool:
	"""Return whether the machine calls this family now: `status` is its recipient's, or it is tried again."""
	others = tried_with(row.campaign)
	again = {"phone": row.phone, "campaign": ("in", others), "status": ("in", RINGING)}
	return status in RINGING or bool(others and frappe.db.exists("Dialer Recipient", again))


def tried_with(campaign: str) -> list[str]:
	"""Return the other campaigns that try the same people: the first one, and those that try it again."""
	first = related.first_of(frappe.get_cached_doc("Dialer Campaign", campaign))
	return [name for name in related.campaigns_of(first) if name != campaign]


def is_with_person(row) -> bool:
	return work.is_held(row.status, row.claimed_until, clock.db_now())


def is_wanted(row, now: datetime) -> bool:
	"""Return whether the family is still to be phoned, and may be at `now` (aware).

	Otherwise take it off the list, or let it wait until it may.
	"""
	campaign = frappe.get_cached_doc("Dialer Campaign", row.campaign)
	if why := listing.why_wrong(campaign):
		write(row, refused=why[:140])
		return False
	if why := listing.reason_gone(campaign, row.students):
		write(row, status=work.DONE, outcome=work.NOT_NEEDED, refused=why[:140], done_at=clock.db_now())
		return False
	decision = listing.permitted(campaign, [row])[row.name].decision
	codes = ", ".join(decision.codes)[:140]
	if decision.verdict == BLOCK:
		write(row, status=work.DONE, outcome=work.NOT_PERMITTED, refused=codes, done_at=clock.db_now())
	elif decision.verdict == DEFER:
		# Without a known time zone no time is known either: look again tomorrow.
		until = decision.until or clock.now() + work.LONGEST_PAUSE / 7
		write(row, not_before=clock.to_db(until), refused=codes)
	return decision.allowed


def why_not(name: str) -> str:
	row = frappe.db.get_value(DOCTYPE, name, [*READ], as_dict=True)
	if is_with_person(row):
		return _("{0} has this family.").format(frappe.utils.get_fullname(row.claimed_by))
	if row.status == work.DONE:
		return _("This family is off the list: {0}.").format(_(row.outcome or work.DONE))
	if is_ringing(row, frappe.db.get_value("Dialer Recipient", row.recipient, "status")):
		return _("The machine is calling this family right now. Try again in a minute.")
	if row.refused:
		return _("No one may phone this family now: {0}.").format(row.refused)
	return _("This family can't be claimed now.")


def write(row, **values) -> None:
	"""Change a locked row, and keep the machine from the recipient exactly as long as a person has it."""
	frappe.db.set_value(DOCTYPE, row.name, values)
	row.update(values)
	if "claimed_until" in values or values.get("status") in (work.WAITING, work.DONE):
		held = row.claimed_until if row.status in work.WITH_PERSON else None
		frappe.db.set_value("Dialer Recipient", row.recipient, "held_until", held, update_modified=False)
		if row.phone and (others := tried_with(row.campaign)):
			again = {"phone": row.phone, "campaign": ("in", others)}
			frappe.db.set_value("Dialer Recipient", again, "held_until", held, update_modified=False)


def claimed_by_user(name: str, user: str) -> tuple[frappe._dict, frappe._dict]:
	"""Return the user's row and its recipient, locked. Raises `NotYours` if it is not with them."""
	row, recipient = locked(name)
	if not row or row.claimed_by != user or not is_with_person(row):
		throw(_("This family is not with you any more. Take the next one."), NotYours, title=_("Not now"))
	return row, recipient


def keep(name: str, user: str) -> None:
	"""Let the family stay with the user longer."""
	row, _recipient = claimed_by_user(name, user)
	lengthen(row, work.LEASE)


def lengthen(row, by) -> None:
	"""Let a claim last at least `by` from now."""
	until = max(clock.to_db(clock.now() + by), row.claimed_until)
	write(row, claimed_until=until)


def release(name: str, user: str = "") -> None:
	"""Give a family back to the list: the user's own, or anyone's without `user`.

	Raises `NotYours`, also while a call to it is under way.
	"""
	row, _recipient = claimed_by_user(name, user) if user else locked(name)
	if not row or row.status not in work.WITH_PERSON:
		throw(_("No one has this family."), NotYours)
	if in_call(row):
		throw(_("A call to this family is under way. Hang up first."), NotYours)
	give_back(row)


def in_call(row) -> bool:
	if not row.agent_log:
		return False
	rank = frappe.db.get_value("Dialer Call Log", row.agent_log, "status_rank")
	return rank is not None and rank < states.FINAL_RANK


def give_back(row) -> None:
	write(row, status=work.WAITING, claimed_by=None, claimed_until=None)


def lapse() -> None:
	"""Return families to the list whose claim is over (step of the scheduler's tick, and of each claim).

	A call that is under way keeps its claim, whatever the time.
	"""
	for name in left_by_staff():
		# A family about which someone writes at this moment is looked at next time.
		row, recipient = locked(name, "skip locked")
		if row and recipient and row.status in work.WITH_PERSON and not is_with_person(row):
			give_back(row)


def left_by_staff() -> Iterator[str]:
	rows = frappe.db.sql(
		f"""select listed.name from `tabDialer Manual Call` listed
		where listed.status in %s and listed.claimed_until <= %s and not {UNDER_WAY}""",
		(work.WITH_PERSON, clock.db_now()),
	)
	return (name for (name,) in rows)


def on_user_changed(doc, method: str | None = None) -> None:
	"""Return the families of a user who was disabled (User on_update)."""
	if doc.enabled:
		return
	for name in frappe.get_all(
		DOCTYPE, {"claimed_by": doc.name, "status": ("in", work.WITH_PERSON)}, pluck="name", order_by="name"
	):
		row, _recipient = locked(name)
		if row.status in work.WITH_PERSON and row.claimed_by == doc.name:
			give_back(row)
