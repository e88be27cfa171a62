"""The demo's checks of calls on record."""

import pytest

HOME, CELL = "+17085550120", "+17085550121"


@pytest.fixture
def checks():
	pytest.importorskip("frappe")
	from dev.demo import checks

	return checks


@pytest.mark.parametrize(
	("to", "purpose", "people", "found"),
	[
		((HOME, CELL), "Event", ("G1", "G1"), 1),
		((HOME, CELL), "Event", ("G1", "G2"), 0),
		((HOME, HOME), "Event", ("G1", "G1"), 0),
		((HOME, CELL), "Emergency", ("G1", "G1"), 0),
	],
)
def test_a_person_is_called_at_one_number(checks, to, purpose, people, found):
	import frappe

	asked = [{"sid": f"CA{place}", "to": number} for place, number in enumerate(to)]
	logs = {
		f"CA{place}": frappe._dict(campaign="C1", recipient="R1", person=person, purpose=purpose)
		for place, person in enumerate(people)
	}
	assert len(list(checks.at_one_number(asked, logs))) == found
