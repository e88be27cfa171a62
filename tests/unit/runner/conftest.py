"""A folder of small test files, which the runner takes for the project."""

import shutil
from pathlib import Path

import pytest

from dev.runner import parts


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
	shutil.copy(parts.ROOT / "pytest.ini", tmp_path)
	monkeypatch.setattr(parts, "ROOT", tmp_path)
	monkeypatch.setattr(parts, "log_file", lambda name: tmp_path / f"{name}.log")
	return tmp_path
