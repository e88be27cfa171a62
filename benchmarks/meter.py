"""What a piece of work costs: CPU of this process and of MariaDB, statements, rows, bytes written, Redis commands.

MariaDB and Redis count for everybody, so nothing else may be at work on them meanwhile.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import frappe

COUNTERS = {
	"statements": "Questions",
	"commits": "Com_commit",
	"rows_inserted": "Handler_write",
	"rows_updated": "Handler_update",
	"log_bytes": "Innodb_lsn_current",
}
"""Our names, and those of MariaDB's global status. The log sequence number rises by the bytes of the redo log."""
TICK = os.sysconf("SC_CLK_TCK")


def spent(work: Callable[[], Any]) -> dict[str, float]:
	"""Seconds, CPU seconds and counts while `work` runs."""
	before = readings()
	work()
	after = readings()
	return {name: after[name] - before[name] for name in after}


def each(cost: dict[str, float], count: int) -> dict[str, float]:
	return {name: value / count for name, value in cost.items()}


def readings() -> dict[str, float]:
	status = dict(frappe.db.sql("show global status"))
	redis = frappe.cache().info("all")
	return {
		"seconds": time.perf_counter(),
		"cpu": time.process_time(),
		"database_cpu": process_cpu(database_pid()),
		**{name: int(status[counter]) for name, counter in COUNTERS.items()},
		"redis_commands": redis["total_commands_processed"],
		"redis_bytes": redis["total_net_input_bytes"] + redis["total_net_output_bytes"],
		"redis_cpu": redis["used_cpu_user"] + redis["used_cpu_sys"],
	}


def database_pid() -> int:
	return int(Path(frappe.db.sql("select @@pid_file")[0][0]).read_text())


def process_cpu(pid: int) -> float:
	"""CPU seconds of a process of this machine, all its threads, to a hundredth."""
	fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
	return (int(fields[11]) + int(fields[12])) / TICK


def table_bytes(doctype: str) -> int:
	"""Bytes of a table's rows and indexes on disk."""
	frappe.db.sql(f"analyze table `tab{doctype}`")
	((size,),) = frappe.db.sql(
		"""select data_length + index_length from information_schema.tables
		where table_schema = database() and table_name = %s""",
		f"tab{doctype}",
	)
	return int(size)
