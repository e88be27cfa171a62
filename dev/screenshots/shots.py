"""Which pictures there are: every screen of the app, and those that staff and parents see on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page

from dev.demo.people import APPROVER, MANAGER
from dev.screenshots import telling
from dev.screenshots.camera import Shot, scroll
from dev.screenshots.scene import AGENT, OFFICER, Scene

Step = Callable[[Page], None]
REPORTS = {
	"report-coverage": "Consent Coverage",
	"report-results": "Campaign Results",
	"report-blocked": "Blocked Calls by Reason",
	"report-opt-outs": "Opt-out Log and Latency",
	"report-consents": "Consent by Person",
	"report-bad-numbers": "Bad Numbers",
	"report-costs": "Call Costs",
	"report-activity": "Agent Activity",
}
TRY_AGAIN = "Try again those not reached …"

REACH, BY_GROUP = "/app/query-report/Student Reach", "/app/query-report/Reach by Group"


def all_of(scene: Scene) -> list[Shot]:
	"""Return all shots. The running campaign comes first, before it ends."""
	return [
		*live(scene),
		*campaigns(scene),
		*telling.shots(),
		*messages(),
		*rules(scene),
		*consents(scene),
		*people(scene),
		*families(scene),
		*reports(scene),
		*settings(),
		*rosters(scene),
		*spanish(scene),
	]


def live(scene: Scene) -> list[Shot]:
	path = form("dialer-campaign", scene.running)
	return [Shot("campaign-live", MANAGER, path), Shot("campaign-live-phone", MANAGER, path)]


def campaigns(scene: Scene) -> list[Shot]:
	draft, finished = form("dialer-campaign", scene.draft), form("dialer-campaign", scene.finished)
	waiting, poll = form("dialer-campaign", scene.waiting), form("dialer-campaign", scene.poll)
	tall = (1400, 1200)
	return [
		Shot("workspace", MANAGER, "/app/school-dialer", (drawn,), (1400, 1960)),
		Shot("workspace-phone", MANAGER, "/app/school-dialer", (drawn, to_cards)),
		Shot("campaigns", MANAGER, "/app/dialer-campaign"),
		Shot("campaign-draft", MANAGER, draft),
		Shot(
			"campaign-audience",
			MANAGER,
			form("dialer-campaign", scene.narrowed),
			(counted, to_field("audience_source")),
		),
		Shot("campaign-preview", MANAGER, draft, (press("Preview audience"),), tall),
		Shot("campaign-preview-phone", MANAGER, draft, (press("Preview audience"),)),
		Shot("campaign-questions", MANAGER, form("dialer-campaign", scene.doubtful), (press("Start"),), tall),
		Shot("campaign-questions-phone", MANAGER, form("dialer-campaign", scene.doubtful), (press("Start"),)),
		Shot("campaign-rehearsal", MANAGER, draft, (press("Rehearse"), said("No one was called")), tall),
		Shot("campaign", MANAGER, finished, size=tall),
		Shot("campaign-phone", MANAGER, finished),
		Shot("campaign-correct", MANAGER, finished, (press_below("Correct this"),), tall),
		Shot("campaign-correct-phone", MANAGER, finished, (press_below("Correct this"),)),
		Shot("campaign-resend", MANAGER, finished, (press_below(TRY_AGAIN),)),
		Shot("campaign-resend-phone", MANAGER, finished, (press_below(TRY_AGAIN),)),
		Shot("campaign-answers", MANAGER, poll, size=tall),
		Shot("emergency-approval", APPROVER, waiting, (press("Approve and call"),), tall),
		Shot("recipient-why", MANAGER, form("dialer-recipient", scene.recipient)),
		Shot("call-log-agent", AGENT, form("dialer-call-log", scene.log)),
	]


def messages() -> list[Shot]:
	path = "/app/dialer-message-template/Attendance notice"
	return [
		Shot("message", MANAGER, path, size=(1400, 1200)),
		Shot("message-phone", MANAGER, path),
		Shot("message-preview", MANAGER, path, (to_field("composer_html"),)),
		Shot("message-fields", MANAGER, path, (act("field"),)),
		Shot("message-recordings", MANAGER, path, (press("Recordings"),)),
	]


def rules(scene: Scene) -> list[Shot]:
	rule = form("dialer-rule", scene.rule)
	return [
		Shot("rule", MANAGER, rule),
		Shot("rule-try", MANAGER, rule, (press("Test this rule"), press_in_dialog("Try this day"))),
		Shot("rule-question", MANAGER, form("dialer-rule-run", scene.question)),
	]


def consents(scene: Scene) -> list[Shot]:
	consent = form("contact-consent", scene.consent)
	return [
		Shot("contact-consent", AGENT, "/app/contact-consent"),
		Shot("consent", OFFICER, consent),
		Shot(
			"consent-receipt",
			OFFICER,
			printed("Contact Consent", scene.consent, "Consent Receipt"),
			size=(1000, 1300),
		),
		Shot(
			"compliance-report",
			OFFICER,
			printed("Dialer Campaign", scene.finished, "Campaign Compliance Report"),
			size=(1000, 1300),
		),
		Shot("number-story", OFFICER, f"/app/dialer-number/Contact Consent/{scene.consent}"),
		Shot("policy", OFFICER, "/app/dialer-policy/us-states 2026.2"),
		Shot("review", AGENT, form("dialer-review", scene.review)),
	]


def people(scene: Scene) -> list[Shot]:
	guardian, issue = form("guardian", scene.guardian), form("issue", scene.issue)
	return [
		Shot("log-opt-out", AGENT, issue, (choose("Log Opt-out"),)),
		Shot("log-opt-out-phone", AGENT, issue, (choose("Log Opt-out"),)),
		Shot("pin", AGENT, guardian, (choose("New PIN"), press_in_dialog("Yes"))),
		Shot("erasure", OFFICER, form("contact-consent", scene.consent), (choose("Erase"),)),
		Shot("preferences-phone", None, scene.link),
	]


def families(scene: Scene) -> list[Shot]:
	conversation = form("dialer-conversation", scene.conversation)
	return [
		Shot("conversations", AGENT, "/app/dialer-conversation"),
		Shot("conversation", AGENT, conversation),
		Shot("conversation-phone", AGENT, conversation),
		Shot("families-waiting", AGENT, "/app/dialer-calls"),
		Shot("families-waiting-phone", AGENT, "/app/dialer-calls"),
		Shot("absence-reports", AGENT, "/app/dialer-absence-report"),
		Shot("absence-reports-phone", AGENT, "/app/dialer-absence-report"),
		Shot("absences-to-check", AGENT, "/app/query-report/Absences to Check"),
		Shot("absences-to-check-phone", AGENT, "/app/query-report/Absences to Check"),
		Shot("absence-unaware", AGENT, form("dialer-conversation", scene.unaware)),
		Shot("absence-unaware-phone", AGENT, form("dialer-conversation", scene.unaware)),
		Shot("absence-page-phone", None, scene.absence_link),
	]


def reports(scene: Scene) -> list[Shot]:
	shown = [Shot(name, MANAGER, f"/app/query-report/{report}") for name, report in REPORTS.items()]
	disclosures = f"/app/query-report/Disclosure Log?student={scene.student}"
	answers = f"/app/query-report/Campaign Answers?campaign={scene.poll}"
	return [
		*shown,
		Shot("report-student-reach", OFFICER, REACH),
		Shot("report-student-reach-phone", OFFICER, REACH),
		Shot("report-reach", OFFICER, BY_GROUP),
		Shot("report-reach-phone", OFFICER, BY_GROUP),
		Shot("report-week", OFFICER, "/app/dialer-week", (), (1400, 1300)),
		Shot("report-week-phone", OFFICER, "/app/dialer-week"),
		Shot("report-disclosures", OFFICER, disclosures),
		Shot("report-answers", MANAGER, answers),
	]


def settings() -> list[Shot]:
	path = "/app/dialer-settings"
	return [
		Shot("settings", OFFICER, path),
		Shot("settings-openings", OFFICER, path, (to_field("opening_html"),)),
		Shot("settings-voices", OFFICER, path, (unfold("voices"), to_field("voices"))),
		Shot("settings-retention", OFFICER, path, (to_field("retention_html"),)),
		Shot("health", MANAGER, "/app/dialer-health"),
	]


def rosters(scene: Scene) -> list[Shot]:
	path = form("dialer-roster-import", scene.roster)
	return [
		Shot("roster-checked", OFFICER, path, (), (1400, 1100)),
		Shot("roster-checked-phone", OFFICER, path),
	]


def spanish(scene: Scene) -> list[Shot]:
	draft = form("dialer-campaign", scene.draft)
	return [
		Shot("workspace-es", MANAGER, "/app/school-dialer", (drawn,), (1400, 1960), language="es"),
		Shot(
			"campaign-preview-es",
			MANAGER,
			draft,
			(press("Vista previa del público"),),
			(1400, 1200),
			language="es",
		),
	]


def form(doctype: str, name: str) -> str:
	return f"/app/{doctype}/{name}"


def printed(doctype: str, name: str, print_format: str) -> str:
	return f"/printview?doctype={doctype}&name={name}&format={print_format}&no_letterhead=1"


def dialog(page: Page) -> Locator:
	return page.locator(".modal.show").last


def press(label: str) -> Step:
	"""Press a button of the form or of its strip. On a phone Frappe keeps the form's buttons in a menu."""

	def pressed(page: Page) -> None:
		button = page.locator(".page-actions:visible, .dialer-strip:visible").get_by_role(
			"button", name=label, exact=True
		)
		if button.count():
			button.first.click()
		else:
			page.locator(".page-actions .menu-btn-group:visible button").first.click()
			page.locator(".dropdown-menu.show").get_by_text(label, exact=True).click()
		dialog(page).wait_for()

	return pressed


