"""Doors beside Frappe's lists and forms, tried as roles that may open them: what comes of it counts."""

import json
from collections.abc import Callable, Iterator

import frappe
import pytest
from frappe.utils import add_days, today
from frappe.website.doctype.web_form import web_form

from school_dialer.base import renaming
from school_dialer.campaigns import notifications
from tests.integration.privacy import children, portal
from tests.integration.privacy.children import EVENT
from tests.security.asking import Answer, Seat, seat
from tests.security.methods import Method, named

READS = ("Academics User",)
HANDLER = "frappe.handler.run_doc_method"
TAGS = "frappe.desk.doctype.tag.tag"
ROOM = named("frappe.realtime.can_subscribe_doc", "frappe.realtime.has_permission")
LINK = named("frappe.client.validate_link", "frappe.client.validate_link_and_fetch")
WHO = {
	"website user": (),
	"agent": ("Dialer Agent",),
	"teacher": ("Dialer Teacher",),
	"editor of the website": ("Website Manager",),
	"writer of newsletters": ("Newsletter Manager",),
}
"""Users who may read no student, by their roles."""


@pytest.fixture
def scene() -> Iterator[children.Scene]:
	"""Two families with rows of every kind and what staff noted on their students, all rolled back."""
	with seat("Administrator"):
		found = children.scene()
		portal.note_on(found)
		yield found
	frappe.flags.in_web_form = False


def user(*roles: str, **values) -> Seat:
	frappe.set_user("Administrator")
	return Seat(children.user(*roles, **values))


def ask(one: Seat, path: str, **arguments) -> Answer:
	return one.ask(Method(path, frappe.get_attr(path)), arguments)


def limited(scene: children.Scene, role: str) -> Seat:
	return user(role, *READS, allow=[("Student", scene.mine.student)])


def said(answer: Answer) -> str:
	return answer.failed + answer.text


def hidden(child: children.Child) -> tuple[str, ...]:
	return (*child.of_family, child.phone[-10:], child.own_phone[-10:], *portal.noted_on(child))


# What did not hold.


def renamed(scene: children.Scene) -> list[tuple[str, str]]:
	"""Return a record of each kind that a role may write and whose name others write down."""
	policy = frappe.get_all("Dialer Policy", pluck="name", order_by="name", limit=1)[0]
	hold = scene.rows["Dialer Legal Hold"][scene.mine.student]
	return [("Dialer Policy", policy), ("Dialer Legal Hold", hold), ("Dialer Rule", scene.rules["Fees"])]


def test_no_one_forces_a_name_on_the_evidence(scene):
	"""Check Frappe's `force`, which passes by whether a DocType allows renaming."""
	for doctype, name in renamed(scene):
		one = user("Dialer Manager", "Dialer Compliance Officer", *READS)
		answer = ask(one, "frappe.rename_doc", doctype=doctype, old=name, new="Another name", force=1)
		assert answer.refused and "keeps its name" in said(answer), doctype


def test_a_rename_that_frappe_did_not_check_is_taken_back(scene):
	"""Check what Frappe runs last, for an agent, who writes neither DocType."""
	frappe.set_user(user("Dialer Agent").user)
	template = frappe.db.get_value("Dialer Campaign", scene.campaigns[EVENT], "template")
	for doctype, name in (("Dialer Campaign", scene.campaigns[EVENT]), ("Dialer Message Template", template)):
		with pytest.raises(frappe.PermissionError):
			frappe.get_doc(doctype, name).run_method("after_rename", name, "Another name", False)
	frappe.set_user("Administrator")
	renaming.check(frappe.get_doc("Dialer Message Template", template), "after_rename", template, "x")


def test_no_one_marks_what_they_may_not_write_or_read(scene):
	"""Check tags, which take the right to write, and likes, which take the right to read."""
	policy, campaign = renamed(scene)[0][1], scene.campaigns[EVENT]
	for who, roles in WHO.items():
		one = user(*roles)
		for doctype, name in (("Dialer Policy", policy), ("Dialer Campaign", campaign)):
			for way in ("add_tag", "remove_tag"):
				assert ask(one, f"{TAGS}.{way}", tag="tried", dt=doctype, dn=name).refused, (who, doctype)
			liked = ask(one, "frappe.desk.like.toggle_like", doctype=doctype, name=name, add="Yes")
			assert liked.refused != ((who, doctype) == ("agent", "Dialer Campaign")), (who, doctype)


