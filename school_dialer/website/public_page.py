"""A page of this app at one address, for Frappe's `page_renderer`."""


class PublicPage:
	"""Renders the page at PATH, which a page sets, by `render`, which returns a werkzeug Response."""

	PATH = ""

	def __init__(self, path: str | None = None, http_status_code: int | None = None):
		self.path = path or ""

	def can_render(self) -> bool:
		return self.path.strip("/ ") == self.PATH.strip("/")
