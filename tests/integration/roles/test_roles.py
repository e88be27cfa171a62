"""docs/school/roles.md is correct: every DocType, report, page and method, tried as a user of each role."""

import frappe
import pytest
from frappe.desk.desktop import Workspace
from frappe.desk.doctype.dashboard_chart.dashboard_chart import has_permission as may_see_chart
from frappe.desk.doctype.number_card.number_card import has_permission as may_see_card

from school_dialer.base.roles import ALL
from school_dialer.desk import campaigns
from tests.integration import factories as make
from tests.integration.roles import attempts, page
from tests.integration.roles.attempts import COLUMNS, GUEST, TEACHER

pytestmark = pytest.mark.exhaustive

MODULE = "School Dialer"
YES = "yes"
ARGUMENTS = {
	"audience_source": "CSV file",
	"basis": "number provided",
	"campaigns": [],
	"channel": "Text",
	"choices": {},
	"code_sent": "000000",
	"confirmed": 0,
	"count": 0,
	"day": "2026-01-05",
	"docname": "none",
	"doctype": "Dialer Recipient",
	"file": "none",
	"filters": {},
	"group": "ALLOW",
	"given_at": "2026-01-01 10:00:00",
	"language": "en",
	"number": "not a number",
	"note": "Tried for the matrix.",
	"pin": "48291",
	"reason": "Tried for the matrix.",
	"seen": "none",
	"signature": "Tried for the matrix.",
	"message": "none",
	"text": "none",
	"variant": "voice",
	"way": "Both",
	"wording": "The enrolment form of 2026.",
	"words": "Tried for the matrix.",
}
"""A value for each required parameter of a method, besides the records of the fixture.

A value need not be valid, since the user is refused before it is read. But a record it names must exist.
"""


@pytest.fixture
def arguments(matrix_records) -> dict:
	campaign, waiting, contact = (matrix_records[key] for key in ("campaign", "waiting", "contact"))
	common = {
		**ARGUMENTS,
		"campaign": campaign.name,
		"doc": {"doctype": "Dialer Message Template", "template_name": "T", "purpose": "Event"},
		"file_url": campaign.audience_file,
		"job": "none",
		"name": campaign.name,
		"person": contact.name,
		"person_doctype": "Contact",
		"phone": "+13125550142",
		"names": [],
		"recording": matrix_records["recording"],
		"answer": matrix_records["answer"],
		"consent_answer": matrix_records["consent_answer"],
		"recipient": matrix_records["recipient"],
		"roster": matrix_records["roster"],
		"restore": matrix_records["restore"],
		"rule": matrix_records["rule"],
		"run": matrix_records["lookup_run"],
		"run_name": matrix_records["run"],
		"reference_doctype": "Contact",
		"reference_name": contact.name,
		"template": campaign.template,
	}
	of_one_method = {
		"desk.campaigns.approve": {"campaign": waiting.name},
		"desk.campaigns.reject": {"campaign": waiting.name},
		"desk.district.proof.export": {"phone": None, "campaign": None},
		"desk.privacy.erase_person": {"doctype": "Contact", "name": contact.name},
		"desk.privacy.export_person": {"doctype": "Contact", "name": contact.name},
		"desk.templates.languages": {
			**{"doctype": "Language", "txt": "es", "searchfield": "name"},
			**{"start": 0, "page_len": 5},
		},
		"desk.rules.read_aloud": {"rule": {"title": "Matrix"}},
		"desk.decisions.explain": {"name": matrix_records["recipient"]},
		"desk.numbers.find": {"text": "Garcia"},
		"desk.numbers.names_of": {"people": [["Contact", contact.name]]},
		"desk.numbers.on_this_record": {"name": matrix_records["recipient"]},
		**of_inbox(matrix_records),
		**of_teachers(matrix_records["taught"]),
		**of_emergency_kit(matrix_records),
		**of_consent_drives(matrix_records),
		"help_desk.actions.close_review": {"name": matrix_records["review"]},
	}
	return {"common": common, **of_one_method}


