"""A family at two schools has a conversation with each, which the other school does not see."""

import json
from collections.abc import Callable
from datetime import timedelta

import frappe
import pytest

from dev.school.bulk import Bulk
from school_dialer.base import roles
from school_dialer.desk.inbox import conversations as desk
from school_dialer.followup import confirmations
from school_dialer.help_desk import registrar
from school_dialer.inbound.conversations import conversation, replies
from school_dialer.inbound.conversations import school as school_of
from school_dialer.reporting import transcripts
from tests.integration import districts
from tests.integration.with_carrier.running import texts_to
from tests.integration.with_carrier.schools.families import called, family, move

DOCTYPE, MESSAGE = conversation.DOCTYPE, conversation.MESSAGE
CONCERT, BUS = "When does the concert begin?", "Who drives the bus?"


@pytest.fixture
def schools(carrier):
	with districts.district("North", "South", "West", committed=True) as made:
		yield made
		frappe.set_user("Administrator")


@pytest.fixture
def staff(schools) -> list[str]:
	"""Return someone in the office of each school."""
	users = []
	for place, school in enumerate(schools):
		user = districts.lasting_user(f"shared-{place}", roles.AGENT, roles.MANAGER, "Academics User")
		districts.permit(user, school, committed=True)
		users.append(user)
	return users


@pytest.fixture
def as_user() -> Callable[..., object]:
	"""Return a function that calls another one as a user."""

	def ask(user: str, method: Callable, *arguments, **more):
		frappe.set_user(user)
		try:
			return method(*arguments, **more)
		finally:
			frappe.set_user("Administrator")

	return ask


@pytest.fixture
def answers(say) -> Callable[[str, str, str], str]:
	"""Return a function by which a mother answers a call of a school. It returns the conversation's name."""

	def answer(mother: str, school: str, words: str) -> str:
		called(mother, school)
		say(mother, words)
		said = {"phone": mother, "words": words}
		return frappe.get_all(MESSAGE, said, pluck="conversation", order_by="creation desc")[0]

	return answer


@pytest.fixture
def both(schools, answers) -> list[str]:
	"""Return the conversations of a mother who answered a call of the one school, and then of the other."""
	mother, _pupils = family(*schools[:2])
	return [answers(mother, schools[0], CONCERT), answers(mother, schools[1], BUS)]


def row(name: str) -> frappe._dict:
	fields = ["phone", "school", "students", "status", "open_mark", "messages"]
	return frappe.db.get_value(DOCTYPE, name, fields, as_dict=True)


def listed(*names: str) -> set[str]:
	return set(frappe.get_list(DOCTYPE, {"name": ("in", names)}, pluck="name"))


def words(name: str) -> list[str]:
	return [one["words"] for one in desk.thread(name)["messages"] if not one["automatic"]]


def test_each_school_has_its_own_that_names_its_children_alone(schools, answers):
	mother, pupils = family(*schools[:2])
	found = [answers(mother, schools[0], CONCERT), answers(mother, schools[1], BUS)]
	for place, name in enumerate(found):
		assert (row(name).school, json.loads(row(name).students)) == (schools[place], [pupils.student(place)])
	assert len({row(name).open_mark for name in found} - {None}) == 2
	assert answers(mother, schools[0], "And when does it end?") == found[0]
	assert answers(mother, schools[1], "And who cleans it?") == found[1]


def test_each_school_sees_its_own_and_that_there_is_more(staff, as_user, both):
	for user, expected in zip(staff, ({both[0]}, {both[1]}, set()), strict=True):
		assert as_user(user, listed, *both) == expected
	assert [as_user(staff[place], words, name) for place, name in enumerate(both)] == [[CONCERT], [BUS]]
	assert all(as_user(staff[place], desk.thread, name)["more"] for place, name in enumerate(both))
	assert listed(*both) == set(both) and not desk.thread(both[0])["more"]


def test_what_is_another_school_s_is_not_reached_in_another_way(staff, as_user, both):
	hidden = frappe.db.get_value(MESSAGE, {"conversation": both[0], "words": CONCERT})
	for user in staff[1:]:
		assert not as_user(user, frappe.has_permission, MESSAGE, "read", doc=hidden)
		for method, more in ((desk.thread, ()), (desk.reply, ("At six.",)), (desk.close, ())):
			with pytest.raises(frappe.PermissionError):
				as_user(user, method, both[0], *more)
		with pytest.raises(frappe.PermissionError):
			as_user(user, transcripts.count_readable, both)
	assert transcripts.count_readable(both) >= 2


def test_what_waits_for_one_school_waits_when_the_other_has_answered(staff, as_user, both):
	assert [registrar.answering(name) & {*staff} for name in both] == [{staff[0]}, {staff[1]}]
	written = as_user(staff[1], desk.reply, both[1], "Mr. Lane.")
	assert [row(name).status for name in both] == [conversation.WAITING, conversation.ANSWERED]
	assert as_user(staff[1], desk.undo, both[1], written["message"]) == {"words": "Mr. Lane."}
	as_user(staff[1], desk.close, both[1])
	assert [row(name).status for name in both] == [conversation.WAITING, conversation.CLOSED]


