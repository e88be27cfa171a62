"""Rules of style look at what is in the repository, not at drafts and leftovers beside it."""

import subprocess
from pathlib import Path

import pytest

from dev.tracked import tracked

KEPT = ("app/a.py", "app/b.js", "app/inner/c.py", ".github/workflows/d.yml")


def write(root: Path, *names: str) -> None:
	for name in names:
		(root / name).parent.mkdir(parents=True, exist_ok=True)
		(root / name).write_text("")


@pytest.fixture
def repository(tmp_path, monkeypatch):
	# A hook of git names the repository that it runs for, which is not this one.
	for variable in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
		monkeypatch.delenv(variable, raising=False)
	write(tmp_path, *KEPT)
	for command in (["init", "--quiet"], ["add", "."]):
		subprocess.run(["git", *command], cwd=tmp_path, check=True)
	return tmp_path


def names(root: Path, *folders: str, pattern: str = "*") -> set[str]:
	return {path.as_posix() for path in tracked(*folders, pattern=pattern, root=root)}


def test_only_what_git_tracks_counts(repository):
	write(repository, "app/draft.py", "node_modules/x/index.js")
	assert names(repository) == set(KEPT)


def test_a_file_that_was_deleted_does_not_count(repository):
	(repository / "app" / "b.js").unlink()
	assert names(repository) == {*KEPT} - {"app/b.js"}


def test_a_name_outside_ascii_is_read_as_it_is(repository):
	write(repository, "app/señal.py")
	subprocess.run(["git", "add", "."], cwd=repository, check=True)
	assert "app/señal.py" in names(repository, "app")


def test_folders_and_names_are_chosen(repository):
	assert names(repository, "app", pattern="*.py") == {"app/a.py", "app/inner/c.py"}
	assert names(repository, "app/inner", ".github") == {"app/inner/c.py", ".github/workflows/d.yml"}


def test_an_unpacked_archive_has_no_git(tmp_path):
	leftovers = (".bench/logs/x.log", "node_modules/x/a.py", "app/__pycache__/a.pyc", "app.egg-info/PKG-INFO")
	write(tmp_path, *KEPT, *leftovers, ".ruff_cache/x", ".venv/lib/x.py")
	assert names(tmp_path) == set(KEPT)


def test_an_archive_unpacked_in_another_repository_is_walked(repository):
	unpacked = repository / "unpacked"
	write(unpacked, "app/e.py")
	assert names(unpacked) == {"app/e.py"}
