"""Does this message end consent? English and Spanish first.

	python -m school_dialer.consent.replies.opt_out < messages.txt

reads one message a line and writes one JSON object a line. Pure Python, no Frappe; it never raises, whatever the bytes.
The measure is 47 CFR 64.1200(a)(10): the words it names, and any wording that a reasonable person would understand as a wish
not to be contacted. In doubt it says opt out, with `review` for a human to look at.
"""

import json
import sys

from school_dialer.consent.recogniser.phrasebook import edits
from school_dialer.consent.recogniser.reading import (
	HELP,
	NONE,
	OPT_OUT,
	START,
	WRONG_NUMBER,
	Recognised,
	recognise,
)

__all__ = ["HELP", "NONE", "OPT_OUT", "START", "WRONG_NUMBER", "Recognised", "edits", "recognise"]


def main() -> int:
	"""One message a line in, one JSON object a line out."""
	for line in sys.stdin.buffer:
		result = recognise(line.rstrip(b"\r\n")).as_dict()
		sys.stdout.write(json.dumps(result, ensure_ascii=True) + "\n")
	sys.stdout.flush()
	return 0


if __name__ == "__main__":
	sys.exit(main())
