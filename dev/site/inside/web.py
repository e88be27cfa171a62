"""The site as a WSGI application that also serves its static files.

`with_door` takes status callbacks before Frappe does. The variable SITE fixes the site, so any host name on
the loopback interface leads to it. Each request reads the site's configuration, as on Frappe 15: Frappe 16
reads it once a minute, and tests change it under the running server.
"""

import os

import frappe
import frappe.app
from frappe.middlewares import StaticDataMiddleware
from werkzeug.middleware.shared_data import SharedDataMiddleware

from school_dialer.webhooks import callback_fast_path

sites = os.environ["SITES_PATH"]
frappe.app._site = os.environ["SITE"]
frappe.app._sites_path = sites
if hasattr(frappe, "config") and hasattr(frappe.config, "_cached_get_site_config"):
	frappe.config._cached_get_site_config = frappe.config._get_site_config


def serving_files(frappe_application):
	application = SharedDataMiddleware(frappe_application, {"/assets": os.path.join(sites, "assets")})
	return StaticDataMiddleware(application, {"/files": sites})


application = serving_files(frappe.app.application)
with_door = serving_files(callback_fast_path.application)
