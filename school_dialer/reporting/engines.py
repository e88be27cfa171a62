"""What can make a PDF on this server: WeasyPrint, which Frappe brings, or wkhtmltopdf; or neither.

Both are tried, because either may be installed and not work. Nothing is fetched from the network or from
files while a letter is printed.
"""

import shutil
import subprocess
from contextlib import redirect_stdout, suppress
from functools import cache
from io import StringIO
from typing import NoReturn

WEASYPRINT, WKHTMLTOPDF, NONE = "WeasyPrint", "wkhtmltopdf", ""
FONT_NAMES = {"zh": "zh-cn"}
SECONDS = 10


class Forbidden(ValueError):
	"""A letter asked for something outside itself."""


def refuse(url: str, *_more, **_options) -> NoReturn:
	raise Forbidden(url[:40])


@cache
def engine() -> str:
	"""Return the engine that works here, or "" if a page can only be printed from a browser."""
	if weasyprint_works():
		return WEASYPRINT
	return WKHTMLTOPDF if shutil.which("wkhtmltopdf") else NONE


def weasyprint_works() -> bool:
	"""Return whether WeasyPrint makes a PDF. It may lack a library of the system, or another of its own."""
	# Where it lacks one, it prints nine lines about itself.
	with suppress(Exception), redirect_stdout(StringIO()):
		return with_weasyprint("<p>1</p>").startswith(b"%PDF")
	return False


def pdf(html: str, landscape: bool = False) -> bytes:
	"""Return a complete HTML page as PDF. Call it only if `engine` found one."""
	if engine() == WEASYPRINT:
		return with_weasyprint(f"<style>@page {{ size: landscape }}</style>{html}" if landscape else html)
	from frappe.utils.pdf import get_pdf

	turned = {"orientation": "Landscape"} if landscape else {}
	return get_pdf(html, {"disable-javascript": None, "disable-local-file-access": None, **turned})


def with_weasyprint(html: str) -> bytes:
	from weasyprint import HTML

	return HTML(string=html, url_fetcher=refuse).write_pdf()


@cache
def has_font(language: str) -> bool:
	"""Return whether a font of this server has the letters of a language. True where it cannot be asked."""
	program = shutil.which("fc-list")
	if not (program and language.isalpha()):
		return True
	try:
		asked = [program, f":lang={FONT_NAMES.get(language, language)}", "family"]
		fonts = subprocess.run(asked, capture_output=True, timeout=SECONDS, check=False)
	except (OSError, subprocess.TimeoutExpired):
		return True
	return bool(fonts.stdout.strip())