def test_a_school_answers_in_its_own_name_and_hears_what_is_answered(
	carrier, schools, staff, as_user, say, both, monkeypatch
):
	monkeypatch.setattr(replies, "UNDO", timedelta(0))
	mother = row(both[0]).phone
	as_user(staff[0], desk.reply, both[0], "At six.")
	frappe.db.commit()
	confirmations.send_due()
	assert texts_to(carrier, mother)[-1] == f"{schools[0]}: At six."
	say(mother, "And when does it end?")
	assert as_user(staff[0], words, both[0]) == [CONCERT, "At six.", "And when does it end?"]
	assert as_user(staff[1], words, both[1]) == [BUS]


def test_either_school_answers_what_is_not_known_to_be_of_one(schools, staff, as_user, say):
	mother, pupils = family(*schools[:2])
	say(mother, CONCERT)
	found = conversation.open_of(mother)
	assert (found.school, found.students) == (None, "[]")
	assert [as_user(user, listed, found.name) for user in staff] == [{found.name}, {found.name}, set()]
	for user in staff[:2]:
		shown = as_user(user, desk.thread, found.name)
		assert [one["words"] for one in shown["messages"][:1]] == [CONCERT]
		assert pupils.tag + "-student" not in json.dumps(shown)
		written = as_user(user, desk.reply, found.name, "At six.")
		as_user(user, desk.undo, found.name, written["message"])
	assert registrar.answering(found.name) & {*staff} == {*staff[:2]}


def test_it_goes_to_the_school_as_soon_as_that_is_known(schools, staff, as_user, say, answers):
	mother, pupils = family(*schools[:2])
	say(mother, CONCERT)
	name = conversation.open_of(mother).name
	frappe.db.set_value(DOCTYPE, name, "_assign", json.dumps([staff[0]]))
	assert registrar.answering(name) == {staff[0]}
	assert answers(mother, schools[1], BUS) == name
	assert (row(name).school, json.loads(row(name).students)) == (schools[1], [pupils.student(1)])
	assert [as_user(user, listed, name) for user in staff] == [set(), {name}, set()]
	assert registrar.answering(name) & {*staff} == {staff[1]}


def test_a_courtesy_goes_to_the_school_that_it_answers(schools, answers, both):
	mother = row(both[0]).phone
	for school, name in zip(schools, both, strict=False):
		conversation.close(conversation.locked(name))
		frappe.db.commit()
		assert answers(mother, school, "Thank you!") == name
		assert row(name).status == conversation.CLOSED


def test_one_is_reopened_beside_the_other_school_s_and_not_beside_its_own(
	schools, staff, as_user, answers, both
):
	mother = row(both[0]).phone
	as_user(staff[0], desk.close, both[0])
	as_user(staff[0], desk.reopen, both[0])
	assert len({row(name).open_mark for name in both} - {None}) == 2
	as_user(staff[0], desk.close, both[0])
	again = answers(mother, schools[0], "And when does it end?")
	assert again not in both
	with pytest.raises(frappe.ValidationError, match="Another conversation"):
		as_user(staff[0], desk.reopen, both[0])
	as_user(staff[0], desk.close, again)
	as_user(staff[0], desk.reopen, both[0])
	assert row(both[0]).status == conversation.WAITING


def test_it_follows_its_children_and_no_later_call(schools, say, answers):
	mother, pupils = family(*schools[:2])
	name = answers(mother, schools[0], CONCERT)
	called(mother, schools[1])
	school_of.keep_true()
	assert row(name).school == schools[0]
	move(pupils, 0, schools[2])
	school_of.keep_true()
	assert row(name).school == schools[2]
	unknown, _pupils = family(*schools[:2])
	say(unknown, CONCERT)
	called(unknown, schools[1])
	school_of.keep_true()
	assert conversation.open_of(unknown).school is None


def test_a_family_that_comes_to_a_second_school_leaves_what_was_said_to_the_first(
	schools, staff, as_user, answers
):
	mother, pupils = family(schools[0])
	first = answers(mother, schools[0], CONCERT)
	second = {"name": f"{pupils.tag}-second", "student_name": "Second", "dialer_school": schools[1]}
	Bulk().insert("Student", [second | {"guardians": [{"guardian": f"{pupils.tag}-Rosa"}]}])
	frappe.db.commit()
	other = answers(mother, schools[1], BUS)
	assert [as_user(user, listed, first, other) for user in staff] == [{first}, {other}, set()]
	assert json.loads(row(other).students) == [f"{pupils.tag}-second"]


def test_one_that_names_children_of_both_schools_is_the_district_s(schools, staff, as_user, answers):
	mother, pupils = family(*schools[:2])
	name = answers(mother, schools[0], CONCERT)
	named = json.dumps([pupils.student(0), pupils.student(1)])
	frappe.db.set_value(DOCTYPE, name, {"students": named, "of_several_schools": 0})
	frappe.db.commit()
	assert answers(mother, schools[0], "And when does it end?") == name
	assert row(name).students == named
	assert not any(as_user(user, listed, name) for user in staff)
	assert as_user(staff[1], listed, answers(mother, schools[1], BUS))


def test_a_family_of_one_school_is_as_before(schools, staff, as_user, say, answers):
	mother, pupils = family(schools[0], schools[0])
	say(mother, CONCERT)
	found = conversation.open_of(mother)
	assert not found.of_several_schools and not as_user(staff[0], desk.thread, found.name)["more"]
	assert answers(mother, schools[1], BUS) == found.name
	assert row(found.name).open_mark == "1"
	assert json.loads(row(found.name).students) == sorted(pupils.student(place) for place in (0, 1))
	assert [as_user(user, listed, found.name) for user in staff] == [{found.name}, set(), set()]
