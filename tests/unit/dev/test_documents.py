"""Documents that say the same thing agree, with each other and with what is enforced."""

import re
import warnings

import pytest

from dev.site.layout import ROOT
from school_dialer import moved

ARCHITECTURE, MAP = "docs/architecture.md", "school_dialer/README.md"
ROOM = re.compile(r"(?:\[|`)(\w+)/(?:\]|`)")


def text(name: str) -> str:
	return (ROOT / name).read_text(encoding="utf-8")


def layers() -> list[set[str]]:
	"""Return the rooms as the import contract has them, from the bottom up, those of one height together."""
	block = re.search(r'^type = "layers"\nlayers = \[\n(.*?)^\]', text("pyproject.toml"), re.M | re.S)[1]
	return [set(re.findall(r"school_dialer\.(\w+)", line)) for line in reversed(block.splitlines())]


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
	assert sorted(listed) == sorted(heights.keys() - {"phone"})
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
