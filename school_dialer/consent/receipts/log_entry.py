"""The place of an event in the signed log, which takes new entries about once an hour."""

from dataclasses import dataclass
from importlib import import_module

CONSENT = "consent"


@dataclass(frozen=True)
class LogEntry:
	"""Where a record is in the log: its place (from 0), the log's size, and the signed checkpoint's text."""

	index: int
	size: int
	checkpoint: str


def of_event(name: str) -> LogEntry | None:
	"""Return the place of a Consent Event in the log, or None while it is not there."""
	entry = _inclusion(name)
	if not entry:
		return None
	index, size, _root, _proof, checkpoint = entry
	return LogEntry(index, size, checkpoint)


def _inclusion(name: str) -> tuple | None:
	"""Return (index, size, root, proof, checkpoint), or None, also on a site whose app has no log."""
	try:
		log = import_module("school_dialer.proof_log.log")
	except ImportError:
		return None
	return log.inclusion(CONSENT, name)
