"""The cost of a piece of work: CPU of this process and MariaDB, statements, rows, bytes, Redis commands.

MariaDB and Redis count the work of all their clients, so nothing else may use them meanwhile.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import frappe
import pymysql

from dev.site import database

COUNTERS = {
	"statements": "Questions",
	"commits": "Com_commit",
	"rows_inserted": "Handler_write",
	"rows_updated": "Handler_update",
	"log_bytes": "Innodb_lsn_current",
}
"""Our names, and the matching names in MariaDB's global status.

The log sequence number rises by the bytes written to the redo log.
"""
COPY = "benchmark_copy"
TICK = os.sysconf("SC_CLK_TCK")


def spent(work: Callable[[], Any], of: Sequence[int] = ()) -> dict[str, float]:
	"""Return the seconds, CPU seconds and counts of `work`, by name.

	The CPU is that of this process, or of the processes with the ids in `of`.
	"""
	before = readings(of)
	work()
	after = readings(of)
	return {name: after[name] - before[name] for name in after}


def each(cost: dict[str, float], count: int) -> dict[str, float]:
	return {name: value / count for name, value in cost.items()}


def readings(of: Sequence[int] = ()) -> dict[str, float]:
	status = dict(frappe.db.sql("show global status"))
	redis = frappe.cache().info("all")
	return {
		"seconds": time.perf_counter(),
		"cpu": sum(map(process_cpu, of)) if of else time.process_time(),
		"database_cpu": process_cpu(database_pid()),
		**{name: int(status[counter]) for name, counter in COUNTERS.items()},
		"redis_commands": redis["total_commands_processed"],
		"redis_bytes": redis["total_net_input_bytes"] + redis["total_net_output_bytes"],
		"redis_cpu": redis["used_cpu_user"] + redis["used_cpu_sys"],
	}


def database_pid() -> int:
	return int(Path(frappe.db.sql("select @@pid_file")[0][0]).read_text())


def process_cpu(pid: int) -> float:
	"""Return a process's CPU seconds, all threads included, to a hundredth of a second."""
	fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
	return (int(fields[11]) + int(fields[12])) / TICK


def kept_bytes(doctype: str, campaign: str) -> int:
	"""Return the bytes of the pages that a campaign's rows and their index entries fill.

	They are measured in a copy of the table, filled in order of creation. In the table itself, rows also fill
	space that deleted rows left free.
	"""
	frappe.db.sql_ddl(f"create or replace table {COPY} like `tab{doctype}`")
	try:
		frappe.db.sql(
			f"insert into {COPY} select * from `tab{doctype}` where campaign = %s order by creation", campaign
		)
		frappe.db.commit()
		frappe.db.sql(f"analyze table {COPY}")
		return leaf_bytes(COPY)
	finally:
		frappe.db.sql_ddl(f"drop table {COPY}")


def leaf_bytes(table: str) -> int:
	"""Return the bytes of a table's leaf pages.

	Connects as root, because only InnoDB's own statistics tell full pages from free ones.
	"""
	root = pymysql.connect(
		host=frappe.conf.db_host,
		port=int(frappe.conf.db_port),
		user="root",
		password=database.root_password(),
	)
	with root, root.cursor() as cursor:
		cursor.execute(
			"""select sum(stat_value) * @@innodb_page_size from mysql.innodb_index_stats
			where database_name = %s and table_name = %s and stat_name = 'n_leaf_pages'""",
			(frappe.conf.db_name, table),
		)
		return int(cursor.fetchone()[0])
