"""Free loopback ports, chosen once for a bench and remembered."""

import json
import socket

from dev.site.layout import OWN

LOOPBACK = "127.0.0.1"
FILE = OWN / "ports.json"
PREFERRED = {"database": 3327, "redis_cache": 13327, "redis_queue": 11327, "web": 8327}


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


def answers(port: int) -> bool:
	with socket.socket() as probe:
		probe.settimeout(1)
		return probe.connect_ex((LOOPBACK, port)) == 0


def remembered() -> dict[str, int]:
	return json.loads(FILE.read_text()) if FILE.exists() else {}


def settle(running: set[str]) -> dict[str, int]:
	"""The ports of all services; one that is not ours and not free any more is replaced.

	`running` names the services that this bench has running now, which keep theirs.
	"""
	ports = remembered()
	for name, preferred in PREFERRED.items():
		port = ports.get(name, preferred)
		while name not in running and (not is_free(port) or port in (ports[n] for n in ports if n != name)):
			port = any_free()
		ports[name] = port
	FILE.parent.mkdir(parents=True, exist_ok=True)
	FILE.write_text(json.dumps(ports, indent="\t"))
	return ports
