"""A line of the checklist before Live mode."""

from dataclasses import dataclass

FIELD, TEST, ROUTE = "field", "test", "route"


@dataclass(frozen=True, slots=True)
class ChecklistItem:
	"""``fix`` is what the button does: FIELD and its name, TEST and which one, or ROUTE and the page of the Desk.
	``optional`` lines are advice."""

	title: str
	done: bool
	missing: str
	fix: tuple[str, str] | None = None
	optional: bool = False