BESIDE = ("Comment", "Tag Link", "List Filter", "Version", "Communication", "Deleted Document")


def test_what_is_kept_beside_a_record_is_shown_with_it_only(scene):
	request = scene.rows["Dialer Records Request"][scene.other.student]
	frappe.get_doc("Dialer Records Request", request).add_comment("Comment", f"{scene.other.tag}asked")
	filtered_by(user("Dialer Compliance Officer", *READS), scene.other)
	texts = (*hidden(scene.other), f"{scene.other.tag}asked")
	for who, roles in WHO.items():
		one = user(*roles)
		for path in ("frappe.client.get_list", "frappe.desk.reportview.get"):
			for doctype in BESIDE:
				answer = ask(one, path, doctype=doctype, fields=json.dumps(["*"]), limit_page_length=0)
				assert not children.leaks(said(answer), texts), (who, path, doctype)
		tagged = ask(one, f"{TAGS}.get_documents_for_tag", tag=f"{scene.other.tag}label")
		assert scene.other.student not in said(tagged), who


def filtered_by(one: Seat, child: children.Child) -> None:
	"""Save what this user looks for in a list."""
	values = {"doctype": "List Filter", "filter_name": "One", "reference_doctype": "Dialer Recipient"}
	filters = json.dumps([["Dialer Recipient", "phone", "=", child.own_phone]])
	frappe.set_user(one.user)
	frappe.get_doc({**values, "for_user": one.user, "filters": filters}).insert()


def test_who_may_read_a_record_sees_what_is_beside_it(scene):
	"""Check the attack itself, and that of two children one is shown."""
	reader, one = user("Website Manager", *READS), limited(scene, "Website Manager")
	for doctype, text in (("Comment", "remark"), ("Tag Link", "label")):
		for seen, shown in ((reader, scene.children), (one, (scene.mine,))):
			arguments = {"doctype": doctype, "fields": json.dumps(["*"]), "limit_page_length": 0}
			answer = said(ask(seen, "frappe.client.get_list", **arguments))
			for child in scene.children:
				assert (f"{child.tag}{text}" in answer) == (child in shown), doctype
	answers = said(
		ask(user("System Manager"), "frappe.client.get_list", **{**arguments, "doctype": "Comment"})
	)
	assert not children.leaks(answers, hidden(scene.other))
	officer = user("Dialer Compliance Officer", *READS)
	request = frappe.get_doc(
		"Dialer Records Request", scene.rows["Dialer Records Request"][scene.other.student]
	)
	request.add_comment("Comment", f"{scene.other.tag}asked")
	form = ask(officer, "frappe.desk.form.load.getdoc", doctype=request.doctype, name=request.name)
	assert f"{scene.other.tag}asked" in said(form)
	filtered_by(officer, scene.other)
	own = ask(officer, "frappe.client.get_list", doctype="List Filter", fields=json.dumps(["*"]))
	assert scene.other.own_phone in said(own)


@pytest.mark.parametrize("sender", ["Administrator", "officer"])
def test_a_newsletter_shows_nothing_that_a_guest_may_not_see(scene, sender):
	"""Check words of a role that reads no record here, filled in by a job, or by the sender."""
	if not frappe.db.exists("DocType", "Newsletter"):
		pytest.skip("Frappe 16 has no newsletters")
	frappe.set_user(user("Newsletter Manager").user)
	group = frappe.get_doc({"doctype": "Email Group", "title": scene.other.tag}).insert().name
	read = "frappe.get_all('Dialer Recipient', fields=['person_name', 'students'], limit_page_length=0)"
	words = f"{{% for row in {read} %}}{{{{ row.person_name }}}} {{{{ row.students }}}} {{% endfor %}}!"
	values = {"doctype": "Newsletter", "subject": "News", "content_type": "Rich Text", "message": words}
	groups = [{"email_group": group}]
	made = frappe.get_doc({**values, "sender_email": "a@school.example", "email_group": groups}).insert()
	frappe.set_user("Administrator")
	frappe.set_user(children.user("Dialer Compliance Officer", *READS) if sender == "officer" else sender)
	filled = frappe.get_doc("Newsletter", made.name).get_message()
	assert "!" in filled and not children.leaks(filled, hidden(scene.other))


CHOICE = ("kind", "student_doctype", "student", "reason")


