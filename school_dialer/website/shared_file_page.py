"""The file behind a link that staff sent to a family, `/dialer-file`: a download, and nothing else."""

from urllib.parse import quote

import frappe
from frappe import _
from werkzeug.wrappers import Response

from school_dialer.inbound.conversations import shared_files
from school_dialer.website import visitor
from school_dialer.website.public_page import PublicPage

HEADERS = {
	"Cache-Control": "no-store",
	"Referrer-Policy": "no-referrer",
	"X-Robots-Tag": "noindex, nofollow",
	"X-Content-Type-Options": "nosniff",
	"Content-Security-Policy": "sandbox; default-src 'none'",
}
MOST_AN_HOUR, HOUR = 60, 3600


class SharedFilePage(PublicPage):
	PATH = shared_files.PATH

	def render(self) -> Response:
		if visitor.over("file", MOST_AN_HOUR, HOUR):
			return Response(_("Please try again later."), 429, HEADERS)
		shared = shared_files.open_link(frappe.request.args.get("t", ""))
		if not shared:
			return Response(_("This link does not work any more. Please ask the school."), 410, HEADERS)
		# The opening counts, even if the download is broken off.
		frappe.db.commit()
		name = quote(shared.file_name, safe="")
		headers = HEADERS | {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
		return Response(shared.content, 200, headers, content_type=shared.kind)
