"""Nothing that outsiders wrote runs in a browser: markers in every text field, every screen as every role.

All of these count: a marker that ran and so has called `planted`; a marker in an attribute of an element,
which would run at a touch; and a marker that was made into HTML, in the page or detached from it, which might
run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import quote

import frappe
import pytest
from playwright.sync_api import Browser, Page

from dev.patience import MILLISECONDS
from dev.school import users
from dev.screenshots.browser import sign_in
from tests.browser.conftest import STAFF
from tests.browser.kit import planting
from tests.chance import chance
from tests.effort import ALL, EFFORT

LISTEN = """
window.ran = [];
window.planted = (place) => window.ran.push(place);
window.made = [];
const html = Object.getOwnPropertyDescriptor(Element.prototype, "innerHTML");
Object.defineProperty(Element.prototype, "innerHTML", { ...html, set(value) {
	const found = /<(?:img|svg)[^>]*planted\\(\\d+\\)/.exec(String(value));
	if (found) window.made.push(found[0] + new Error().stack.split("\\n").slice(2, 7).join(""));
	return html.set.call(this, value);
} });
for (const ask of ["alert", "confirm", "prompt"]) window[ask] = () => window.ran.push(ask);
"""
ARMED = """() => {
	const names = /^(on|href$|src$|action$|formaction$|srcdoc$|xlink:href$)/;
	const found = [];
	for (const one of document.querySelectorAll("*")) {
		for (const { name, value } of one.attributes) {
			if (!value.includes("planted(") || !names.test(name)) continue;
			if (name.startsWith("on") || /^\\s*javascript:/i.test(value) || name === "srcdoc")
				found.push(`${one.tagName} ${name}: ${value}`.slice(0, 200));
		}
	}
	const made = window.made.map((one) => `HTML of ${one}`);
	return [...found, ...made, ...window.ran.map((place) => `ran ${place}`)];
}"""
SHOWS = "() => document.body.textContent.includes('planted(')"
QUIET = "() => window.frappe && frappe.request && !frappe.request.ajax_count"
SETTLED = """async () => {
	const frame = () => new Promise(requestAnimationFrame);
	do {
		await new Promise((done) => frappe.after_ajax(done));
		await frame();
		await frame();
		await new Promise((done) => setTimeout(done, 60));
	} while (frappe.request.ajax_count);
}"""
GO = """async ([route, shown, patience]) => {
	const arrived = () => frappe.get_route().join() === shown.join();
	const end = performance.now() + patience;
	do {
		await frappe.set_route(route);
		if (!arrived()) await frappe.router.route();
	} while (!arrived() && performance.now() < end);
	return arrived();
}"""
"""Goes to a page of the Desk. Another page that still opens may go elsewhere meanwhile.

Then the address is right and the route is not, and setting the same address again does nothing.
"""
ELSEWHERE = {("List", "File", "List"): ("List", "File", "Home")}
"""Where Frappe itself leads on to. It has no report view of files."""
SCHOOL = ("Student", "Guardian", "Contact", "Issue", "Student Group")
BUTTONS = (
	"Preview audience",
	"Log Opt-out",
	"Record Opt-out",
	"Wrong Number",
	"Send Preference Link",
	"Record Consent",
	"Recordings",
	"+ Field",
	"Erase",
	"Amend",
	"Test this rule",
	"Release",
	"End",
)
"""These open a dialog and do nothing until it is answered."""
FORMS = {"officer": 3}
"""How many kinds of markers a user sees in forms. Lists and reports show them all.

In a shorter run two, of which the second is another in every other DocType (`tests/effort.py`).
"""
LEAST = {"agent": 30, "approver": 15, "manager": 60, "officer": 80}
"""The fewest screens that each user sees. With fewer, the test has looked at nothing."""
SLICES = 4
"""All screens of a user are shown in this many tests, so that each ends in time on a slow machine."""
IN_FULL, SHARE = "officer", 4
"""Who sees all screens even when the others see one in four of the same, chosen by `DIALER_SEED`.

