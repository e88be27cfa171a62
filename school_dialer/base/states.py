"""State machines of dialing, without Frappe: campaigns, carrier calls and messages, and results of attempts.

Campaigns move only along `CAMPAIGN_MOVES`. A call log's status moves only upward in rank, so status callbacks
may arrive duplicated, late and in any order. Carrier statuses are Twilio's own words (API 2010-04-01);
"placing", "unknown", "refused", and "unreported" are this app's.
"""

DRAFT, AWAITING, SCHEDULED, PREPARING = "Draft", "Awaiting Approval", "Scheduled", "Preparing"
RUNNING, PAUSED, COMPLETED, CANCELLED, FAILED = "Running", "Paused", "Completed", "Cancelled", "Failed"

CAMPAIGN_MOVES: dict[str, frozenset[str]] = {
	DRAFT: frozenset({AWAITING, SCHEDULED, PREPARING, CANCELLED}),
	AWAITING: frozenset({DRAFT, SCHEDULED, PREPARING, CANCELLED}),
	SCHEDULED: frozenset({DRAFT, PREPARING, CANCELLED}),
	PREPARING: frozenset({AWAITING, RUNNING, PAUSED, CANCELLED, FAILED}),
	RUNNING: frozenset({AWAITING, PAUSED, COMPLETED, CANCELLED, FAILED}),
	PAUSED: frozenset({AWAITING, PREPARING, RUNNING, CANCELLED}),
	COMPLETED: frozenset(),
	CANCELLED: frozenset(),
	FAILED: frozenset(),
}
ENDED = (COMPLETED, CANCELLED, FAILED)
CALLING = (PREPARING, RUNNING)
APPROVED = (PREPARING, RUNNING, PAUSED)
"""A campaign returns from these to approval if changed after being approved (`campaigns.approval`)."""


def sources_of(target: str) -> tuple[str, ...]:
	"""Return the states from which a campaign may move to this one."""
	return tuple(source for source, targets in CAMPAIGN_MOVES.items() if target in targets)


PENDING, DEFERRED, BLOCKED, DIALING, RETRY = "Pending", "Deferred", "Blocked", "Dialing", "Retry"
REACHED, NOT_REACHED, UNKNOWN = "Reached", "Not Reached", "Unknown"
WAITING = (PENDING, DEFERRED, RETRY)
"""May be claimed."""
OPEN = (*WAITING, DIALING, UNKNOWN)
"""Keep a campaign from being complete."""

PLACING, LOST, REFUSED = "placing", "unknown", "refused"
UNREPORTED = "unreported"
"""A text that the carrier sent, and about whose delivery nothing will be reported. Many networks never do."""

RANK: dict[str, int] = {
	PLACING: 0,
	LOST: 5,
	"accepted": 10,
	"scheduled": 10,
	"queued": 10,
	"initiated": 20,
	"sending": 20,
	"ringing": 30,
	"sent": 30,
	"in-progress": 40,
	# Final. Only a late receipt replaces the first of them; the others are never replaced.
	UNREPORTED: 80,
	"completed": 90,
	"busy": 90,
	"no-answer": 90,
	"failed": 90,
	"canceled": 90,
	"delivered": 90,
	"read": 90,
	"undelivered": 90,
	REFUSED: 90,
}
FINAL_RANK = RANK[UNREPORTED]
"""The lowest rank of what has ended."""
FINAL_RANKS = tuple(sorted({rank for rank in RANK.values() if rank >= FINAL_RANK}))
"""For a query that an index on the rank answers together with what follows in it."""
RECEIVED = ("delivered", "read")
NOT_ARRIVED = (PLACING, "failed", "undelivered", "canceled", REFUSED)
HANDED_OVER = ("sent", UNREPORTED, *RECEIVED)
"""A text that the carrier gave to the network of the phone, which has it as far as anything is known."""


class UnknownStatus(ValueError):
	pass


def rank(status: str) -> int:
	"""Return the rank of a status.

	Raises `UnknownStatus` for one that is not the carrier's, such as the event name "answered".
	"""
	try:
		return RANK[status]
	except KeyError:
		raise UnknownStatus(status) from None


def is_final(status: str) -> bool:
	return rank(status) >= FINAL_RANK


def answered_by_machine(answered_by: str | None) -> bool:
	return bool(answered_by) and (answered_by == "fax" or answered_by.startswith("machine"))
