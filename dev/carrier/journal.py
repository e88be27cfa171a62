"""What the carrier saw, one JSON line per event, complete even if the process is killed.

Every line has ``at`` (real UTC time with microseconds), ``site_at`` (the same by the site's clock) and
``kind``. README.md lists the kinds with their fields.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

from dev.carrier.clock import Clock, log_time


class Journal:
	def __init__(self, path: str | Path, clock: Clock):
		self.path = Path(path).resolve()
		self.clock = clock
		self.path.parent.mkdir(parents=True, exist_ok=True)
		self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

	def write(self, kind: str, at: datetime | None = None, **fields: object) -> None:
		"""Append one line with one system call, so a reader never sees half a line, even after a kill."""
		at = at or self.clock.real()
		line = {"at": log_time(at), "site_at": log_time(self.clock.at_site(at)), "kind": kind, **fields}
		os.write(self._file, json.dumps(line, ensure_ascii=False).encode() + b"\n")

	def truncate(self) -> None:
		os.ftruncate(self._file, 0)

	def close(self) -> None:
		os.close(self._file)