Tests with every example (`tests/effort.py`) show all screens to all users.
"""
SAMPLED = tuple(part for part in LEAST if EFFORT != ALL and part != IN_FULL)
SHOWN = [(part, place) for part in LEAST for place in range(1 if part in SAMPLED else SLICES)]


@pytest.fixture(scope="module")
def plot(school: None) -> Iterator[planting.Plot]:
	with planting.planted() as made:
		yield made


class Visitor:
	"""A user who opens one screen after the other and looks for markers that run."""

	def __init__(self, page: Page, plot: planting.Plot, known: set[str]):
		self.page, self.plot, self.known = page, plot, known
		self.screens = self.showing = 0
		self.wrong: list[str] = []

	def look(self, where: str) -> None:
		"""Look for markers in what is drawn by now.

		A marker that runs later is found at the next look, by its number.
		"""
		self.page.wait_for_function(QUIET)
		self.page.evaluate(SETTLED)
		self.screens += 1
		self.showing += self.page.evaluate(SHOWS)
		for found in self.page.evaluate(ARMED):
			if found in self.known:
				continue
			self.known.add(found)
			place = found.partition("planted(")[2].partition(")")[0] or found.removeprefix("ran ")
			named = self.plot.places[int(place)] if place.isdigit() else ""
			self.wrong.append(f"{where}: {found} ({named})")

	def go(self, *route: str) -> None:
		"""Go to another page of the Desk without reloading it."""
		where, shown = "/".join(route), ELSEWHERE.get(route, route)
		assert self.page.evaluate(GO, [list(route), list(shown), MILLISECONDS]), f"{where} does not open"
		self.look(where)

	def visit(self, *route: str) -> None:
		"""Go to a page, and press the buttons of a form that shows all of them."""
		self.go(*route)
		if route[0] == "Form" and (route[1] in SCHOOL or route[2].endswith("-0")):
			self.press(route[1])

	def press(self, where: str) -> None:
		"""Press each button that opens a dialog."""
		for label in BUTTONS:
			opened = self.page.evaluate(
				"""(label) => {
					const button = cur_frm && cur_frm.custom_buttons[__(label)];
					if (button) button.trigger("click");
					return !!button;
				}""",
				label,
			)
			if opened:
				self.look(f"{where}: {label}")
				self.page.evaluate(
					"() => { while (window.cur_dialog && cur_dialog.display) cur_dialog.hide(); }"
				)


@pytest.fixture(scope="module")
def desks(browser: Browser, address: str) -> Iterator[Callable[[str], tuple[Page, set[str]]]]:
	"""Yield `desks("agent")`: a page on which that user is in the Desk, and what was found there so far.

	Each user has one page for all tests, until a test closes it.
	"""
	opened: dict[str, tuple[Page, set[str]]] = {}

	def of(part: str) -> tuple[Page, set[str]]:
		if part not in opened or opened[part][0].is_closed():
			context = browser.new_context(base_url=address, viewport={"width": 1400, "height": 1000})
			sign_in(context, STAFF[part], users.DEMO_PASSWORD)
			context.add_init_script(LISTEN)
			page = context.new_page()
			page.set_default_timeout(MILLISECONDS)
			page.goto("/app/school-dialer")
			# A route that is set while the first page still opens is lost.
			page.wait_for_function("() => window.cur_page && frappe.get_route()[0] === 'Workspaces'")
			page.wait_for_function(QUIET)
			opened[part] = page, set()
		return opened[part]

	yield of
	for page, _known in opened.values():
		page.context.close()


@pytest.fixture
def visitor(plot: planting.Plot, desks: Callable[[str], tuple[Page, set[str]]]) -> Callable[[str], Visitor]:
	def as_one(part: str) -> Visitor:
		page, known = desks(part)
		return Visitor(page, plot, known)

	return as_one


def readable(page: Page, doctypes: list[str]) -> list[str]:
	return page.evaluate(
		"(doctypes) => doctypes.filter((one) => frappe.boot.user.can_read.includes(one))", doctypes
	)


def reports() -> list[str]:
	return frappe.get_all("Report", {"module": "School Dialer"}, pluck="name", order_by="name")


def screens_of(page: Page, plot: planting.Plot, part: str) -> Iterator[tuple[str, ...]]:
	"""Yield the routes of all screens that this user may open."""
	for doctype in readable(page, [*plot.records, *planting.EVIDENCE]):
		yield "List", doctype, "List"
		if doctype != "File":
			yield "List", doctype, "Report"
	for place, doctype in enumerate(readable(page, list(plot.records))):
		for name in in_forms(plot.records[doctype][: FORMS.get(part, 1)], place):
			yield "Form", doctype, name
	for doctype in readable(page, list(SCHOOL)):
		name = planting.existing(doctype)
		yield "List", doctype, "List"
		yield "Form", doctype, name
		if doctype != "Student Group":
			yield "dialer-number", doctype, name
	open_to = "(names) => names.filter((one) => frappe.boot.user.all_reports[one])"
	for report in page.evaluate(open_to, reports()):
		yield "query-report", report
	yield "query-report", "Campaign Answers"
	yield ("dialer-health",)
	yield ("dialer-week",)


def in_forms(names: list[str], place: int) -> list[str]:
	"""Return which of these records are opened: the first, which shows all buttons, and others."""
	first, *others = names
	return names if EFFORT == ALL else [first, *others[place % (len(others) or 1) :][:1]]


def dealt(screens: list[tuple[str, ...]], slices: int) -> list[list[tuple[str, ...]]]:
	"""Return as many slices, nearly as long as each other, with all screens of a DocType in one of them.

	The Desk loads each DocType, and the scripts of its form, once for a page.
	"""
	alike: dict[str, list[tuple[str, ...]]] = {}
	for route in screens:
		alike.setdefault(route[1] if len(route) > 1 else route[0], []).append(route)
	found: list[list[tuple[str, ...]]] = [[] for _ in range(slices)]
	for some in sorted(alike.values(), key=len, reverse=True):
		min(found, key=len).extend(some)
	return found


@pytest.mark.each_case
@pytest.mark.parametrize("part, place", SHOWN)
def test_no_marker_runs_on_any_screen(visitor, plot, part, place):
	one = visitor(part)
	one.look("workspace")
	assert len(plot.places) > 300
	screens, least = list(dict.fromkeys(screens_of(one.page, plot, part))), LEAST[part]
	if part in SAMPLED:
		seen = set(screens_of(visitor(IN_FULL).page, plot, IN_FULL))
		alone, shared = [], []
		for route in screens:
			(shared if route in seen else alone).append(route)
		screens, least = alone + chance.sample(shared, -(-len(shared) // SHARE)), least // SHARE
	slices = 1 if part in SAMPLED else SLICES
	least //= slices
	for route in dealt(screens, slices)[place]:
		one.visit(*route)
	one.page.wait_for_load_state("networkidle")
	one.look("at the end")
	assert not one.wrong, "\n".join(sorted(set(one.wrong)))
	assert one.screens >= least
	assert one.showing >= least // 4
	# The next slice begins with an empty page. One that keeps all screens is slower with each.
	one.page.context.close()


LATE = """(markers) => {
	const column = { fieldname: "title", fieldtype: "Data", as_text: 1 };
	for (const marker of markers)
		for (const html of [
			frappe.format(marker, column, {}, { title: marker }),
			frappe.utils.html2text(marker),
		])
			$("<div>").html(html).appendTo(document.body);
}"""
"""Draws a cell of our reports and the title of a card, as they are drawn when an answer comes late."""


def test_no_marker_runs_on_a_page_that_is_drawn_after_the_next(visitor, plot):
	one = visitor("officer")
	one.go("query-report", "Campaign Results")
	one.page.wait_for_function("frappe.query_report?.columns?.length")
	assert one.page.evaluate("frappe.query_report.columns.every((column) => column.as_text)")
	one.go("List", "Dialer Campaign", "Kanban", plot.boards["Dialer Campaign"])
	one.go("dialer-health")
	one.page.evaluate(LATE, [variant.format(0) for variant in planting.VARIANTS])
	one.look("late")
	assert one.page.evaluate(SHOWS)
	assert not one.wrong, "\n".join(sorted(set(one.wrong)))


BESIDE_A_LIST = """async () => {
	const group_by = cur_list.list_sidebar?.list_group_by;
	if (!group_by) return -1;
	const plain = (df) => ["Data", "Select"].includes(df.fieldtype) && !df.is_virtual;
	const fields = cur_list.meta.fields.filter(plain);
	for (const df of fields) {
		const counts = await group_by.get_group_by_count(df.fieldname);
		group_by.render_dropdown_items(counts, df.fieldtype, $("<ul>").appendTo(cur_list.$page), "");
	}
	return fields.length;
}"""
"""Opens the values by which a list may be narrowed, as Edit Filters does for one field.

