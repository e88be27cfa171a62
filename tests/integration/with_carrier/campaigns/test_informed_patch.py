"""After the migration, whom a campaign informed before is informed, and no one else is."""

import frappe

from school_dialer.patches.renamed import informed_parties
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass
from tests.integration.with_carrier.parties import parties_of
from tests.integration.with_carrier.running import prepare


def test_only_who_was_informed_is_renamed(carrier):
	school = SchoolClass([{"Ana": [make.phone()]}, {"Ben": [make.phone()]}])
	doc = school.campaign()
	prepare(doc)
	heard = {"campaign": doc.name, "person_name": "Ana"}
	frappe.db.set_value("Dialer Party", heard, "state", "Told", update_modified=False)
	for _run in range(2):
		informed_parties.execute()
	assert sorted(parties_of(doc.name).values()) == ["Informed", "Waiting"]
	assert frappe.db.get_value("Dialer Party", heard, "state") == "Informed"
