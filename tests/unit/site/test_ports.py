"""Two benches of one user never have the same port, whichever is down.

Ports and processes of others are not taken for ours.
"""

import json
import os
import shutil
import socket
import sys

import pytest

from dev.site import ports, processes, steps
from dev.site.steps import StepFailed


@pytest.fixture(autouse=True)
def apart(tmp_path, monkeypatch):
	"""Leave the claims of this machine's real benches as they are."""
	monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
	monkeypatch.setattr(processes, "RUN", tmp_path / "run")
	monkeypatch.setattr(steps, "LOGS", tmp_path / "logs")


@pytest.fixture
def listener():
	with socket.socket() as server:
		server.bind((ports.LOOPBACK, 0))
		server.listen()
		yield server.getsockname()[1]


def settle(bench, running=()) -> set[int]:
	return set(ports.settle(set(running), bench).values())


def test_a_bench_keeps_its_ports_while_it_is_down(tmp_path):
	first = settle(tmp_path / "first")
	assert len(first) == len(ports.NAMES)
	assert settle(tmp_path / "second").isdisjoint(first)
	assert settle(tmp_path / "first") == first


def test_benches_that_wish_for_the_same_ports_share_none(tmp_path, monkeypatch):
	monkeypatch.setattr(ports, "_own_ports", lambda own: iter(range(20_000, 30_000)))
	taken = [settle(tmp_path / str(number)) for number in range(20)]
	assert len(set().union(*taken)) == 20 * len(ports.NAMES)


def test_a_copied_bench_chooses_others(tmp_path):
	first = settle(tmp_path / "first")
	shutil.copytree(tmp_path / "first", tmp_path / "copy")
	assert settle(tmp_path / "copy").isdisjoint(first)
	assert settle(tmp_path / "first") == first


def test_a_deleted_bench_holds_nothing(tmp_path):
	settle(tmp_path / "first")
	shutil.rmtree(tmp_path / "first")
	settle(tmp_path / "second")
	assert set(json.loads(ports.claims_file().read_text()).values()) == {str(tmp_path / "second")}


def test_a_port_that_something_else_has_is_replaced_and_a_running_service_keeps_its_own(tmp_path, listener):
	bench = tmp_path / "first"
	chosen = ports.settle(set(), bench)
	(bench / "ports.json").write_text(json.dumps({**chosen, "database": listener}))
	assert ports.settle({"database"}, bench)["database"] == listener
	assert ports.settle(set(), bench)["database"] != listener


def test_who_listens_is_known_without_a_word(listener):
	assert ports.listens(os.getpid(), listener)
	assert not ports.listens(os.getppid(), listener)
	assert not ports.listens(os.getpid(), ports.any_free())


def test_a_server_that_another_one_keeps_from_its_port_did_not_come_up(tmp_path, listener):
	process = processes.start("server", [sys.executable, "-c", "raise SystemExit('in use')"], cwd=tmp_path)
	with pytest.raises(StepFailed, match="did not come up"):
		processes.wait_ready(process, lambda: ports.listens(process.pid, listener))


def test_a_copied_pid_file_is_of_no_process_of_ours(tmp_path):
	process = processes.start("server", [sys.executable, "-c", "import signal; signal.pause()"], cwd=tmp_path)
	try:
		assert processes.find("server").pid == process.pid
		file = processes.RUN / "server.json"
		file.write_text(json.dumps({**json.loads(file.read_text()), "bench": "/somewhere/else/.bench"}))
		assert processes.find("server") is None
	finally:
		process.kill()