Frappe 16 has none beside a list: -1.
"""


def test_no_marker_runs_on_boards_and_beside_lists(visitor, plot):
	one = visitor("officer")
	for doctype, board in plot.boards.items():
		one.go("List", doctype, "Kanban", board)
		one.page.wait_for_function(
			"least => document.querySelectorAll('.kanban-card').length >= least",
			arg=len(planting.VARIANTS),
		)
		one.go("List", doctype, "List")
		assert one.page.evaluate(BESIDE_A_LIST)
		one.look(f"beside {doctype}")
	assert not one.wrong, "\n".join(sorted(set(one.wrong)))


def test_a_value_beside_a_list_still_narrows_it(visitor, plot):
	one = visitor("officer")
	one.go("List", "Dialer Campaign", "List")
	chosen = one.page.evaluate(
		"""() => {
			const group_by = cur_list.list_sidebar?.list_group_by;
			if (!group_by) return null;
			const html = group_by.get_dropdown_html({ name: `<b title="x">O'Brien`, count: 1 }, "Data");
			return decodeURIComponent($(html).attr("data-value"));
		}"""
	)
	if chosen is None:
		pytest.skip("nothing stands beside a list of Frappe 16")
	assert chosen == """<b title="x">O'Brien"""


@pytest.mark.parametrize("kind", ["bar", "line", "percentage", "donut"])
def test_no_marker_runs_in_a_chart(visitor, plot, kind):
	one = visitor("officer")
	markers = [variant.format(0) for variant in planting.VARIANTS]
	one.page.evaluate(
		"""([kind, markers]) => {
			const values = markers.map((_one, place) => place + 1);
			const data = { labels: markers, datasets: [{ name: markers[0], values }] };
			$(".planted-chart").remove();
			const $place = $("<div class='planted-chart'>").css({ width: 600 }).prependTo(document.body);
			const chart = new frappe.Chart($place[0], { type: kind, data, height: 240, animate: false });
			chart.update(data);
		}""",
		[kind, markers],
	)
	shapes = one.page.locator(".planted-chart svg path, .planted-chart svg rect, .planted-chart svg circle")
	shapes.first.wait_for(state="attached")
	box = one.page.locator(".planted-chart").bounding_box()
	for step in range(1, 12):
		one.page.mouse.move(box["x"] + box["width"] * step / 12, box["y"] + box["height"] / 2)
		one.look(f"{kind} at {step}")
	assert not one.wrong, "\n".join(sorted(set(one.wrong)))


