"""Start and stop what a running site needs: database, Redis, web server, workers, scheduler.

The functions return a `Process` with `.pid`, `.log`, `.stop()` and `.kill()`. MariaDB and the two Redis
servers belong to the bench and stay until `make stop`; the others live as long as their caller wants. For
another user's bench only the web server, the workers and the scheduler are started here.
"""

import http.client
import os
import shutil
import signal
import subprocess
from collections.abc import Collection, Sequence
from pathlib import Path

from dev.patience import PATIENCE
from dev.site import apt, config, database, ports, processes
from dev.site.layout import OWN, Bench, current
from dev.site.processes import Process
from dev.site.steps import StepFailed

REDIS_FOLDER = OWN / "redis"
REDIS = {
	"redis_cache": ("--maxmemory", "256mb", "--maxmemory-policy", "allkeys-lru"),
	"redis_queue": ("--maxmemory-policy", "noeviction"),
}
SETTINGS = "python:dev.site.inside.gunicorn_settings"
BACKING = ("mariadb", "redis_cache", "redis_queue")


def up() -> dict[str, int]:
	"""Start MariaDB and both Redis servers where they do not run, and return all ports by name.

	The settings files are kept in step with the ports.
	"""
	chosen = _settle()
	config.write(current(), chosen)
	database.start(chosen["database"])
	for name, options in REDIS.items():
		_start_redis(name, chosen[name], options)
	return chosen


def _settle() -> dict[str, int]:
	"""Return the ports; each is kept while its own process listens there."""
	owners = {"database": "mariadb", "web": "desk"}
	return ports.settle({name for name in ports.NAMES if processes.find(owners.get(name, name))})


def _start_redis(name: str, port: int, options: Sequence[str]) -> Process:
	if running := processes.find(name):
		return running
	REDIS_FOLDER.mkdir(parents=True, exist_ok=True)
	command = [apt.need(apt.REDIS), "--bind", ports.LOOPBACK, "--port", str(port), "--save", "", *options]
	# Redis does not start under libfaketime.
	env = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
	process = processes.start(name, command, cwd=REDIS_FOLDER, env=env, port=port)
	return processes.wait_ready(process, lambda: ports.listens(process.pid, port))


def restart(name: str, kill: bool = False) -> Process:
	"""Restart MariaDB or a Redis on its port, gently or as after a crash. A Redis loses its data."""
	process = processes.find(name)
	if not process:
		raise StepFailed(f"{name} is not running")
	if kill:
		process.kill()
	else:
		process.stop()
	port = process.details["port"]
	return database.start(port) if name == "mariadb" else _start_redis(name, port, REDIS[name])


def flush(port: int) -> None:
	"""Empty a Redis. Frappe trusts the cache blindly, even after the list of apps changes."""
	with ports.socket.create_connection((ports.LOOPBACK, port), timeout=PATIENCE) as connection:
		connection.sendall(b"FLUSHALL\r\n")
		if not connection.recv(64).startswith(b"+OK"):
			raise StepFailed("Redis could not be emptied")


def down(keep: Collection[str] = (), *, at_once: bool = False) -> list[str]:
	"""Stop everything this project started except what `keep` names; database and Redis go last.

	`at_once` is for a copy that is deleted next: its database need not be left in order. Returns the names of
	the stopped processes.
	"""
	running = [process for process in processes.all_running() if process.name not in keep]
	running.sort(key=lambda process: process.name in BACKING)
	end = Process.kill if at_once else Process.stop
	for process in running:
		end(process)
	return [process.name for process in running]


def start_web(
	port: int | None = None, *, name: str = "web", threads: int = 16, door: bool = False
) -> Process:
	"""Serve the site on 127.0.0.1, by Frappe's WSGI application in gunicorn threads.

	With `door`, the callback fast path comes before it. `details["url"]` is the URL. Without a port it is the
	one in the site's `host_name` (on another user's bench: any free one). A Desk that is already being served
	there is returned as it is, and its `stop()` does nothing. Raises StepFailed when the port is taken or the
	site does not answer.
	"""
	bench = current()
	if not port:
		port = up()["web"] if bench.owned else ports.any_free()
	if (
		(desk := processes.find("desk"))
		and desk.details["port"] == port
		and desk.details["site"] == bench.site
	):
		desk.borrowed = True
		return desk
	if not ports.is_free(port):
		raise StepFailed(f"port {port} of {ports.LOOPBACK} is taken")
	command = [
		*(bench.python, "-m", "gunicorn", f"dev.site.inside.web:{'with_door' if door else 'application'}"),
		*("--bind", f"{ports.LOOPBACK}:{port}", "--worker-class", "gthread", "--workers", "2"),
		*("--threads", threads, "--config", SETTINGS, "--worker-tmp-dir", "/dev/shm"),
		# Imported once for both, as a bench does it in production.
		"--preload",
	]
	url = f"http://{ports.LOOPBACK}:{port}"
	process = processes.start(
		name, command, cwd=bench.sites, env=bench.variables(), port=port, url=url, site=bench.site
	)
	return processes.wait_ready(process, lambda: _serves(port))


def _serves(port: int) -> bool:
	connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=PATIENCE)
	try:
		connection.request("GET", "/api/method/ping")
		return connection.getresponse().status == 200
	except OSError:
		return False
	finally:
		connection.close()


def start_worker(queues: Sequence[str] = ("short", "default", "long"), n: int = 1) -> list[Process]:
	"""Start `n` of Frappe's own RQ workers on these queues, first queue first."""
	bench = current()
	command = bench.frappe("worker", "--queue", ",".join(queues), "--quiet")
	return [
		processes.start(
			_free_name("worker"), command, cwd=bench.sites, env=bench.variables(), queues=list(queues)
		)
		for _ in range(n)
	]


def start_scheduler() -> Process:
	"""Start Frappe's own scheduler, which enqueues what is due. It must be switched on in System Settings."""
	bench = current()
	return processes.start("scheduler", bench.frappe("schedule"), cwd=bench.sites, env=bench.variables())


def _free_name(kind: str) -> str:
	number = 1
	while processes.find(f"{kind}-{number}"):
		number += 1
	return f"{kind}-{number}"


def run_inside(bench: Bench, command: list[str], cwd: Path | None = None) -> int:
	"""Run a command in `sites/` with the bench's Python first on the PATH; returns its exit status.

	Ctrl+C and a request to end reach the command, which tidies up before it ends.
	"""
	variables = bench.variables()
	program = shutil.which(command[0], path=variables["PATH"]) or command[0]
	try:
		process = subprocess.Popen([program, *command[1:]], cwd=cwd or bench.sites, env=variables)
	except OSError as error:
		raise StepFailed(f"{command[0]} could not be run: {error}") from error
	# A terminal sends Ctrl+C to the command as well; SIGTERM comes to this process alone.
	kept = {
		signal.SIGINT: signal.signal(signal.SIGINT, lambda *_: None),
		signal.SIGTERM: signal.signal(signal.SIGTERM, lambda *_: process.terminate()),
	}
	try:
		status = process.wait()
	finally:
		for number, handler in kept.items():
			signal.signal(number, handler)
	return status if status >= 0 else 128 - status
