"""docs/school/roles.md as data: the rows of each section by their first cell."""

from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "school" / "roles.md"
NOTHING = "–"


def sections() -> dict[str, dict[str, dict[str, str]]]:
	"""Return the first table below each heading.

	Example: `{"DocTypes": {"Dialer Campaign": {"System Manager": "RW", ...}}}`.
	"""
	found: dict[str, dict[str, dict[str, str]]] = {}
	heading, columns = "", []
	for line in PAGE.read_text().splitlines():
		if line.startswith("## "):
			heading, columns = line[3:].strip(), []
		elif heading and line.startswith("|"):
			first, *cells = (cell.strip() for cell in line.strip().strip("|").split("|"))
			if not columns:
				columns = cells
				found[heading] = {}
			elif set(first) - set("-: "):
				found[heading][first] = dict(zip(columns, cells, strict=True))
	return found


def row(first: str, cells: dict[str, str]) -> str:
	return "| " + " | ".join((first, *cells.values())) + " |"


def differences(section: str, truth: dict[str, dict[str, str]]) -> list[str]:
	"""Return the changes that the page needs, one line each. The list is empty if the page is correct.

	`truth` has the rows as they should be.
	"""
	written = sections().get(section, {})
	wrong = []
	for first, cells in truth.items():
		if first not in written:
			wrong.append(f"add to '{section}', in the order of the alphabet:\n  {row(first, cells)}")
		elif written[first] != cells:
			wrong.append(
				f"in '{section}' the line\n  {row(first, written[first])}\nshould be\n  {row(first, cells)}"
			)
	wrong += [
		f"remove from '{section}', it is not shipped: {first}" for first in written if first not in truth
	]
	return wrong
