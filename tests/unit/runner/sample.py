"""Small test files for tests of the runner, run by this Python without a site."""

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from dev.runner import parts
from dev.runner.parts import Part
from dev.site.layout import Bench

NUMBERS = count()
FLAKY = """
from pathlib import Path

def test_{name}():
	tried = Path({path!r})
	first = not tried.exists()
	tried.touch()
	assert not first, "the first try of {name} fails"
"""


@dataclass(frozen=True)
class ThisPython(Bench):
	@property
	def python(self) -> Path:
		return Path(sys.executable)


def on_this_python(folder: Path) -> Bench:
	"""Return a bench whose memory of failed tests is in a new folder, as that of a fresh lane is."""
	return ThisPython(folder / f"lane-{next(NUMBERS)}", "", owned=False)


@contextmanager
def open_lane(_name: str, part: Part):
	yield on_this_python(parts.ROOT)


def part_of(folder: Path, text: str, suite: str = "integration", **values) -> Part:
	name = f"test_sample_{next(NUMBERS)}.py"
	(folder / name).write_text(text, encoding="utf-8")
	return Part(suite, [name], **values)


def flaky(folder: Path, name: str) -> str:
	"""Return a test that fails at its first try only."""
	return FLAKY.format(name=name, path=str(folder / f"{name}.tried"))
