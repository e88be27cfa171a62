"""The page that checks a proof, in Chromium: its findings are those of the verifier in Python, one by one."""

import random
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from school_dialer.proof.findings import SENTENCES
from school_dialer.proof.note import Key
from school_dialer.proof.verify import Trust, verify
from school_dialer.website import receipt_page
from tests.browser.kit.preferences import LEVEL_AA, PHONE
from tests.effort import examples
from tests.unit.proof import restored, spoiled, writer

FILE = Path(receipt_page.__file__).parents[1] / "public" / "proof" / "check.html"
FINDING = re.compile(r"(?P<where>.*?): .* \[(?P<code>[a-z-]+)\]", re.DOTALL)
MOST_LINES = 200
"""Lines of the script that checks. Another one shows what it found."""


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[Page]:
	"""Yield the page on a phone, opened from disk. It fails on an uncaught error."""
	context = browser.new_context(viewport=PHONE, bypass_csp=True)
	page, errors = context.new_page(), []
	page.on("pageerror", lambda error: errors.append(str(error)))
	page.goto(FILE.as_uri())
	yield page
	context.close()
	assert errors == []


def choose(page: Page, content: bytes, key: str = "") -> None:
	page.locator("#file").set_input_files([])
	page.get_by_label("The school's public key").fill(key)
	chosen = {"name": "export.zip", "mimeType": "application/zip", "buffer": content}
	page.get_by_label("The file export.zip").set_input_files(chosen)
	expect(head(page)).not_to_have_text("Checking…")


def head(page: Page):
	return page.locator("#verdict h2")


def found_by(page: Page) -> list[tuple[str, str]]:
	matches = [FINDING.fullmatch(text) for text in page.locator("#findings li").all_inner_texts()]
	return sorted((one["code"], one["where"].replace("the file", "")) for one in matches)


@pytest.fixture
def python(tmp_path: Path) -> Callable[[bytes, str], list[tuple[str, str]]]:
	"""Return a function that returns what the verifier in Python finds, but for time stamps."""

	def findings(content: bytes, key: str = "") -> list[tuple[str, str]]:
		path = tmp_path / "export.zip"
		path.write_bytes(content)
		report = verify(path, Trust(Key.of(key)) if key else Trust())
		found = [(one.code, one.where) for one in report.findings]
		return sorted(one for one in found if not one[0].startswith("timestamp"))

	return findings


BREAK = "Sound, with a declared break"
HEADS = {
	spoiled.sound: {"Sound"},
	spoiled.spoiled: {"Sound", "Wrong", "Unreadable"},
	restored.declared: {BREAK},
	restored.undeclared: {"Wrong"},
}


@pytest.mark.parametrize("cases", HEADS, ids=lambda cases: cases.__name__)
def test_it_finds_what_the_verifier_in_python_finds(phone, python, cases):
	verdicts = {}
	for case in cases():
		choose(phone, case.content, case.key)
		assert found_by(phone) == python(case.content, case.key), case.name
		verdicts[case.name] = head(phone).inner_text().partition(":")[0]
	assert set(verdicts.values()) == HEADS[cases]


def test_it_says_what_a_declared_break_leaves_out(phone):
	*_others, known, twice = restored.declared()
	for case, count in ((known, 1), (twice, 2)):
		choose(phone, case.content)
		expect(head(phone)).to_contain_text(BREAK)
		said = [one for one in phone.locator("#notes li").all_inner_texts() if "begun again" in one]
		assert len(said) == count and f"checkpoint {restored.KNOWN} of {writer.ORIGIN}" in said[0]
		assert ("number 9 was signed" in said[0]) == (case is known)


def test_it_agrees_about_changed_bytes(phone, python):
	content, chance = writer.packed(writer.sample().export()), random.Random(19)
	for _ in range(examples(60)):
		changed = bytearray(content)
		changed[chance.randrange(len(content))] ^= chance.randrange(1, 256)
		choose(phone, bytes(changed))
		assert found_by(phone) == python(bytes(changed))


