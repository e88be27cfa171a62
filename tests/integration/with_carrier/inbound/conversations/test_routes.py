"""The first route that matches decides whose a conversation is; no one gets what they may not read."""

import json
from collections.abc import Callable, Iterator

import frappe
import pytest

from school_dialer.help_desk import registrar, routes
from school_dialer.inbound.conversations import conversation
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass


@pytest.fixture
def routed(carrier) -> Iterator[Callable[..., None]]:
	"""Yield a function that sets the routes of Dialer Settings."""

	def set_to(*rows: dict) -> None:
		settings = frappe.get_doc("Dialer Settings")
		settings.set("conversation_routes", list(rows))
		settings.flags.ignore_validate = True
		settings.save()
		frappe.db.commit()
		frappe.clear_document_cache("Dialer Settings", "Dialer Settings")

	yield set_to
	frappe.set_user("Administrator")
	frappe.db.rollback()
	set_to()


@pytest.fixture
def staff_of(as_role) -> Callable[..., str]:
	"""Return a function that makes a user and leaves the session as Administrator's."""

	def make_user(*roles: str) -> str:
		user = as_role(*roles)
		frappe.set_user("Administrator")
		return user

	return make_user


@pytest.fixture
def wrote(number, say, thread_of) -> Callable[[], str]:
	"""Return a function that receives a message from a new number, and returns its conversation."""

	def write(phone: str | None = None, body: str = "Ana is sick today") -> str:
		phone = phone or make.unlisted_phone()
		say(phone, body)
		return thread_of(phone)[0].name

	return write


def ring(name: str) -> list[str]:
	registrar.ring_for_conversation(name)
	return routes.assignees(name)


def test_the_first_route_that_matches_decides(mailer, routed, staff_of, wrote):
	first, second = staff_of("Dialer Agent"), staff_of("Dialer Agent")
	routed({"spoken_language": "es", "user": first}, {"user": second})
	name = wrote()
	assert ring(name) == [second]
	other = wrote()
	frappe.db.set_value("Dialer Conversation", other, "language", "es-MX")
	assert ring(other) == [first]
	assert ring(name) == [second]


@pytest.mark.parametrize(
	"opens, closes, matches", [("00:00:00", "00:00:01", True), ("00:00:00", "23:59:59", False)]
)
def test_outside_office_hours(mailer, routed, staff_of, wrote, opens, closes, matches):
	user = staff_of("Dialer Agent")
	routed({"outside_hours": 1, "user": user})
	frappe.db.set_single_value("Dialer Settings", {"office_opens": opens, "office_closes": closes})
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
	thread = conversation.locked(wrote())
	assert (routes.route_of(thread) is not None) is matches
	frappe.db.set_single_value("Dialer Settings", {"office_opens": "08:00:00", "office_closes": "16:00:00"})
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


def test_users_of_a_role_take_turns(mailer, routed, staff_of, wrote):
	role = frappe.get_doc({"doctype": "Role", "role_name": f"Test {frappe.generate_hash(length=6)}"}).insert()
	users = {staff_of("Dialer Agent", role.name) for _ in range(3)}
	staff_of(role.name)
	routed({"role": role.name})
	taken = [ring(wrote())[0] for _ in range(6)]
	assert set(taken[:3]) == users == set(taken[3:])


def test_who_may_not_read_the_students_is_passed_over(mailer, routed, staff_of, wrote):
	mother = make.unlisted_phone()
	school = SchoolClass([{"Rosa": [mother]}])
	frappe.db.commit()
	agent, teacher = staff_of("Dialer Agent"), staff_of("Dialer Agent", "Academics User")
	routed({"user": agent})
	name = wrote(mother)
	assert json.loads(conversation.locked(name).students) == [school.student(0)]
	assert ring(name) == []
	routed({"user": teacher})
	assert ring(name) == [teacher]


def test_students_of_a_group_and_the_campaign_s_purpose(mailer, routed, staff_of, wrote):
	mother, user = make.unlisted_phone(), staff_of("Dialer Agent", "Academics User")
	school = SchoolClass([{"Rosa": [mother]}])
	group = frappe.db.get_value("Student Group Student", {"student": school.student(0)}, "parent")
	frappe.db.commit()
	name = wrote(mother)
	routed({"group_kind": "Student Group", "student_group": group, "purpose": "Fees", "user": user})
	assert ring(name) == []
	routed({"group_kind": "Student Group", "student_group": group, "user": user})
	assert ring(name) == [user]
	assert routes.route_of(conversation.locked(wrote())) is None
