"""Numbers written in the tests of a site, beside those that the factories draw."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]
FICTIONAL = re.compile(r"555\D{0,2}01(\d\d)\b")
DRAWN = range(
	*map(
		int,
		re.search(
			r"^DRAWN = range\((\d+), (\d+)\)", (TESTS / "integration/factories.py").read_text(), re.M
		).groups(),
	)
)


@pytest.mark.parametrize(
	"path",
	sorted(
		path
		for folder in ("browser", "chaos", "integration", "security")
		for path in (TESTS / folder).rglob("*.py")
	),
	ids=lambda path: str(path.relative_to(TESTS)),
)
def test_no_drawn_number_equals_a_written_one(path: Path):
	written = {int(ending) for ending in FICTIONAL.findall(path.read_text())}
	assert not written & set(DRAWN)