PRINTED = (
	("Dialer Campaign", "Campaign Compliance Report"),
	("Contact Consent", "Consent Receipt"),
)


def test_no_marker_runs_in_print(visitor, plot):
	one = visitor("officer")
	page = one.page.context.new_page()
	for doctype in readable(one.page, [one for one in planting.doctypes() if one in plot.records]):
		name = plot.records[doctype][0]
		formats = ["Standard", *(fmt for of, fmt in PRINTED if of == doctype)]
		for print_format in formats:
			page.goto(
				f"/printview?doctype={quote(doctype)}&name={quote(name)}&format={quote(print_format)}&no_letterhead=1"
			)
			page.wait_for_load_state("networkidle")
			one.screens += 1
			one.showing += page.evaluate(SHOWS)
			one.wrong += [f"{doctype} {print_format}: {found}" for found in page.evaluate(ARMED)]
	page.close()
	assert not one.wrong, "\n".join(one.wrong)
	assert one.screens >= 20 and one.showing >= 10


def test_the_markers_would_run_where_nothing_escapes_them(browser: Browser):
	"""Check the markers themselves: if they could not run, none of the tests above could fail."""
	context = browser.new_context()
	context.add_init_script(LISTEN)
	page = context.new_page()
	page.goto("about:blank")
	for variant in planting.VARIANTS[:4]:
		marker = variant.format(7)
		page.evaluate(
			"""(marker) => {
				window.ran = [];
				const link = `<a href="${marker}">x</a>`;
				document.body.innerHTML =
					`<p title="${marker}">${marker}</p><p title='${marker}'></p>${link}`;
			}""",
			marker,
		)
		page.wait_for_function(f"() => ({ARMED})().length", timeout=MILLISECONDS)
	context.close()


def test_names_that_are_right_stay_as_they_are(visitor, plot):
	"""Check that names are escaped where they are shown, and read as they were written."""
	right = ["O'Brien", "Müller & Söhne", "I <3 chess", "محمد علي", "Zoë 🎻", 'Anna "Ann" Lee', "a < b"]
	one = visitor("officer")
	shown = one.page.evaluate(
		"""(names) => names.map((name) => {
			const df = { parent: "Dialer Recipient", fieldname: "person_name", fieldtype: "Data" };
			const html = frappe.format(name, df, null, { person_name: name });
			const line = school_dialer.plain.line(name);
			return [$("<p>").html(html).text(), $("<p>").html(school_dialer.plain.html(name)).text(), line];
		})""",
		right,
	)
	assert shown == [[name, name, name] for name in right]


def test_what_runs_late_is_seen(visitor):
	"""Check that a late marker is found: a missing image takes a moment to fail."""
	one = visitor("agent")
	one.page.evaluate(
		"() => { document.body.insertAdjacentHTML("
		"'beforeend', '<img src=/nothing.png onerror=planted(0)>'); }"
	)
	one.page.wait_for_function("() => window.ran.length")
	one.look("here")
	one.page.close()
	assert one.wrong
