"""Two families with debts, absences and calls about them.

Their names and amounts occur nowhere else. Users may read less or more of these records. Nothing is
committed: what a test makes is rolled back.
"""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

import frappe
from werkzeug.wrappers import Response

from dev.school.bulk import Bulk
from school_dialer.automation import run
from school_dialer.automation.kind import kind_of
from school_dialer.base import clock
from school_dialer.base.database.rows import insert, stamp
from school_dialer.calls import pins, survey_answers
from school_dialer.consent_form import answers, requests
from school_dialer.inbound.absences import reports
from school_dialer.inbound.conversations import received
from school_dialer.inbound.conversations.received import Received
from school_dialer.messages.spoken.question import POLL, REASON
from tests.chance import chance
from tests.integration import factories as make
from tests.integration.privacy.conftest import write_log

FEES, ATTENDANCE, EVENT = "Fees", "Attendance", "Event"


@dataclass
class Child:
	"""A student with a guardian, a debt and an absence today.

	`secrets` are texts by which any of this data is recognized.
	"""

	tag: str = field(default_factory=lambda: "q" + secrets.token_hex(5))
	phone: str = ""
	own_phone: str = ""

	def __post_init__(self) -> None:
		self.student, self.guardian, self.group = f"{self.tag}s", f"{self.tag}g", f"{self.tag}c"
		self.name, self.guardian_name = f"Kid{self.tag}n", f"Parent{self.tag}p"
		self.owes = 70_000 + chance.randrange(10_000) + 0.37
		self.bill, self.absence = f"{self.tag}b", f"{self.tag}a"
		self.phone, self.own_phone = make.unlisted_phone("312"), make.unlisted_phone("312")

	@property
	def secrets(self) -> tuple[str, ...]:
		return (self.student, self.name, str(self.owes), f"{self.owes:,.2f}", self.bill, self.absence)

	@property
	def of_family(self) -> tuple[str, ...]:
		"""Return the secrets and the guardian. The guardian's name under a bill shows whose child owes."""
		return (*self.secrets, self.guardian, self.guardian_name)


@dataclass
class Scene:
	mine: Child
	other: Child
	campaigns: dict[str, str] = field(default_factory=dict)
	rules: dict[str, str] = field(default_factory=dict)
	runs: dict[str, str] = field(default_factory=dict)
	rows: dict[str, dict[str, str]] = field(default_factory=dict)
	"""A row about each student, as `{DocType: {student: name of the row}}`."""

	@property
	def children(self) -> tuple[Child, Child]:
		return self.mine, self.other


def scene() -> Scene:
	found = Scene(Child(), Child())
	for child in found.children:
		records_of(child)
	for purpose in (FEES, ATTENDANCE, EVENT):
		found.campaigns[purpose] = campaign(found, purpose)
	for kind, purpose in (("Fees overdue", FEES), ("Absence", ATTENDANCE)):
		found.rules[purpose], found.runs[purpose] = noticed(found, kind, purpose)
	for child in found.children:
		for purpose in (FEES, ATTENDANCE):
			called(found, child, purpose, ("Guardian", child.guardian, child.guardian_name, child.phone))
		called(found, child, EVENT, ("Student", child.student, child.name, child.own_phone))
		kept_about(found, child)
	return found


def records_of(child: Child) -> None:
	"""Insert the records of a child straight into the tables, like those of the demo school."""
	bulk, today = Bulk(), clock.db_now().date()
	link = {"guardian": child.guardian, "dialer_contact_permission": "All", "dialer_may_receive_records": 1}
	guardian = {"name": child.guardian, "guardian_name": child.guardian_name, "mobile_number": child.phone}
	bulk.insert("Guardian", [guardian])
	student = {"name": child.student, "first_name": child.name, "student_name": child.name, "enabled": 1}
	student |= {
		"date_of_birth": date(2016, 5, 1),
		"student_mobile_number": child.own_phone,
		"guardians": [link],
	}
	bulk.insert("Student", [student | {"state": "Nowhere", "pincode": "60601", "country": "United States"}])
	group = {"name": child.group, "student_group_name": child.group, "group_based_on": "Activity"}
	bulk.insert("Student Group", [group | {"students": [{"student": child.student, "active": 1}]}])
	bill = {"name": child.bill, "student": child.student, "student_name": child.name, "docstatus": 1}
	bill |= {"due_date": today - timedelta(days=9), "posting_date": today, "outstanding_amount": child.owes}
	bulk.insert("Fees", [bill | {"grand_total": child.owes}])
	absence = {"name": child.absence, "student": child.student, "student_name": child.name, "docstatus": 1}
	absence |= {"date": today, "status": "Absent", "student_group": child.group}
	bulk.insert("Student Attendance", [absence])
	make.consent(child.phone)
	make.consent(child.own_phone, person_doctype="Student", person=child.student)


