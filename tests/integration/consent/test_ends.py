"""Where several people gave a number, each one's consent ends at its own time."""

from datetime import timedelta

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.consent import ledger
from school_dialer.consent.integrity import rebuild
from school_dialer.patches import ends_of_consents
from tests.integration import factories as make

PEOPLE = ("Mother", "Father")


def ends(number: str) -> dict[str, object]:
	"""Return when each one's consent ends; people without one are left out."""
	facts = ledger.read([number], "Voice")[number]
	found = {person: facts.of("Guardian", person).consents for person in PEOPLE}
	return {person: consents[0].expires_at for person, consents in found.items() if consents}


@pytest.fixture
def number(committed_phones) -> str:
	return committed_phones(1)[0]


@pytest.mark.parametrize("order", [("Mother", "Father"), ("Father", "Mother")])
def test_the_end_of_one_is_not_that_of_the_other(number, order):
	soon = (clock.now() + timedelta(days=2)).replace(microsecond=0)
	for days, person in zip((3, 2), order, strict=True):
		make.consent(
			number,
			at=clock.now() - timedelta(days=days),
			expires_at=soon if person == "Mother" else None,
			person_doctype="Guardian",
			person=person,
		)
	assert ends(number) == {"Mother": soon, "Father": None}
	assert not [one for one in rebuild.differences() if one.phone == number]


def test_the_update_gives_each_consent_its_own_end(number):
	test_the_end_of_one_is_not_that_of_the_other(number, PEOPLE)
	frappe.db.sql(
		"update `tabContact Consent` set provided_by = %s, expires_at = null where phone = %s",
		("Guardian/Mother\nGuardian/Father", number),
	)
	assert ends(number) == {"Mother": None, "Father": None}
	ends_of_consents.execute()
	assert ends(number)["Mother"] and ends(number)["Father"] is None
