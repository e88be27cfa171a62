"""Who has a number: an inbound call may come from anything."""

import pytest

from school_dialer.audience import whose_number
from tests.integration import factories as make


@pytest.mark.parametrize(
	"caller", ["", "anonymous", "client:a(", "sip:[a@b.test", "+", "a|b", "(.*)+$", "٣١٢٥٥٥٠", "\\"]
)
def test_what_is_no_number_is_no_ones(caller):
	make.guardian("Ana", make.unlisted_phone())
	assert whose_number.people(caller) == []
	assert whose_number.who_may_have("Guardian", [caller]) == set()


def test_a_number_beside_what_is_none_is_found():
	number = make.unlisted_phone()
	ana = make.guardian("Ana", number).name
	assert whose_number.who_may_have("Guardian", ["client:a(", number]) == {ana}
