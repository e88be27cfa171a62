"""Free loopback ports, chosen once for a bench, remembered there, and held against the other benches of this user.

A bench that is down keeps its ports: the benches of one user note what they chose in one file, and none takes what another one has.
What else may sit on a port is never spoken to: `listens` tells whose it is from the system's own tables.
"""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import chain, count
from pathlib import Path

from dev.site.layout import OWN

LOOPBACK = "127.0.0.1"
FILE = OWN / "ports.json"
NAMES = ("database", "redis_cache", "redis_queue", "web")
# Below the ports that systems give to outgoing connections (Linux: from 32768).
FIRST, LAST = 20_000, 29_999
LISTENING = "0A"


def is_free(port: int) -> bool:
	with socket.socket() as probe:
		probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		try:
			probe.bind((LOOPBACK, port))
		except OSError:
			return False
		return True


def any_free() -> int:
	with socket.socket() as probe:
		probe.bind((LOOPBACK, 0))
		return probe.getsockname()[1]


def listens(pid: int, port: int) -> bool:
	"""Whether the process of this number listens on a port of the loopback, without a word to whatever does."""
	address = f"{socket.inet_aton(LOOPBACK)[::-1].hex().upper()}:{port:04X}"
	rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
	sockets = {f"socket:[{row[9]}]" for row in rows if row[1] == address and row[3] == LISTENING}
	return not sockets.isdisjoint(_open_files(pid))


def _open_files(pid: int) -> Iterator[str]:
	try:
		entries = os.listdir(f"/proc/{pid}/fd")
	except FileNotFoundError:
		return
	for entry in entries:
		try:
			yield os.readlink(f"/proc/{pid}/fd/{entry}")
		except FileNotFoundError:
			continue


def remembered(file: Path = FILE) -> dict[str, int]:
	try:
		return json.loads(file.read_text())
	except (FileNotFoundError, NotADirectoryError):
		return {}


def settle(running: set[str], own: Path = OWN) -> dict[str, int]:
	"""The ports of all services of the bench `own`; one that is another's, or not free any more, is replaced.

	`running` names the services that this bench has running now, which keep theirs.
	"""
	file = own / FILE.name
	ports = remembered(file)
	with _claims() as claims:
		others = {int(port) for port, bench in claims.items() if bench != str(own) and _holds(bench, port)}
		for name in NAMES:
			if name in running:
				continue
			taken = others | {ports[other] for other in ports if other != name}
			wishes = chain((ports[name],) if name in ports else (), _own_ports(own))
			ports[name] = next(port for port in wishes if port not in taken and is_free(port))
		for port in [port for port, bench in claims.items() if int(port) not in others]:
			del claims[port]
		claims.update({str(port): str(own) for port in ports.values()})
		file.parent.mkdir(parents=True, exist_ok=True)
		file.write_text(json.dumps(ports, indent="\t"))
	return ports


def _own_ports(own: Path) -> Iterator[int]:
	"""A bench begins at a place of its own, so that benches seldom look for the same."""
	begin = int.from_bytes(sha256(str(own).encode()).digest()[:8], "big")
	return (FIRST + (begin + place) % (LAST - FIRST + 1) for place in count())


def _holds(bench: str, port: str) -> bool:
	"""A deleted bench holds nothing."""
	return int(port) in remembered(Path(bench, FILE.name)).values()


def claims_file() -> Path:
	"""One for all benches of a user."""
	cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
	return Path(cache, "school_dialer", "ports.json")


@contextmanager
def _claims() -> Iterator[dict[str, str]]:
	"""Which bench has which port, to be changed by one process at a time."""
	file = claims_file()
	file.parent.mkdir(parents=True, exist_ok=True)
	with file.open("a+") as held:
		fcntl.flock(held, fcntl.LOCK_EX)
		held.seek(0)
		text = held.read()
		claims = json.loads(text) if text else {}
		yield claims
		held.seek(0)
		held.truncate()
		held.write(json.dumps(claims, indent="\t", sort_keys=True))
