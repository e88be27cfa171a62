"""The recognizer, the chain and the state need no Frappe: they can be read and run without it."""

import subprocess
import sys
from pathlib import Path

import pytest

from dev.patience import PATIENCE

PURE = (
	"replies.opt_out",
	"recogniser.reading",
	"chain",
	"events",
	"state",
	"integrity.signed_anchor",
)


@pytest.mark.parametrize("module", PURE)
def test_it_imports_where_there_is_no_frappe(module):
	program = f"import sys; sys.modules['frappe'] = None; import school_dialer.consent.{module}"
	subprocess.run(
		[sys.executable, "-c", program], cwd=Path(__file__).parents[3], check=True, timeout=PATIENCE
	)
