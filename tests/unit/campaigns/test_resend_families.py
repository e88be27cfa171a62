"""How families that were not reached are put together and counted, and who counts as knowing."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.base import states
from school_dialer.campaigns.resends import families, informed
from school_dialer.campaigns.resends.families import NEAREST_FIRST, Families

RECIPIENTS = st.lists(
	st.tuples(st.lists(st.integers(0, 12), max_size=3), st.sampled_from(NEAREST_FIRST)), max_size=25
)


def counted(some) -> dict[str, int]:
	found = Families()
	for shared, reason in some:
		found.add([("student", one) for one in shared], reason)
	return dict(found.by_reason())


def components(some) -> list[list[int]]:
	"""Put together who shares anything, step by step, in the plainest way."""
	groups: list[tuple[set, list[int]]] = []
	for place, (shared, _reason) in enumerate(some):
		keys, places = set(shared), [place]
		for group in [one for one in groups if one[0] & keys]:
			keys |= group[0]
			places += group[1]
			groups.remove(group)
		groups.append((keys, places))
	return [places for _keys, places in groups]


@given(RECIPIENTS)
def test_each_family_counts_once_under_what_came_nearest(some):
	expected: dict[str, int] = {}
	for places in components(some):
		nearest = min((some[place][1] for place in places), key=NEAREST_FIRST.index)
		expected[nearest] = expected.get(nearest, 0) + 1
	assert counted(some) == expected


@given(RECIPIENTS, st.randoms(use_true_random=False))
def test_the_order_does_not_matter(some, random):
	shuffled = list(some)
	random.shuffle(shuffled)
	assert counted(shuffled) == counted(some)


def recipient(status=states.NOT_REACHED, **more):
	fields = {"outcome": "", "reasons": "", "fallback": "", "result": "", **more}
	return SimpleNamespace(status=status, **fields)


@pytest.mark.parametrize(
	("row", "voicemail", "why"),
	[
		(recipient(result="no answer"), False, families.NO_ANSWER),
		(recipient(result="no answer"), True, families.VOICEMAIL),
		(recipient(fallback="E-mail"), False, families.MAIL),
		(recipient(result="unusable"), False, families.NUMBER),
		(recipient(outcome="deadline", reasons="OUTSIDE_CALLING_HOURS"), False, families.HOURS),
		(recipient(outcome="deadline"), False, families.STOPPED),
		(recipient(states.CANCELLED), False, families.STOPPED),
		(recipient(states.REACHED), False, families.STOPPED),
		(recipient(states.REACHED, reasons="RESTRICTED_CONTACT"), False, families.REFUSED),
		(recipient(states.BLOCKED, reasons="NO_CONSENT"), False, families.CONSENT),
		(recipient(states.BLOCKED, reasons="NO_CONSENT, OPTED_OUT"), False, families.REFUSED),
		(recipient(states.BLOCKED, reasons="INVALID_NUMBER"), False, families.NUMBER),
		(recipient(states.BLOCKED), False, families.OTHER),
	],
)
def test_what_stood_in_the_way(row, voicemail, why):
	assert families.why(row, voicemail) == why


def party(person, student="", state="Waiting", campaign="first", status=states.NOT_REACHED, **more):
	whole = {"person_doctype": "Guardian", "phone": "+13125550142", "called": "", "about": "[]"}
	fields = {**whole, "reason": None, **more}
	return SimpleNamespace(
		person=person, student=student, state=state, campaign=campaign, status=status, **fields
	)


def known(*rows, one_guardian=False):
	found = informed.Known(one_guardian)
	found.add(rows, "again")
	return found


ANA, BEN = ("Guardian", "Ana"), ("Guardian", "Ben")


@pytest.mark.parametrize("one_guardian", [True, False])
def test_where_one_guardian_is_enough_the_other_need_not_hear(one_guardian):
	found = known(
		party("Ana", "S1", "Informed"), party("Ben", "S1", campaign="again"), one_guardian=one_guardian
	)
	assert found.knows(ANA, "S1")
	assert found.knows(BEN, "S1") == found.need_not_hear(BEN) == one_guardian
	assert found.need_not_hear_of("S1") == one_guardian


def test_a_person_who_was_told_about_one_child_hears_about_the_other():
	found = known(
		party("Ana", "S1", "Informed"),
		party("Ana", "S1", campaign="again"),
		party("Ana", "S2", campaign="again"),
	)
	assert found.need_not_hear_of("S1") and not found.need_not_hear_of("S2")
	assert not found.need_not_hear(ANA)


def test_a_child_who_is_left_out_is_nothing_to_hear():
	left_out = {"state": "Withheld", "reason": "RESTRICTED_CONTACT", "campaign": "again"}
	own = [party("Ana", "S1", campaign="again"), party("Ana", "S2", **left_out)]
	assert not known(*own).need_not_hear(ANA)
	assert known(party("Ana", "S1", "Informed"), *own).need_not_hear(ANA)
	assert not known(party("Ana", "S2", **left_out)).need_not_hear(ANA)


def test_who_lacks_consent_may_have_it_by_now_and_hears_of_both():
	own = [
		party("Ana", "S1", campaign="again"),
		party("Ana", "S2", "Withheld", campaign="again", reason="NO_CONSENT"),
	]
	assert not known(party("Ana", "S1", "Informed"), *own).need_not_hear(ANA)


def test_whom_another_campaign_still_calls_is_tried_and_own_rows_are_not():
	found = known(
		party("Ana", "S1", status=states.RETRY, campaign="another"),
		party("Ben", "S2", status=states.RETRY, campaign="again"),
	)
	assert found.is_tried(ANA, "S1") and not found.is_tried(BEN, "S2")
	assert not found.knows(ANA, "S1")


def test_a_recipient_who_was_reached_knows_though_no_party_says_so():
	reached = {"status": states.REACHED, "called": "Ana", "about": '["S1"]'}
	found = known(party("Ana", "S1", **reached), party("Ben", "S1", **reached))
	assert found.knows(ANA, "S1") and not found.knows(BEN, "S1")


def test_people_on_a_list_are_known_by_their_number():
	on_list = {"person_doctype": "File", "state": "Informed"}
	found = known(party("list", phone="+13125550142", **on_list))
	assert found.knows(("", "+13125550142"), "") and not found.knows(("", "+13125550143"), "")