def of_inbox(matrix_records: dict) -> dict:
	conversation = {"name": matrix_records["conversation"]}
	family = {"name": matrix_records["manual_call"]}
	of_conversations = ("close", "mark_read", "reopen", "reply", "thread", "undo")
	of_families = ("call", "call_state", "card", "claim", "give_up", "keep", "release", "undo")
	return {
		**{f"desk.inbox.conversations.{method}": conversation for method in of_conversations},
		**{
			f"desk.inbox.answers.{method}": conversation
			for method in ("saved_replies", "share_file", "shared")
		},
		"desk.inbox.transcripts.export": {"doctype": "Dialer Conversation", **conversation},
		**{f"desk.inbox.manual_calls.{method}": family for method in of_families},
		"desk.inbox.manual_calls.note_outcome": {**family, "outcome": "Reached"},
		"desk.inbox.absences.settle": {"name": matrix_records["absence"], "status": "Withdrawn"},
		"desk.inbox.absences.enter": {"student": "none", "kind": "Absence", "first_day": "2026-01-05"},
	}


def of_consent_drives(matrix_records: dict) -> dict:
	path, drive = "desk.families.consent_drives.", {"drive": matrix_records["drive"]}
	letters = {"letters_name": matrix_records["letters"], "action": "hand_out"}
	return {
		**{path + method: drive for method in ("count", "refresh", "state")},
		path + "start": {**drive, "families": 0},
		path + "card": {"student": "none"},
		path + "change": {**drive, "action": "pause"},
		path + "change_letters": letters,
	}


def of_teachers(taught: dict) -> dict:
	message = {"group": taught["group"], "template": taught["template"], "channel": "Text"}
	return {
		**{f"desk.teachers.messages.{method}": message for method in ("preview", "send")},
		**{f"desk.teachers.messages.{method}": {"campaign": taught["own"]} for method in ("result", "stop")},
		"desk.teachers.messages.reach": {"group": taught["group"]},
		"desk.teachers.approvals.approve": {"campaigns": {}},
		"desk.teachers.approvals.send_back": {"campaigns": []},
	}


def by_role(matrix_records, tried) -> dict[str, str]:
	return {role: tried(matrix_records["users"][role]) for role in COLUMNS}


def yes_or_nothing(answer: bool) -> str:
	return YES if answer else page.NOTHING


def of_emergency_kit(matrix_records: dict) -> dict:
	item, start = matrix_records["kit_item"], matrix_records["kit_start"]
	return {
		"desk.emergency_kit.items.approve": {"item": item, "seen": "none"},
		"desk.emergency_kit.starts.start": {"item": item, "key": "0" * 32},
		"desk.emergency_kit.starts.groups": {"start": start},
		"desk.emergency_kit.starts.state": {"start": start},
	}


def told(wrong: list[str]) -> str:
	return "docs/school/roles.md is not true any more.\n" + "\n".join(wrong)


def shipped(kind: str) -> list[str]:
	return frappe.get_all(kind, {"module": MODULE}, pluck="name", order_by="name")


def test_every_role_has_a_column():
	for section, rows in page.sections().items():
		for first, cells in rows.items():
			assert set(ALL) <= set(cells), f"{section}: {first}"
	assert set(page.sections()) == {"DocTypes", "Desk", "Methods"}


def test_doctypes(matrix_records):
	truth = {
		doctype: by_role(matrix_records, lambda user, doctype=doctype: attempts.rights(doctype, user))
		for doctype in shipped("DocType")
	}
	wrong = page.differences("DocTypes", truth)
	assert not wrong, told(wrong)
	assert not [doctype for doctype, cells in truth.items() if "S" in "".join(cells.values())]


def test_the_desk(matrix_records):
	"""Check reports, workspaces, cards, charts, pages and print formats."""
	seen = {
		"Report": lambda name: frappe.get_doc("Report", name).is_permitted(),
		"Workspace": may_open_workspace,
		"Number Card": lambda name: may_see_card(
			frappe.get_doc("Number Card", name), "read", frappe.session.user
		),
		"Dashboard Chart": lambda name: may_see_chart(
			frappe.get_doc("Dashboard Chart", name), "read", frappe.session.user
		),
		"Page": lambda name: frappe.get_doc("Page", name).is_permitted(),
		"Print Format": lambda name: frappe.has_permission(
			frappe.db.get_value("Print Format", name, "doc_type"), "print"
		),
	}

	def tried(kind: str, name: str, user: str) -> str:
		frappe.set_user(user)
		try:
			return yes_or_nothing(seen[kind](name))
		finally:
			frappe.set_user("Administrator")

	truth = {
		f"{kind}: {name}": by_role(matrix_records, lambda user, kind=kind, name=name: tried(kind, name, user))
		for kind in seen
		for name in shipped(kind)
	}
	wrong = page.differences("Desk", truth)
	assert not wrong, told(wrong)


