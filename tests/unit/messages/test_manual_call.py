"""What a member of staff hears, and the document that dials a family: only with a permit, and once."""

from datetime import datetime, timedelta, timezone
from xml.etree import ElementTree

import pytest

from school_dialer.base.phone import parse
from school_dialer.compliance import Facts, Person, Request, decide, mint, policies
from school_dialer.compliance.permit import NoLongerAllowed, PermitExpired, PermitSpent
from school_dialer.messages.model import School
from school_dialer.messages.spoken import manual_call

FAMILY, SENDER = "+13125550142", "+13125550100"
SCHOOL = School("Riverside", "Riverside School District", "800-555-0142")
NOON = datetime(2026, 5, 12, 17, tzinfo=timezone.utc)
EVENING = datetime(2026, 5, 13, 1, 59, 50, tzinfo=timezone.utc)


def permit(at: datetime = NOON):
	request = Request(parse(FAMILY), "Voice", "Event", Person(country="US", state="IL"), manual=True)
	decision = decide(request, Facts(), policies.for_person("US", "IL"), at)
	return mint.mint(decision, call_log="f", to=FAMILY, sender=SENDER)


def dial(spent, at: datetime = NOON) -> ElementTree.Element:
	xml = manual_call.connect_twiml(spent, at, 25, "https://school.example/end", "https://school.example/s")
	return ElementTree.fromstring(xml)


def test_the_family_sees_the_schools_number():
	(found,) = dial(permit())
	assert found.tag == "Dial" and found.get("callerId") == SENDER and found.get("timeout") == "25"
	(number,) = found
	assert number.text == FAMILY and number.get("statusCallback") == "https://school.example/s"
	assert number.get("url") is None and found.get("record") is None


def test_a_permit_dials_once():
	spent = permit()
	dial(spent)
	with pytest.raises(PermitSpent):
		dial(spent)


def test_an_old_permit_dials_no_one():
	with pytest.raises(PermitExpired):
		dial(permit(), NOON + timedelta(seconds=31))


def test_no_phone_rings_after_hours():
	with pytest.raises(NoLongerAllowed):
		dial(permit(EVENING), EVENING)


@pytest.mark.parametrize("language", ["en", "es", "ar", "vi", "zh", "so"])
def test_the_whisper_names_no_one_and_ends(language):
	found = ElementTree.fromstring(manual_call.ask_twiml(SCHOOL, language, "https://school.example/key"))
	assert found[-1].tag == "Hangup"
	said = [say.text for say in found.iter("Say")]
	assert said and all("1" in one for one in said)
