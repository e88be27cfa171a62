"""The proof log's public keys and checkpoints, for anyone: `/dialer-proof/keys`, `/dialer-proof/checkpoint`,
and `/dialer-proof/checkpoints/NUMBER`. And the public key of signed receipts: `/dialer-proof/receipt-key`.

Plain text for machines and for families who compare a key. Answers are the same for everyone.
"""

import frappe
from frappe import _
from werkzeug.wrappers import Response

from school_dialer.proof_log import published
from school_dialer.website import visitor
from school_dialer.website.public_page import PublicPage

MOST_AN_HOUR, HOUR = 600, 3600
HEADERS = {
	"Cache-Control": "public, max-age=60",
	"X-Content-Type-Options": "nosniff",
	"Content-Security-Policy": "sandbox; default-src 'none'",
}


class ProofPage(PublicPage):
	PATH = published.FOLDER

	def can_render(self) -> bool:
		return self.path.strip("/ ").startswith(published.FOLDER + "/")

	def render(self) -> Response:
		if frappe.request.method not in ("GET", "HEAD"):
			return Response("", 405, {"Allow": "GET, HEAD"})
		if visitor.over("proof", MOST_AN_HOUR, HOUR):
			return Response(_("Please try again later."), 429, {"Retry-After": str(HOUR)})
		text = published.document(self.path.strip("/ ").removeprefix(published.FOLDER + "/"))
		if text is None:
			return Response(_("There is nothing at this address."), 404, {"Cache-Control": "no-store"})
		return Response(text, 200, HEADERS, content_type="text/plain; charset=utf-8")