def form_on(doctype: str, *fields: str, unchecked: bool = False) -> str:
	"""Return the name of a published Web Form, open to all visitors; `unchecked`, as one made long ago."""
	rows = [{"fieldname": field, "fieldtype": "Data", "label": field} for field in fields]
	values = {"doctype": "Web Form", "title": "A form", "route": frappe.generate_hash(length=8)}
	values |= {"doc_type": doctype, "published": 1, "module": "Website", "web_form_fields": rows}
	doc = frappe.get_doc(values)
	doc.flags.ignore_validate = unchecked
	return doc.insert().name


def test_no_web_form_writes_a_record(scene, monkeypatch):
	"""Check a form on privacy choices, which would silence a family, and one that was made before."""
	editor = user("Website Manager")
	for doctype, field in (("Dialer Privacy Choice", CHOICE[0]), ("Dialer Recipient", "campaign")):
		frappe.set_user(editor.user)
		with pytest.raises(frappe.PermissionError, match="web form"):
			form_on(doctype, field)
	name = form_on("Dialer Privacy Choice", *CHOICE, unchecked=True)
	entered = ("Directory Opt-Out", "Student", scene.other.student, "No calls")
	data = json.dumps(dict(zip(CHOICE, entered, strict=True)))
	monkeypatch.setattr(frappe.local, "request_ip", "127.0.0.1", raising=False)
	for who in ("Guest", editor.user):
		answer = ask(Seat(who), f"{web_form.__name__}.accept", web_form=name, data=data)
		assert answer.refused and "web form" in said(answer), who


# What held.


def tries(scene: children.Scene, name: str) -> list[tuple[str, dict]]:
	"""Return requests about a row of the other child: read it, change it, share it, print it."""
	row, campaign = scene.rows[name][scene.other.student], scene.campaigns[EVENT]
	of_row, filters = {"doctype": name, "name": row}, json.dumps([[name, "name", "=", row]])
	listed, on_row = {"doctype": name, "filters": filters}, {"doctype": name, "docname": row}
	about = {"reference_doctype": name, "reference_name": row, "comment_email": "x", "comment_by": "x"}
	board = {"doctype": name, "board_name": "A board", "field_name": "status"}
	days = {"doctype": name, "start": "2020-01-01", "end": add_days(today(), 2)}
	days["field_map"] = json.dumps({"start": "creation", "end": "modified", "title": "owner"})
	rename = json.dumps({"name": "Another name", "force": 1, "validate_rename": 0})
	forged = json.dumps({**of_row, "student": scene.mine.student, "person": scene.mine.student})
	client, desk, every = "frappe.client", "frappe.desk", json.dumps(["*"])
	return [
		(HANDLER, {"dt": name, "dn": row, "method": "rename", "args": rename}),
		(HANDLER, {"docs": forged, "method": "submit"}),
		(f"{client}.set_value", {**of_row, "fieldname": "reason", "value": "x"}),
		(f"{client}.bulk_update", {"docs": json.dumps([{**on_row, "reason": "x"}])}),
		(f"{client}.insert_many", {"docs": f"[{forged}]"}),
		(f"{client}.delete", of_row),
		(LINK, {**on_row, **dict.fromkeys(("fields", "fields_to_fetch"), json.dumps(["person"]))}),
		(f"{desk}.form.save.savedocs", {"doc": forged, "action": "Save"}),
		(f"{desk}.form.save.cancel", of_row),
		(f"{desk}.form.load.getdoc", of_row),
		(f"{desk}.form.utils.add_comment", {**about, "content": "x"}),
		(f"{desk}.form.assign_to.add", {**of_row, "assign_to": json.dumps(["Administrator"])}),
		("frappe.share.add", {**of_row, "user": "Administrator", "read": 1}),
		(f"{desk}.reportview.get", {"doctype": name, "fields": every, "user": "Administrator"}),
		(f"{desk}.reportview.get", {**listed, "fields": json.dumps(["count(*) as c"])}),
		(f"{desk}.listview.get_group_by_count", {**listed, "current_filters": filters, "field": "owner"}),
		(f"{desk}.notifications.get_open_count", {**of_row, "items": "[]"}),
		(f"{desk}.calendar.get_events", days),
		(f"{desk}.treeview.get_children", {"doctype": name}),
		(f"{desk}.doctype.kanban_board.kanban_board.quick_kanban_board", board),
		(f"{desk}.doctype.bulk_update.bulk_update.submit_cancel_or_update_docs", bulk(name, row)),
		("frappe.core.doctype.data_import.data_import.download_template", template(name)),
		("frappe.automation.doctype.auto_repeat.auto_repeat.make_auto_repeat", repeated(on_row)),
		("frappe.www.printview.get_html_and_style", {"doc": name, "name": row}),
		("frappe.www.printview.get_html_and_style", {"doc": forged}),
		("frappe.utils.print_format.download_pdf", of_row),
		(ROOM, {**on_row, **of_row}),
		(f"{desk}.query_report.run", {"report_name": "Campaign Results", "user": "Administrator"}),
		(f"{desk}.form.linked_with.get", {"doctype": "Dialer Campaign", "docname": campaign}),
	]


