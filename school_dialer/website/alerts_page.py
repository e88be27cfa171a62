"""The public alerts of this site, for anyone: `/dialer-alerts.xml`, each alert, and the certificate.

Atom (RFC 4287) and CAP 1.2, for machines. Answers are the same for everyone and may be cached for a short
time; ETag and Last-Modified save sending what has not changed. Turned off, all addresses are 404.
"""

from hashlib import sha256

import frappe
from frappe import _
from werkzeug.wrappers import Response

from school_dialer.public_alerts.outgoing import publishing, served
from school_dialer.website import visitor
from school_dialer.website.public_page import PublicPage

MOST_AN_HOUR, HOUR = 1200, 3600
"""More than a machine that asks each ten seconds, and reads each alert."""
HEADERS = {
	"Cache-Control": "public, max-age=30",
	"X-Content-Type-Options": "nosniff",
	"Content-Security-Policy": "sandbox; default-src 'none'",
}


class AlertsPage(PublicPage):
	PATH = served.FEED

	def can_render(self) -> bool:
		path = self.path.strip("/ ")
		return path == self.PATH or path.startswith(served.FOLDER + "/")

	def render(self) -> Response:
		if frappe.request.method not in ("GET", "HEAD"):
			return Response("", 405, {"Allow": "GET, HEAD"})
		if visitor.over("alerts", MOST_AN_HOUR, HOUR):
			return Response(_("Please try again later."), 429, {"Retry-After": str(HOUR)})
		document = self.found() if publishing.is_on() else None
		if not document:
			return Response(_("There is no such public alert."), 404, {"Cache-Control": "no-store"})
		response = Response(document.content, 200, HEADERS, content_type=f"{document.kind}; charset=utf-8")
		response.set_etag(sha256(document.content).hexdigest()[:32])
		response.last_modified = document.changed
		return response.make_conditional(frappe.request.environ)

	def found(self) -> served.Document | None:
		_folder, _slash, name = self.path.strip("/ ").partition("/")
		if not name:
			return served.feed(frappe.request.args.get("school", "")[:140])
		if name == served.CERTIFICATE:
			return served.certificate()
		return served.alert(name.removesuffix(".xml")) if name.endswith(".xml") else None