def campaign(found: Scene, purpose: str) -> str:
	"""Make a draft campaign about both children that has already called, and return its name."""
	group = f"{make.OURS}{found.mine.tag}"
	if not frappe.db.exists("Student Group", group):
		members = [{"student": child.student, "active": 1} for child in found.children]
		row = {"name": group, "student_group_name": group, "group_based_on": "Activity", "students": members}
		Bulk().insert("Student Group", [row])
	source = "Students of a Student Group" if purpose == EVENT else "Guardians of a Student Group"
	doc = make.campaign(purpose=purpose, audience_source=source, audience_name=group, audience_file=None)
	doc.db_set("started_at", clock.db_now(), update_modified=False)
	return doc.name


def noticed(found: Scene, kind: str, purpose: str) -> tuple[str, str]:
	"""Make an enabled rule and its run of today, with a case for each of the two children.

	Return the names of the rule and the run.
	"""
	group = frappe.db.get_value("Dialer Campaign", found.campaigns[purpose], "audience_name")
	doc = frappe.get_doc(
		{
			"doctype": "Dialer Rule",
			"title": f"{make.OURS}{secrets.token_hex(4)}",
			"kind": kind,
			"purpose": purpose,
			"channel": "Voice",
			"template": frappe.db.get_value("Dialer Campaign", found.campaigns[purpose], "template"),
			"run_at": "09:00:00",
			"weekends": 1,
			"on_holiday": "Run anyway",
			"days": 1,
			"only_of_doctype": "Student Group",
			"only_of": group,
			"most_percent": 50,
			"most_number": 50,
			"latest_minutes": 600,
			"max_attempts": 1,
		}
	)
	doc.on_holiday = doc.meta.get_field("on_holiday").options.split("\n")[-1]
	doc.insert()
	today = clock.db_now().date()
	name = run.open_run(doc, run.Due(today, [today]))
	run.find_triggers(doc, kind_of(doc), name)
	cases = frappe.get_all("Dialer Rule Case", {"run": name}, ["name", "student"], order_by="name")
	assert {case.student for case in cases} == {child.student for child in found.children}
	for case in cases:
		found.rows.setdefault("Dialer Rule Case", {})[case.student] = case.name
	return doc.name, name


def called(found: Scene, child: Child, purpose: str, person: tuple[str, str, str, str]) -> None:
	"""Insert a recipient, its call, its disclosure and its answer, as the dialer leaves them.

	`person` is `(DocType, name, title, number)`.
	"""
	doctype, name, title, number = person
	doc = frappe.get_doc("Dialer Campaign", found.campaigns[purpose])
	doc.purpose = EVENT
	values = {"doctype": "Dialer Recipient", "campaign": doc.name, "phone": number, "person_name": title}
	about = {"person_doctype": doctype, "person": name, "students": json.dumps([child.student])}
	frappe.db.set_value("Dialer Campaign", doc.name, "purpose", EVENT, update_modified=False)
	recipient = frappe.get_doc(values).insert()
	frappe.db.set_value("Dialer Campaign", doc.name, "purpose", purpose, update_modified=False)
	log = write_log(doc, recipient)
	frappe.db.set_value("Dialer Recipient", recipient.name, about, update_modified=False)
	done = {
		"status": "failed",
		"status_rank": 90,
		"error_code": "21211",
		"purpose": purpose,
		"placed_at": clock.db_now(),
	}
	frappe.db.set_value("Dialer Call Log", log, about | done, update_modified=False)
	frappe.clear_document_cache("Dialer Campaign", doc.name)
	kind = REASON if purpose == ATTENDANCE else POLL
	row = frappe.get_doc("Dialer Call Log", log)
	row.students = [child.student]
	survey_answers.write(row, kind, 1, f"{child.tag}answer", "")
	told = {"name": f"{log}-0", **stamp(), "student": child.student, "fields_disclosed": '["student_names"]'}
	told |= {"disclosed_at": clock.db_now(), "way": "Spoken", "person_doctype": doctype, "person": name}
	told |= {"person_name": title, "campaign": doc.name, "call_log": log, "purpose": purpose}
	insert("Dialer Disclosure", [told], ignore=True)
	for made, key in (
		("Dialer Recipient", recipient.name),
		("Dialer Call Log", log),
		("Dialer Disclosure", f"{log}-0"),
	):
		found.rows.setdefault(made, {})[child.student] = key
	answer = frappe.db.get_value("Dialer Answer", {"recipient": recipient.name})
	found.rows.setdefault("Dialer Answer", {})[child.student] = answer


