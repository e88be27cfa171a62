"""An item of the checklist for Live mode."""

from dataclasses import dataclass

FIELD, TEST, ROUTE = "field", "test", "route"


@dataclass(frozen=True, slots=True)
class ChecklistItem:
	"""One checklist item.

	`fix` is what the button does: FIELD and the field name, TEST and which test, or ROUTE and the Desk page.
	`optional` items are advice.
	"""

	title: str
	done: bool
	missing: str
	fix: tuple[str, str] | None = None
	optional: bool = False
