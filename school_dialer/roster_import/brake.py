"""Stop an import that removes or changes unusually much, until a person confirms it. Pure Python.

Half an export, or one of the wrong school, looks like a roster in which half the families left.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from school_dialer.base.wording import Wording
from school_dialer.base.wording import Wording as _
from school_dialer.roster_import.differences import CHANGED, REMOVED, Change
from school_dialer.roster_import.kinds import GUARDIANS, LINKS, MEMBERS, STUDENTS, apart

LEAST = 10
"""Fewer than this are never judged by their share: two families leave a class of twelve every year."""
PHONES = ("sms", "phone")
LABELS = {
	STUDENTS: _("students"),
	GUARDIANS: _("guardians"),
	"Phone": _("telephone numbers"),
	MEMBERS: _("members of groups"),
}
ONE = _("{0} of {1} {2}")


@dataclass(frozen=True, slots=True)
class Brake:
	"""What is unusual, as (label, how many, of how many), the largest share first."""

	shares: tuple[tuple[str, int, int], ...]

	@property
	def number(self) -> int:
		"""The number that a person types to confirm: the most records of one kind."""
		return max((count for _label, count, _all in self.shares), default=0)

	@property
	def parts(self) -> tuple[Wording, ...]:
		return tuple(
			Wording(ONE.template, count, every, LABELS[label]) for label, count, every in self.shares
		)


def judge(changes: Iterable[Change], records: Collection, percent: float) -> Brake | None:
	"""Return what is unusual, or None. Records are `known.Known` of earlier imports."""
	active = [record for record in records if record.state == "Active"]
	every = {kind: sum(record.kind == kind for record in active) for kind in (STUDENTS, GUARDIANS, MEMBERS)}
	every["Phone"] = sum(bool(record.said.get(column)) for record in active for column in PHONES)
	touched: dict[str, set] = {label: set() for label in LABELS}
	for change in changes:
		if not (change.back or change.replaced) and change.action in (CHANGED, REMOVED):
			_touch(touched, change)
	shares = [
		(label, len(touched[label]), every[label])
		for label in LABELS
		if len(touched[label]) >= LEAST and 100 * len(touched[label]) > percent * every[label]
	]
	return Brake(tuple(sorted(shares, key=lambda share: -share[1] / max(share[2], 1)))) if shares else None


def _touch(touched: dict[str, set], change: Change) -> None:
	removed = change.action == REMOVED
	if change.kind == LINKS:
		if removed:
			touched[GUARDIANS].add(apart(change.sourced_id)[1])
		return
	if change.kind == MEMBERS and removed:
		touched[MEMBERS].add(change.sourced_id)
	if change.kind not in (STUDENTS, GUARDIANS):
		return
	touched[change.kind].add(change.sourced_id)
	for column in PHONES:
		if column in change.before and (removed or column in change.values):
			touched["Phone"].add((change.kind, change.sourced_id, column))
