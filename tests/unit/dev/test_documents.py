"""Documents that say the same thing agree, with each other and with what is enforced."""

import re
import warnings

import pytest

from dev.site.layout import ROOT
from dev.tracked import tracked
from school_dialer import moved

ARCHITECTURE, MAP = "docs/architecture.md", "school_dialer/README.md"
ROOM = re.compile(r"(?:\[|`)(\w+)/(?:\]|`)")
FRONT_DOOR_WORDS = 700
PAGES = [
	str(path)
	for path in tracked(pattern="*.md")
	if path.parts[0] in ("docs", ".github") or len(path.parts) == 1
]
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+?)\s*$", re.M)
FENCED = re.compile(r"^```.*?^```", re.M | re.S)


def text(name: str) -> str:
	return (ROOT / name).read_text(encoding="utf-8")


def anchors(page: str) -> set[str]:
	"""Return the anchors of a page's headings, as GitHub makes them."""
	plain = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", name) for name in HEADING.findall(FENCED.sub("", page)))
	return {re.sub(r"[^\w\- ]", "", name.lower()).replace(" ", "-") for name in plain}


def broken_links(page: str) -> list[str]:
	"""Return the links of a page to files or headings that do not exist."""
	broken = []
	for link in LINK.findall(FENCED.sub("", text(page))):
		name, _, anchor = link.partition("#")
		target = (ROOT / page).parent / name if name else ROOT / page
		if "://" in link:
			continue
		if not target.exists() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
			broken.append(link)
	return broken


def layers() -> list[set[str]]:
	"""Return the rooms as the import contract has them, from the bottom up, those of one height together."""
	block = re.search(r'^type = "layers"\nlayers = \[\n(.*?)^\]', text("pyproject.toml"), re.M | re.S)[1]
	return [set(re.findall(r"school_dialer\.(\w+)", line)) for line in reversed(block.splitlines())]


@pytest.mark.parametrize("page", PAGES)
def test_each_link_of_a_page_leads_to_a_file_and_a_heading(page):
	assert broken_links(page) == []


def test_the_front_door_is_read_in_a_few_minutes():
	assert len(text("README.md").split()) <= FRONT_DOOR_WORDS


def test_the_same_versions_of_frappe_are_promised_and_mended():
	promised = re.search(r"^Requirements: Frappe (\d+) or (\d+)", text("README.md"), re.M).groups()
	supported = re.search(r"^Supported: .* on Frappe (\d+) and (\d+)\.", text("SECURITY.md"), re.M).groups()
	served = re.search(r"serves Frappe (\d+) and Frappe (\d+)\.", text("docs/versions.md")).groups()
	oldest, below = re.search(r'^frappe = ">=(\d+)\..*<(\d+)\.', text("pyproject.toml"), re.M).groups()
	assert promised == supported == served == (oldest, str(int(below) - 1))


@pytest.mark.parametrize("page", [ARCHITECTURE, MAP])
def test_rooms_are_listed_from_the_bottom_up_as_they_may_import(page):
	before, _heading, table = text(page).partition("\n## Rooms\n")[2].partition("\n|---|---|\n")
	assert before and "A room imports only the rooms below it" in before and "from the bottom up" in before
	rows = [ROOM.findall(line.split("|")[1]) for line in table.partition("\n\n")[0].splitlines()]
	heights = {room: height for height, rooms in enumerate(layers()) for room in rooms}
	listed = [room for row in rows for room in row if room in heights]
	assert sorted(listed) == sorted(heights)
	assert [heights[room] for room in listed] == sorted(heights[room] for room in listed)


def test_the_contract_is_described_from_top_to_bottom():
	described = re.search(r"From top to bottom: (.*?)\.\n", text(ARCHITECTURE), re.S)[1]
	rooms = [set(re.findall(r"`(\w+)`", group)) for group in described.split(";")]
	assert rooms[::-1] == layers()


def test_an_old_address_is_kept_until_the_next_major_version():
	assert "removing one needs a new major version" in text("CONTRIBUTING.md")
	with warnings.catch_warnings(record=True) as caught:
		warnings.simplefilter("always")
		moved.warn_of("Old", "New")
	for said in (str(caught[0].message), moved.__doc__, text(ARCHITECTURE)):
		assert "next major version" in said and "one release" not in said
