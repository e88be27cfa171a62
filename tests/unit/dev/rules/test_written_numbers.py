"""Numbers written in the tests of a site, beside those that the factories draw."""

import re
from pathlib import Path

import pytest

from dev.site.layout import ROOT
from dev.tracked import tracked

FICTIONAL = re.compile(r"555\D{0,2}01(\d\d)\b")
DRAWN = range(
	*map(
		int,
		re.search(
			r"^DRAWN = range\((\d+), (\d+)\)", (ROOT / "tests/integration/factories.py").read_text(), re.M
		).groups(),
	)
)


@pytest.mark.parametrize(
	"path",
	tracked("tests/browser", "tests/chaos", "tests/integration", "tests/security", pattern="*.py"),
	ids=str,
)
def test_no_drawn_number_equals_a_written_one(path: Path):
	written = {int(ending) for ending in FICTIONAL.findall((ROOT / path).read_text())}
	assert not written & set(DRAWN)