def kept_about(found: Scene, child: Child) -> None:
	pins.make_pin("Student", child.student, child.name)
	of_student = {"student_doctype": "Student", "student": child.student}
	rows = [
		{
			"doctype": "Dialer Privacy Choice",
			"kind": "Directory Opt-Out",
			"reason": f"{child.name} asked",
			**of_student,
		},
		{
			"doctype": "Dialer Records Request",
			"kind": "Inspect Records",
			"requested_by": child.guardian_name,
			"received_on": clock.db_now().date(),
			"details": child.name,
			**of_student,
		},
		{
			"doctype": "Dialer Legal Hold",
			"person_doctype": "Student",
			"person": child.student,
			"reason": child.name,
		},
	]
	wrote = received.keep(Received(child.phone, f"{child.name} is sick today", source=child.tag))
	found.rows.setdefault("Dialer Conversation", {})[child.student] = wrote.name
	found.rows.setdefault("Dialer Absence Report", {})[child.student] = reported(child)
	found.rows.setdefault("Dialer Manual Call", {})[child.student] = to_phone(child)
	for doctype, name in asked_for_consent(child).items():
		found.rows.setdefault(doctype, {})[child.student] = name
	for row in rows:
		found.rows.setdefault(row["doctype"], {})[child.student] = frappe.get_doc(row).insert().name
	pin = frappe.db.get_value("Dialer PIN", {"person": child.student})
	found.rows.setdefault("Dialer PIN", {})[child.student] = pin
	for doctype in ("Contact Consent", "Consent Event"):
		found.rows.setdefault(doctype, {})[child.student] = frappe.db.get_value(
			doctype, {"person": child.student}
		)


def reported(child: Child) -> str:
	day = clock.db_now().date() + timedelta(days=1)
	new = reports.New(
		student=child.student,
		student_name=child.name,
		kind="Late arrival",
		first=day,
		last=day,
		channel="Page",
		source=child.tag,
		words=f"{child.name} has a dentist",
		phone=child.phone,
	)
	return reports.file(new)


def asked_for_consent(child: Child) -> dict[str, str]:
	"""Ask the child's guardian for consent by a letter, and sign it. Return the row of each DocType."""
	person = ("Guardian", child.guardian)
	(request,) = requests.create([requests.NewRequest([person], [child.student])])
	signed = answers.NewAnswer(
		signature=child.guardian_name,
		relation="Parent",
		choices={("Voice", "Fees"): True},
		statement="You may call me.",
		shown=f"About {child.name}.",
		language="en",
		phone=child.phone,
		person=person,
		students=(child.student,),
		request=request,
	)
	return {
		requests.DOCTYPE: request,
		answers.DOCTYPE: answers.keep(signed).name,
		"Dialer Consent Family": in_drive(child, request),
		"Dialer Reach": counted(child),
	}


def in_drive(child: Child, request: str) -> str:
	"""Write that a consent drive asks the child's family. Return the row's name."""
	person = ["Guardian", child.guardian]
	values = {
		"name": secrets.token_hex(12),
		"person_doctype": person[0],
		"person": person[1],
		"people": json.dumps([person]),
		"students": json.dumps([child.student]),
		"state": "Asked",
		"request": request,
	}
	insert("Dialer Consent Family", [values | stamp()])
	return values["name"]


def counted(child: Child) -> str:
	"""Write that the child's guardian was reached. Return the row's name."""
	frappe.db.delete("Dialer Reach", {"name": child.student})
	values = {"name": child.student, "student": child.student, "family": child.student}
	values |= {"call_guardian": child.guardian}
	values |= {"language": "en", "guardians": 1, "consented": 1, "reached_at": clock.db_now()}
	insert("Dialer Reach", [values | stamp()])
	return child.student


def to_phone(child: Child) -> str:
	"""Put the child's guardian on the list of families whom staff phone."""
	name = frappe.generate_hash(length=16)
	values = {
		"name": name,
		**stamp(),
		"status": "Waiting",
		"purpose": "Event",
		"person_doctype": "Guardian",
		"person": child.guardian,
		"person_name": child.guardian_name,
		"phone": child.phone,
		"students": json.dumps([child.student]),
	}
	insert("Dialer Manual Call", [values])
	return name


def user(*roles: str, allow: Iterable[tuple[str, str]] = ()) -> str:
	"""Make a user with these roles, and return the name.

	`allow` holds User Permissions as `(DocType, name)`.
	"""
	doc = frappe.get_doc(
		{
			"doctype": "User",
			"email": f"{frappe.generate_hash(length=10)}@school.example",
			"first_name": "Test",
			"send_welcome_email": 0,
			"roles": [{"role": role} for role in roles],
		}
	).insert()
	for doctype, name in allow:
		values = {"doctype": "User Permission", "user": doc.name, "allow": doctype, "for_value": name}
		frappe.get_doc(values | {"apply_to_all_doctypes": 1}).insert()
	return doc.name


def told(answer) -> str:
	"""Return the whole content of a response as text."""
	if isinstance(answer, Response):
		return answer.get_data(as_text=True)
	return json.dumps(answer, default=str, ensure_ascii=False)


def leaks(text: str, texts: Iterable[str]) -> list[str]:
	return [one for one in texts if one in text]
