"""Exports on disk, and the verdict on them."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from school_dialer.proof.findings import Report
from school_dialer.proof.verify import Trust, verify
from tests.unit.proof import writer

Check = Callable[..., Report]


@pytest.fixture
def check(tmp_path: Path) -> Check:
	"""Return `check(members or bytes, trust)`, which writes the file and returns the verifier's report."""

	def written(content, trust: Trust | None = None) -> Report:
		path = tmp_path / "export.zip"
		path.write_bytes(content if isinstance(content, bytes) else writer.packed(content))
		return verify(path, trust or Trust())

	return written


@pytest.fixture
def log() -> writer.Log:
	return writer.sample()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> writer.Authority:
	if not shutil.which("openssl"):
		pytest.skip("openssl is not installed")
	return writer.Authority(tmp_path_factory.mktemp("tsa"))
