"""What a person does in the Desk's forms and dialogs, mainly those of a campaign."""

import frappe
from playwright.sync_api import Locator, Page, expect

OPENED = "() => $('.modal.show').get().every((one) => !$(one).data('bs.modal')?._isTransitioning)"
"""True once each dialog is fully shown. Before that, Bootstrap does not close one."""
OFFERED = ".awesomplete li:visible, .awesomplete [role=option]:visible"
"""The records that a link field offers, in older and newer releases of Frappe 15."""


def open_record(page: Page, path: str, name: str) -> None:
	page.goto(f"/app/{path}/{name}")
	page.wait_for_function(
		"name => window.cur_frm && cur_frm.doc.name === name && !cur_frm.loading", arg=name
	)


def open_new(page: Page, path: str) -> None:
	"""Open an empty form, and wait until Frappe has focused its first field.

	Frappe takes that focus away from any dialog that is open by then.
	"""
	page.goto(f"/app/{path}/new")
	page.wait_for_function(
		"window.cur_frm && cur_frm.is_new() && "
		"cur_frm.form_wrapper.find('.form-layout :input:visible:first').is(':focus')"
	)


def search_desk(page: Page, text: str) -> None:
	"""Type into the search at the head of the Desk, which Frappe 16 opens over the page.

	Before the page has a route, Frappe's search raises an error at the first letter.
	"""
	page.wait_for_function(
		"window.frappe?.router?.current_route?.length && "
		"(document.querySelector('#navbar-search')?.awesomplete"
		" || document.querySelector('.navbar-search-bar'))"
	)
	opener = page.locator(".navbar-search-bar:visible")
	if opener.count():
		opener.first.click()
	page.locator("#navbar-search").press_sequentially(text)


def open_campaign(page: Page, name: str) -> None:
	open_record(page, "dialer-campaign", name)


def button(page: Page, label: str) -> Locator:
	return page.locator(".page-actions:visible").get_by_role("button", name=label, exact=True)


def press_in_group(page: Page, group: str, label: str) -> None:
	"""Open a group of buttons at the head of the page, and press one of them."""
	head = page.locator(".page-actions:visible")
	head.locator(".inner-group-button").get_by_role("button", name=group, exact=True).click()
	head.locator(".inner-group-button .dropdown-item", has_text=label).click()


def control(page: Page, label: str) -> Locator:
	"""Return the Pause, Resume or Cancel button in the strip above the form."""
	return page.locator(".dialer-strip:visible").get_by_role("button", name=label, exact=True)


def dialog(page: Page) -> Locator:
	return page.locator(".modal.show").last


def opened_dialog(page: Page) -> Locator:
	"""Return the open dialog once it is fully shown.

	A tenth of a second after it creates a dialog, Frappe redraws the fields and drops what was typed by then.
	A timer that is set now and runs as long ends after Frappe's.
	"""
	page.wait_for_function("window.cur_dialog && cur_dialog.display")
	page.evaluate("frappe.timeout(0.1)")
	return dialog(page)


def press_in_dialog(page: Page, label: str) -> None:
	page.wait_for_function(OPENED)
	dialog(page).get_by_role("button", name=label, exact=True).click()


def close_dialog(page: Page) -> None:
	count = page.locator(".modal.show").count()
	page.wait_for_function(OPENED)
	dialog(page).locator(".btn-modal-close").click()
	expect(page.locator(".modal.show")).to_have_count(count - 1)


def rehearse(page: Page) -> None:
	button(page, "Rehearse").click()
	expect(dialog(page).locator("[data-part=rehearsed]")).to_contain_text("No one was called")
	expect(dialog(page)).to_contain_text("Will be called")
	close_dialog(page)
	expect(page.locator(".dialer-strip [aria-current=step]")).to_contain_text("Start")


def expect_status(page: Page, status: str) -> None:
	expect(page.locator(".title-area .indicator-pill:visible")).to_have_text(status)


def save(page: Page) -> None:
	"""Leave the last field, wait for the form's requests, and press Save.

	A click is lost while Frappe is still checking a link.
	"""
	page.evaluate("document.activeElement.blur()")
	wait_for_answers(page)
	button(page, "Save").click()


def wait_for_answers(page: Page) -> None:
	"""Wait until Frappe has checked a link that was chosen.

	Before that, the value is visible but a dialog would report it as missing.
	"""
	page.wait_for_function("!frappe.request.ajax_count")


def expect_saved(page: Page) -> None:
	"""Wait until a new record is saved and the Desk is at its address.

	A new record gets its own address. While the Desk goes there, it closes all open dialogs. Its page shows
	the address it has reached.
	"""
	page.wait_for_function(
		"""() => !cur_frm.is_new() && frappe.get_route().at(-1) === cur_frm.docname
			&& decodeURIComponent(frappe.container.page._route || "").endsWith("/" + cur_frm.docname)"""
	)
	wait_for_answers(page)


def field(page: Page, name: str, control: str) -> Locator:
	return page.locator(f".frappe-control[data-fieldname={name}] {control}:visible")


def choose(page: Page, fieldname: str, value: str) -> None:
	"""Pick a record in a link field by typing its name."""
	field(page, fieldname, "input").fill(value)
	page.locator(OFFERED, has_text=value).first.click()
	field(page, fieldname, "input").blur()
	wait_for_answers(page)


def said(page: Page, fieldname: str) -> Locator:
	return page.locator(f".frappe-control[data-fieldname={fieldname}] .control-value")


def path_of(doctype: str) -> str:
	return frappe.scrub(doctype).replace("_", "-")
