"""The dev container builds the site and forwards the port at which `make desk` serves the Desk there."""

import json
from itertools import islice
from pathlib import Path

from dev.site import ports
from dev.site.layout import ROOT

CONTAINER = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))


def test_it_only_builds_the_site():
	assert CONTAINER["postCreateCommand"] == "make site"


def test_it_forwards_the_port_of_the_desk():
	"""A bench chooses its ports by its path, and the container has the clone at a fixed path."""
	bench = Path(CONTAINER["workspaceFolder"], ".bench")
	chosen = dict(zip(ports.NAMES, islice(ports._own_ports(bench), len(ports.NAMES)), strict=True))
	assert CONTAINER["forwardPorts"] == [chosen["web"]]
	assert list(CONTAINER["portsAttributes"]) == [str(chosen["web"])]
	assert f"port {chosen['web']}" in (ROOT / "README.md").read_text(encoding="utf-8")
