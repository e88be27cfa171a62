"""The files of the repository: those that git tracks, so that no draft and no leftover of a tool counts."""

import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from dev.site.layout import ROOT

LEFT_OUT = frozenset({"node_modules", "__pycache__", "dist", "build"})
"""Folders that git ignores. Hidden ones and those of installed packages are left out too."""


def tracked(*folders: str, pattern: str = "*", root: Path = ROOT) -> list[Path]:
	"""Return the files in these folders, by default all, whose names match, relative to the root and sorted.

	An unpacked source archive has no git to ask. There all files count, except what tools leave behind.
	"""
	return [
		path
		for path in _all_of(root)
		if path.match(pattern)
		and (not folders or any(path.is_relative_to(folder) for folder in folders))
		and (root / path).is_file()
	]


@cache
def _all_of(root: Path) -> list[Path]:
	return sorted(_of_git(root) or _walked(root))


def _of_git(root: Path) -> list[Path]:
	try:
		listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True)
	except (OSError, subprocess.CalledProcessError):
		return []
	return [Path(os.fsdecode(name)) for name in listed.stdout.split(b"\0") if name]


def _walked(root: Path) -> Iterator[Path]:
	for folder, folders, names in os.walk(root):
		inside = Path(folder).relative_to(root)
		folders[:] = [name for name in folders if not _is_left_out(inside / name)]
		yield from (inside / name for name in names if not name.endswith((".pyc", ".pyo")))


def _is_left_out(folder: Path) -> bool:
	hidden = folder.name.startswith(".") and folder.as_posix() not in (".github", ".devcontainer", ".ci")
	return hidden or folder.name in LEFT_OUT or folder.name.endswith(".egg-info")
