"""The site as a WSGI application that also serves its static files.

The site is fixed by the variable SITE, so that any host name on the loopback interface leads to it.
"""

import os

import frappe.app
from frappe.middlewares import StaticDataMiddleware
from werkzeug.middleware.shared_data import SharedDataMiddleware

sites = os.environ["SITES_PATH"]
frappe.app._site = os.environ["SITE"]
frappe.app._sites_path = sites

application = SharedDataMiddleware(frappe.app.application, {"/assets": os.path.join(sites, "assets")})
application = StaticDataMiddleware(application, {"/files": sites})
