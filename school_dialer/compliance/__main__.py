"""``python -m school_dialer.compliance``: decisions without Frappe, JSON lines in and out."""

from __future__ import annotations

import argparse
import os
import sys

from school_dialer.compliance import stream

_HELP = (
	'Reads one JSON object a line from standard input and writes one a line: {"id", "verdict", "until", '
	'"reasons"}, or\n{"id", "error"} for a line that is malformed. The fields are described in '
	"docs/compliance.md. Not legal advice."
)


def main() -> int:
	parser = argparse.ArgumentParser(prog="python -m school_dialer.compliance", description=_HELP)
	parser.parse_args()
	try:
		stream.run(sys.stdin.buffer, sys.stdout.buffer)
	except BrokenPipeError:
		os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
		return 1
	except KeyboardInterrupt:
		return 130
	return 0


if __name__ == "__main__":
	sys.exit(main())
