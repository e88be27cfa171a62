"""Attacks on a real site, by users whom the site lets in: what a penetration test tried, kept so that it stays tried.

Each file takes one promise of docs/threat-model.md and tries to break it by every way in that can be found by looking, not by those
that somebody thought of. A test prints how much it tried, and fails when that was nothing.
"""

from tests.integration.conftest import (  # noqa: F401
	as_role,
	bench,
	clean_transaction,
	site,
	site_connection,
	sites_path,
)
from tests.integration.privacy.conftest import called, scene, school_morning, served  # noqa: F401