def may_open_workspace(name: str) -> bool:
	doc = frappe.get_doc("Workspace", name)
	if frappe.session.user == GUEST:
		return frappe.has_permission("Workspace", "read")
	try:
		return Workspace(doc.as_dict(), minimal=True).is_permitted()
	except frappe.PermissionError:
		return False


def test_methods(matrix_records, arguments, a_request):
	truth, unknown = {}, []
	for path, method in sorted(attempts.methods().items()):
		known = arguments["common"] | arguments.get(path, {})
		missing = [name for name in attempts.required(method) if name not in known]
		if missing:
			unknown.append(f"{path}: give ARGUMENTS a value for {', '.join(missing)}")
			continue
		given = {name: known[name] for name in attempts.required(method)} | arguments.get(path, {})
		truth[path] = {"by": attempts.http_methods(method)} | by_role(
			matrix_records,
			lambda user, method=method, given=given: yes_or_nothing(attempts.may_call(method, user, given)),
		)
	assert not unknown, "\n".join(unknown)
	wrong = page.differences("Methods", truth)
	assert not wrong, told(wrong)


def test_a_shared_campaign_is_not_started_by_a_teacher(matrix_records):
	campaign, teacher = matrix_records["campaign"], matrix_records["users"][TEACHER]
	sharing = {"read": 1, "write": 1, "share": 1}
	frappe.share.add("Dialer Campaign", campaign.name, teacher, **sharing)
	frappe.set_user(teacher)
	assert frappe.has_permission("Dialer Campaign", "write", doc=campaign.name)
	for method in (
		campaigns.start,
		campaigns.schedule,
		campaigns.pause,
		campaigns.cancel,
		campaigns.send_test,
	):
		with pytest.raises(frappe.PermissionError, match="roles"):
			method(campaign.name)


def test_a_teacher_makes_no_campaign(matrix_records):
	frappe.set_user(matrix_records["users"][TEACHER])
	with pytest.raises(frappe.PermissionError):
		make.campaign(template=matrix_records["campaign"].template, audience_file="/private/files/x.csv")


@pytest.mark.parametrize("role", [one for one in COLUMNS if one not in ("Dialer Compliance Officer", GUEST)])
def test_policies_are_the_compliance_officers(matrix_records, role):
	frappe.set_user(matrix_records["users"][role])
	policy = frappe.get_doc(
		"Dialer Policy", frappe.get_all("Dialer Policy", pluck="name", order_by="name")[0]
	)
	policy.enabled = 1 - policy.enabled
	with pytest.raises(frappe.PermissionError):
		policy.save()


def test_an_agent_sees_masked_numbers(matrix_records):
	"""Check forms, lists, reports and REST: they all read through `get_list` or a document."""
	number = make.phone()
	make.consent(number)
	ours = frappe.get_all("Contact Consent", {"phone": number}, pluck="name")
	for role, sees in (("Dialer Agent", False), ("Dialer Compliance Officer", True)):
		frappe.set_user(matrix_records["users"][role])
		rows = frappe.get_list(
			"Contact Consent",
			{"name": ("in", ours), "phone_masked": ("is", "set")},
			["*"],
			order_by="creation desc",
		)
		doc = frappe.get_doc("Contact Consent", rows[0].name)
		doc.apply_fieldlevel_read_permissions()
		assert (number in str(rows), number in doc.as_json()) == (sees, sees), role


def test_no_one_approves_an_emergency_of_their_own(matrix_records):
	waiting, approver = matrix_records["waiting"], matrix_records["users"]["Dialer Emergency Approver"]
	waiting.db_set("requested_by", approver)
	frappe.set_user(approver)
	with pytest.raises(frappe.PermissionError, match="second person"):
		campaigns.approve(waiting.name)
