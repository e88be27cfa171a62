"""The settings files of the bench and of its site, as far as they follow from the ports."""

import json
from pathlib import Path

from dev.site.layout import Bench
from dev.site.ports import LOOPBACK


def write(bench: Bench, ports: dict[str, int]) -> None:
	"""Bring both files up to date, keeping what others have added to them."""
	common = bench.sites / "common_site_config.json"
	redis = {name: f"redis://{LOOPBACK}:{ports[name]}" for name in ("redis_cache", "redis_queue")}
	update(
		common,
		{
			"developer_mode": 0,
			"default_site": bench.site,
			"db_host": LOOPBACK,
			"db_port": ports["database"],
			"redis_socketio": redis["redis_cache"],
			**redis,
		},
	)
	if bench.site_config.exists():
		update(bench.site_config, {"host_name": f"http://{LOOPBACK}:{ports['web']}"})


def update(file: Path, values: dict) -> None:
	"""Set some keys of a JSON file.

	The file is replaced atomically, so a running server never reads half of it.
	"""
	before = json.loads(file.read_text()) if file.exists() else {}
	after = before | values
	if after != before:
		replace(file, json.dumps(after, indent=1, sort_keys=True))


def replace(file: Path, text: str) -> None:
	if file.exists() and file.read_text() == text:
		return
	draft = file.with_name(f".{file.name}.new")
	draft.write_text(text)
	draft.replace(file)
