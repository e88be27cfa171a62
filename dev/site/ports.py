"""Free loopback ports, chosen once per bench, stored there, and checked against this user's other benches.

A bench that is down keeps its ports: all benches of one user record their ports in one file, and none takes a
port of another. This code never connects to another program's port: `listens` reads its owner from the
system's own tables.
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
	"""Return whether the process with this ID listens on a loopback port, without connecting to it."""
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
	"""Return the ports of all services of the bench `own`, by name.

	A port that another bench holds or that is no longer free is replaced. `running` names the services that
	this bench has running now, which keep theirs.
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
	"""Return port candidates from a start of the bench's own, so that benches seldom try the same."""
	begin = int.from_bytes(sha256(str(own).encode()).digest()[:8], "big")
	return (FIRST + (begin + place) % (LAST - FIRST + 1) for place in count())


def _holds(bench: str, port: str) -> bool:
	"""Return whether this bench still holds the port. A deleted bench holds none."""
	return int(port) in remembered(Path(bench, FILE.name)).values()


def claims_file() -> Path:
	"""Return the file of ports shared by all benches of a user."""
	cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
	return Path(cache, "school_dialer", "ports.json")


@contextmanager
def _claims() -> Iterator[dict[str, str]]:
	"""Yield which bench has which port, to be changed by one process at a time."""
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
