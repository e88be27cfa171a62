"""The site as a WSGI application that also serves its static files.

`with_door` takes status callbacks before Frappe does. The variable SITE fixes the site, so any host name on
the loopback interface leads to it.
"""

import os

import frappe.app
from frappe.middlewares import StaticDataMiddleware
from werkzeug.middleware.shared_data import SharedDataMiddleware

from school_dialer.webhooks import callback_fast_path

sites = os.environ["SITES_PATH"]
frappe.app._site = os.environ["SITE"]
frappe.app._sites_path = sites


def serving_files(frappe_application):
	application = SharedDataMiddleware(frappe_application, {"/assets": os.path.join(sites, "assets")})
	return StaticDataMiddleware(application, {"/files": sites})


application = serving_files(frappe.app.application)
with_door = serving_files(callback_fast_path.application)
