"""Each mutant fits the code as it is: a patch that no longer does is written again with the change."""

import subprocess

import pytest

from dev.tracked import ROOT, tracked

PATCHES = tracked("tests/families/mutants", pattern="*.patch")


@pytest.mark.parametrize("path", PATCHES, ids=lambda path: path.stem)
def test_a_mutant_fits_the_code(path):
	check = ["git", "apply", "--check", str(ROOT / path)]
	done = subprocess.run(check, cwd=ROOT, capture_output=True, text=True)
	assert not done.returncode, done.stderr


def test_there_are_mutants():
	assert len(PATCHES) > 10
