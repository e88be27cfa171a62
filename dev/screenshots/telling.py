"""The pictures of one message to families: the page Tell Families, and words that a machine drafted."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import parse_qs

from playwright.sync_api import Page, Route

from dev.demo.people import MANAGER
from dev.screenshots.camera import Shot, scroll

PAGE, MESSAGE = "/app/dialer-tell", "/app/dialer-message-template/Attendance notice"
WORDS = "The spring concert is on Thursday at six in the evening, in the main hall."
SPANISH = "El concierto de primavera es el jueves a las seis de la tarde, en el auditorio."
VIETNAMESE = "Hôm nay {{ absent_names }} được ghi nhận là vắng mặt."
TRANSLATOR = "LibreTranslate"
TALL = (1400, 1200)
CHOOSE = """([translator, language]) => {
	frappe.boot.school_dialer.translator = translator;
	if (cur_page.page.tell) return cur_page.page.tell.show_drafts();
	cur_frm.doc.__onload.spoken = [language];
	cur_frm.refresh();
}"""
"""As if the school had this translator, and families who speak this language."""


def shots() -> list[Shot]:
	in_vietnamese = (drafted("vi", {"voice": VIETNAMESE, "text": VIETNAMESE}),)
	in_spanish = (tell, drafted("es", {"details": SPANISH}))
	return [
		Shot("campaign-tell", MANAGER, PAGE, (tell,), TALL),
		Shot("campaign-tell-phone", MANAGER, PAGE, (tell,)),
		Shot("campaign-tell-draft", MANAGER, PAGE, in_spanish, TALL),
		Shot("campaign-tell-draft-phone", MANAGER, PAGE, in_spanish),
		Shot("message-draft", MANAGER, MESSAGE, in_vietnamese, TALL),
		Shot("message-draft-phone", MANAGER, MESSAGE, in_vietnamese),
	]


def tell(page: Page) -> None:
	"""Fill in the page Tell Families, until a telephone shows what is heard."""
	page.locator(".dialer-tell label", has_text="Event").first.click()
	page.locator(".dialer-tell [data-fieldname=audience_source] select").select_option("All guardians")
	page.locator(".dialer-tell textarea").first.fill(WORDS)
	page.locator(".dialer-phone", has_text="spring concert").first.wait_for()


def drafted(language: str, words: dict[str, str]) -> Callable[[Page], None]:
	"""Choose a translator in this browser only, let it draft these words, and show the draft."""

	def answer(route: Route) -> None:
		asked = json.loads(parse_qs(route.request.post_data)["words"][0])
		draft = {"by": TRANSLATOR, "words": words, "from": asked, "left": []}
		route.fulfill(json={"message": draft})

	def ask(page: Page) -> None:
		page.route("**/school_dialer.desk.templates.draft", answer)
		page.evaluate(CHOOSE, [TRANSLATOR, language])
		page.locator(f"[data-draft=ask][data-language={language}]:visible").first.click()
		panel = page.locator("[data-part=draft]:visible")
		panel.wait_for()
		scroll(page, panel)

	return ask