def press_below(label: str) -> Step:
	"""Press a button that stands among the results, once they are drawn."""

	def pressed(page: Page) -> None:
		page.locator(".layout-main-section:visible").get_by_role(
			"button", name=label, exact=True
		).first.click()
		dialog(page).wait_for()

	return pressed


def choose(label: str) -> Step:
	"""Choose an entry of a group of buttons. On a phone Frappe keeps them in a menu."""

	def chosen(page: Page) -> None:
		actions = page.locator(".page-container:visible .page-actions")
		entry = actions.locator("a.dropdown-item").filter(has_text=re.compile(rf"^\s*{label}\s*$"))
		entry.first.evaluate("one => one.click()")
		dialog(page).wait_for()

	return chosen


def press_in_dialog(label: str) -> Step:
	return lambda page: dialog(page).get_by_role("button", name=label, exact=True).click()


def said(words: str) -> Step:
	return lambda page: dialog(page).get_by_text(re.compile(words)).first.wait_for()


def to_cards(page: Page) -> None:
	"""Scroll past the onboarding of the workspace."""
	scroll(page, page.locator(".number-widget-box:visible").first)


def counted(page: Page) -> None:
	"""Wait for the number of households that match the audience's conditions."""
	page.locator("[data-part=count]:not([aria-busy])", has_text="phone number").wait_for()


def drawn(page: Page) -> None:
	page.locator(".dashboard-widget-box svg.frappe-chart").nth(1).wait_for()


def unfold(fieldname: str) -> Step:
	"""Expand the collapsed section of a field."""
	return lambda page: page.evaluate(
		"name => cur_frm.layout.sections.find((one) => one.fields_dict[name]).collapse(false)", fieldname
	)


def act(name: str) -> Step:
	"""Press the first button of the page that does this."""
	return lambda page: page.locator(f"[data-act={name}]:visible").first.click()


def to_field(fieldname: str) -> Step:
	"""Open the tab of a field, and scroll to it."""

	def opened(page: Page) -> None:
		page.evaluate("name => cur_frm.get_field(name)?.tab?.set_active()", fieldname)
		scroll(page, page.locator(f".form-page:visible [data-fieldname={fieldname}]").first)

	return opened


def to_part(name: str) -> Step:
	return lambda page: scroll(page, page.locator(f"[data-part={name}]:visible").first)
