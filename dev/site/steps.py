"""Steps that run once: progress, time, log file, and a stamp with the key they ran for."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NoReturn

from dev.site.layout import OWN, ROOT

LOGS = OWN / "logs"
STAMPS = OWN / "stamps"
TAIL = 25


class StepFailed(Exception):
	"""A step could not be done. The message names what is missing or failed; `log` has the details."""

	def __init__(self, message: str, log: Path | None = None):
		super().__init__(message)
		self.log = log

	def report(self) -> str:
		lines = [str(self)]
		if self.log and self.log.exists():
			lines.append(f"Last lines of {self.log.relative_to(ROOT)}:")
			lines += [f"    {line}" for line in self.log.read_text(errors="replace").splitlines()[-TAIL:]]
		lines.append("Run the same command again when this is mended; finished steps are kept.")
		return "\n".join(lines)


def finish(main: Callable[[], int | None]) -> NoReturn:
	"""Run a command's main function, and exit with its status.

	A step that failed is one sentence for a person and status 1, and never a traceback. Ctrl+C is status 130.
	"""
	try:
		status = main() or 0
	except StepFailed as failure:
		sys.exit(failure.report())
	except BaseException as error:
		# A statement that Ctrl+C interrupts takes the connection along, and tidying up then fails too.
		if _was_interrupted(error):
			sys.exit(130)
		raise
	sys.exit(status)


def _was_interrupted(error: BaseException | None) -> bool:
	while error and not isinstance(error, KeyboardInterrupt):
		error = error.__context__
	return error is not None


def log_file(name: str) -> Path:
	LOGS.mkdir(parents=True, exist_ok=True)
	return LOGS / f"{name}.log"


def run(
	name: str, command: list[str], *, failure: str, cwd: Path | None = None, env: dict | None = None
) -> str:
	"""Run a command with its output appended to the step's log, and return that output.

	Raises StepFailed with `failure` when it cannot be started or ends with an error.
	"""
	log = log_file(name)
	with log.open("ab") as out:
		out.write(f"$ {' '.join(map(str, command))}\n".encode())
		out.flush()
		begin = out.tell()
		try:
			code = subprocess.run(
				list(map(str, command)), cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out
			).returncode
		except OSError as error:
			raise StepFailed(f"{failure}: {error}", log) from error
	if code:
		raise StepFailed(f"{failure} ({Path(command[0]).name} ended with status {code})", log)
	with log.open("rb") as written:
		written.seek(begin)
		return written.read().decode(errors="replace")


def digest(*parts: object) -> str:
	"""Return one hash of strings and files; a folder counts with the names and contents of its files."""
	total = hashlib.sha256()
	for part in parts:
		for file in _files(part) if isinstance(part, Path) else ():
			total.update(f"{file}\0".encode())
			total.update(file.read_bytes())
		total.update(f"{part}\0".encode())
	return total.hexdigest()


def _files(path: Path) -> Iterable[Path]:
	if path.is_file():
		return [path]
	skip = {"node_modules", "dist", "__pycache__"}
	found = []
	for folder, folders, names in os.walk(path):
		folders[:] = [name for name in folders if name not in skip]
		found += [Path(folder, name) for name in names]
	return sorted(found)


def say(text: str, seconds: float | None = None) -> None:
	took = "" if seconds is None else f"{seconds:6.1f} s"
	print(f"  {text:<62}{took}", file=sys.stderr, flush=True)


def step(name: str, title: str, key: str, action: Callable[[], object], *, ready: bool = True) -> bool:
	"""Do `action` unless it was done for the same `key` and its result is still `ready`.

	Returns True when there was something to do. The stamp is written only after success, so an interrupted
	step starts over.
	"""
	stamp = STAMPS / name
	if ready and stamp.exists() and stamp.read_text() == key:
		return False
	stamp.unlink(missing_ok=True)
	log_file(name).unlink(missing_ok=True)
	begin = time.monotonic()
	action()
	STAMPS.mkdir(parents=True, exist_ok=True)
	stamp.write_text(key)
	say(title, time.monotonic() - begin)
	return True
