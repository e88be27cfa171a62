"""A private MariaDB under `.bench/mariadb`, with its own loopback port and socket."""

import getpass
import json
import secrets
import shutil
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path

from dev.site import apt, processes
from dev.site.layout import OWN
from dev.site.ports import LOOPBACK, listens
from dev.site.steps import StepFailed, log_file, run, step

FOLDER = OWN / "mariadb"
DATA = FOLDER / "data"
CONFIG = FOLDER / "my.cnf"
TEMPORARY = FOLDER / "tmp"
"""For temporary tables.

A starting server deletes all of them in its folder, also those of another server, which then crashes.
"""
SECRETS = FOLDER / "secrets.json"
LONGEST_SOCKET = 100

# A killed server has lost nothing that was committed; a power cut may lose some, but this database can be
# rebuilt. Frappe's transactions are not written for snapshot isolation, which newer servers enable (error
# 1020). Each log-in counts all tables and views, more than a server keeps definitions of by default: it would
# read nearly all of them again afterward.
TEMPLATE = """[mariadbd]
user={user}
datadir={data}
tmpdir={temporary}
socket={socket}
bind-address={loopback}
port={port}
skip-name-resolve
character-set-server=utf8mb4
collation-server=utf8mb4_unicode_ci
innodb_flush_log_at_trx_commit=2
innodb_buffer_pool_size=512M
table_definition_cache=2000
max_connections=200
loose-innodb_snapshot_isolation=OFF
"""


def socket() -> Path:
	"""Return the socket's path; outside the data folder when that path would be too long for the system."""
	path = FOLDER / "mysqld.sock"
	if len(str(path)) <= LONGEST_SOCKET:
		return path
	name = sha256(str(path).encode()).hexdigest()[:16]
	return Path(tempfile.gettempdir(), f"mariadb-{name}.sock")


def root_password() -> str:
	if not SECRETS.exists():
		FOLDER.mkdir(parents=True, exist_ok=True)
		SECRETS.touch(mode=0o600)
		SECRETS.write_text(json.dumps({"root": secrets.token_urlsafe(24)}))
	return json.loads(SECRETS.read_text())["root"]


def make() -> bool:
	"""Create the data folder. Returns True when it was created again, which deletes any older site."""
	return step("mariadb", "MariaDB's data folder", "1", _initialise, ready=(DATA / "mysql").is_dir())


def _initialise() -> None:
	if running := processes.find("mariadb"):
		running.stop()
	shutil.rmtree(DATA, ignore_errors=True)
	FOLDER.mkdir(parents=True, exist_ok=True)
	command = [
		apt.need(apt.MARIADB_INSTALL),
		"--no-defaults",
		f"--datadir={DATA}",
		f"--user={getpass.getuser()}",
		"--auth-root-authentication-method=normal",
		"--skip-test-db",
	]
	run("mariadb", command, failure="MariaDB could not create its data folder")


def start(port: int) -> processes.Process:
	if running := processes.find("mariadb"):
		return running
	_write_config(port)
	command = [apt.need(apt.MARIADB), f"--defaults-file={CONFIG}"]
	process = processes.start("mariadb", command, cwd=FOLDER, port=port)
	processes.wait_ready(process, lambda: listens(process.pid, port))
	_protect()
	return process


def _write_config(port: int) -> None:
	TEMPORARY.mkdir(parents=True, exist_ok=True)
	paths = {"data": DATA, "temporary": TEMPORARY, "socket": socket()}
	CONFIG.write_text(TEMPLATE.format(user=getpass.getuser(), loopback=LOOPBACK, port=port, **paths))


def _protect() -> None:
	"""Give root a password and remove every other account that the installation created."""
	if _sql("SELECT 1", root_password()).returncode == 0:
		return
	password = root_password()
	accounts = _sql("SELECT CONCAT(QUOTE(User), '@', QUOTE(Host)) FROM mysql.global_priv", "").stdout.split()
	keep = ["'root'@'localhost'", "'root'@'127.0.0.1'", "'mariadb.sys'@'localhost'"]
	statements = [f"DROP USER {account}" for account in accounts if account not in keep]
	for account in keep[:2]:
		statements.append(f"CREATE USER IF NOT EXISTS {account}")
		statements.append(f"GRANT ALL ON *.* TO {account} IDENTIFIED BY '{password}' WITH GRANT OPTION")
	result = _sql("; ".join(statements), "")
	if result.returncode:
		log = log_file("mariadb")
		with log.open("a") as out:
			out.write(result.stderr)
		raise StepFailed("MariaDB's root account could not be given a password", log)


def _sql(statements: str, password: str) -> subprocess.CompletedProcess:
	client = apt.need(apt.MARIADB_CLIENT)
	# Without TLS: the server's own certificate is not valid for a client whose clock is not set like its own.
	command = [
		client,
		"--no-defaults",
		"--skip-ssl",
		f"--socket={socket()}",
		"--user=root",
		"--batch",
		"--skip-column-names",
	]
	return subprocess.run(
		command, input=statements, env={"MYSQL_PWD": password}, capture_output=True, text=True, timeout=60
	)
