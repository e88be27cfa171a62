"""The containers: one to develop in, and those in which `docker compose up` runs the demo school.

The first builds the site and forwards the port at which `make desk` serves the Desk there. The others can be
reached from this machine alone, and have a carrier that rings no telephone.
"""

import json
import re
from itertools import islice
from pathlib import Path

from dev.site import ports
from dev.site.layout import ROOT

CONTAINER = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
COMPOSE = ROOT / "dev" / "compose"
COMPOSED = (COMPOSE / "compose.yml").read_text(encoding="utf-8")
TRY_IT = (ROOT / "docs" / "start" / "try-it.md").read_text(encoding="utf-8")


def test_it_only_builds_the_site():
	assert CONTAINER["postCreateCommand"] == "make site"


def test_it_forwards_the_port_of_the_desk():
	"""A bench chooses its ports by its path, and the container has the clone at a fixed path."""
	bench = Path(CONTAINER["workspaceFolder"], ".bench")
	chosen = dict(zip(ports.NAMES, islice(ports._own_ports(bench), len(ports.NAMES)), strict=True))
	assert CONTAINER["forwardPorts"] == [chosen["web"]]
	assert list(CONTAINER["portsAttributes"]) == [str(chosen["web"])]
	assert f"port {chosen['web']}" in TRY_IT


def test_only_the_desk_is_published_and_on_this_machines_own_address():
	published = re.findall(r"^    ports:\n((?:      - .*\n)+)", COMPOSED, re.M)
	assert published == ['      - "127.0.0.1:8000:8000"\n']
	assert COMPOSED.count("ports:") == 1 and "network_mode: host" not in COMPOSED


def test_the_containers_carrier_is_the_simulated_one_at_the_sites_own_address():
	assert "CARRIER: http://127.0.0.1:" in COMPOSED and "network_mode: service:address" in COMPOSED
	assert 'set-config school_dialer_carrier_url "$CARRIER"' in (COMPOSE / "setup.sh").read_text(
		encoding="utf-8"
	)


def test_each_container_is_described():
	services = COMPOSED.partition("\nservices:\n")[2].partition("\nvolumes:\n")[0]
	named = re.findall(r"^  ([\w-]+):$", services, re.M)
	assert named and [name for name in named if f"`{name}`" not in TRY_IT] == []