def test_served_it_asks_the_server_for_nothing(browser, address):
	context = browser.new_context(base_url=address)
	page, asked = context.new_page(), []
	assert page.goto(receipt_page.CHECK).ok
	page.on("request", lambda request: asked.append(request.url))
	choose(page, writer.packed(writer.sample().export()))
	expect(head(page)).to_contain_text("Sound")
	assert asked == []
	context.close()


def test_it_says_what_it_cannot_check(browser):
	context = browser.new_context()
	context.add_init_script(
		"crypto.subtle.generateKey = () => Promise.reject(new DOMException('', 'NotSupportedError'))"
	)
	page = context.new_page()
	page.goto(FILE.as_uri())
	log = writer.sample()
	log.stamps[4] = b"x"
	choose(page, writer.packed(log.export()), log.used[0])
	expect(head(page)).to_contain_text("Not fully checked")
	expect(page.locator("#notes")).to_contain_text("Not checked: the signatures")
	expect(page.locator("#notes")).to_contain_text("Not checked here: 1 time stamps")
	context.close()


def test_without_the_schools_key_it_claims_no_more_than_the_file_can_show(phone):
	log = writer.sample()
	choose(phone, writer.packed(log.export()))
	expect(head(phone)).to_contain_text("this file agrees with itself")
	choose(phone, writer.packed(log.export()), log.used[0])
	expect(head(phone)).to_contain_text("nothing was changed since")


def test_a_key_that_is_none_is_said_so(phone):
	choose(phone, writer.packed(writer.sample().export()), "not a key")
	expect(head(phone)).to_contain_text("The public key is not one")


def test_words_in_the_file_are_only_shown(phone):
	nasty = "<img src=x onerror=alert(1)>"
	choose(phone, writer.packed(writer.sample().export(about=nasty)))
	expect(head(phone)).to_contain_text("Sound")
	assert nasty in phone.locator("#notes").inner_text() and phone.locator("#notes img").count() == 0


def test_a_dropped_file_is_checked(phone):
	dropped = """(text) => {
		const all = new DataTransfer();
		all.items.add(new File([text], "export.zip"));
		return all;
	}"""
	choose(phone, writer.packed(writer.sample().export()))
	phone.locator("#drop").dispatch_event("drop", {"dataTransfer": phone.evaluate_handle(dropped, "x" * 99)})
	expect(head(phone)).to_contain_text("Unreadable")


def test_the_keyboard_is_enough_and_the_verdict_has_the_focus(phone):
	phone.reload()
	reached = []
	for _ in range(2):
		phone.keyboard.press("Tab")
		reached.append(phone.evaluate("document.activeElement.id"))
	assert reached == ["key", "file"]
	choose(phone, writer.packed(writer.sample().export()))
	expect(phone.locator("#verdict")).to_be_focused()


def test_it_is_accessible_and_fits_a_phone(phone):
	for content in (writer.packed(writer.sample().export()), b"x"):
		choose(phone, content)
		assert phone.evaluate("document.documentElement.scrollWidth") <= 390
		violations = Axe().run(phone, options=LEVEL_AA).response["violations"]
		assert [one["id"] for one in violations] == []


def test_it_says_the_same_sentences_and_is_short(phone):
	said = phone.locator("#sentences > *").all_text_contents()
	assert dict(zip(said[::2], said[1::2], strict=True)) == SENTENCES
	check, _show = re.findall(r"<script>\n(.*?)</script>", FILE.read_text(), re.DOTALL)
	assert check.count("\n") <= MOST_LINES


def test_a_file_of_another_program_is_unreadable_in_both(phone, python):
	content = writer.packed(writer.sample().export(), zipfile.ZIP_DEFLATED)
	choose(phone, content)
	assert found_by(phone) == python(content) == [("unreadable", "")]