def template(doctype: str) -> dict:
	fields = json.dumps({doctype: ["name", "person", "student", "reason"]})
	return {"doctype": doctype, "export_fields": fields, "export_records": "all", "file_type": "CSV"}


def repeated(on_row: dict) -> dict:
	return {**on_row, "frequency": "Daily", "start_date": today()}


def bulk(doctype: str, name: str) -> dict:
	changed = json.dumps({"reason": "x"})
	return {"doctype": doctype, "docnames": json.dumps([name]), "action": "update", "data": changed}


def state(scene: children.Scene, name: str) -> object:
	frappe.set_user("Administrator")
	row = scene.rows[name][scene.other.student]
	return frappe.db.get_value(name, row, "*", as_dict=True)


@pytest.mark.exhaustive
@pytest.mark.parametrize("who", [*WHO, "one child's manager", "one child's officer"])
def test_no_other_door_opens_a_row_about_a_child(scene, who, counted: Callable[[str], None]):
	roles = {"one child's manager": "Dialer Manager", "one child's officer": "Dialer Compliance Officer"}
	one = limited(scene, roles[who]) if who in roles else user(*WHO[who])
	texts = scene.other.secrets if who in roles else hidden(scene.other)
	tried = 0
	for name in ("Dialer Call Log", "Dialer Legal Hold", "Dialer Privacy Choice", "Dialer Records Request"):
		before = state(scene, name)
		for path, arguments in tries(scene, name):
			method, given = Method(path, frappe.get_attr(path)), json.dumps(arguments)
			answer = one.ask(method, arguments, keep=True)
			tried += 1
			leaked = [text for text in children.leaks(said(answer), texts) if text not in given]
			assert not leaked, (name, path)
		assert state(scene, name) == before, name
	counted(f"{who}: {tried} questions by other doors, no row shown or changed")


def test_who_may_read_a_row_gets_it_by_these_doors(scene):
	"""Check the attack itself."""
	one = user("Dialer Compliance Officer", "Dialer Manager", *READS)
	asked = tries(scene, "Dialer Records Request")
	shown = {path for path, values in asked if scene.other.tag in ask(one, path, **values).text}
	assert {"frappe.desk.form.load.getdoc", "frappe.desk.reportview.get"} <= shown


def test_no_one_joins_the_room_of_a_record_that_they_may_not_read(scene):
	"""Check what Frappe's server of live news asks before it lets a browser in."""
	limited_to_one = {"one child's manager": limited(scene, "Dialer Manager")}
	limited_to_one["one child's officer"] = limited(scene, "Dialer Compliance Officer")
	for who, one in ({who: user(*roles) for who, roles in WHO.items()} | limited_to_one).items():
		for doctype, rows in scene.rows.items():
			name = rows[scene.other.student]
			answer = ask(one, ROOM, doctype=doctype, docname=name, name=name)
			assert answer.failed, (who, doctype)  # Refused, or not found.
		name = scene.campaigns[EVENT]
		answer = ask(one, ROOM, doctype="Dialer Campaign", docname=name, name=name)
		reads = who not in ("website user", "teacher", "editor of the website", "writer of newsletters")
		assert bool(answer.failed) != reads, who


def test_what_is_published_to_rooms_names_no_one(scene, monkeypatch):
	"""Check that news of a campaign goes to the room of its record, which Frappe opens to its readers."""
	sent = []
	monkeypatch.setattr(frappe, "publish_realtime", lambda *given, **named: sent.append(named))
	notifications.moved(scene.campaigns[EVENT])
	assert [set(named) for named in sent] == [{"doctype", "docname", "after_commit"}]
