"""Keep the app's own values under its own name: as global defaults they emptied all caches when written."""

import frappe

from school_dialer.base import site_values

KEYS = (
	"dialer_answered_numbers",
	"dialer_host_address",
	"dialer_hosts",
	"dialer_maintenance_since",
	"dialer_maintenance_unheard",
	"dialer_own_numbers",
	"dialer_retention_whole",
	"dialer_shipped_words_notified",
	"dialer_templates_offered",
	"dialer_texts_read_until",
	"dialer_texts_waited_for",
	"dialer_unread_bars",
	"dialer_voices_offered",
)
OF_ACCOUNTS = "dialer_texts_read_until:"


def execute() -> None:
	earlier = frappe.db.sql(
		"""select name, defkey, defvalue from tabDefaultValue
		where parent = '__global' and (defkey in %s or defkey like %s) order by creation, name""",
		(KEYS, OF_ACCOUNTS.replace("_", r"\_") + "%"),
	)
	for _name, key, value in earlier:
		if value is not None:
			site_values.write(key, value)
	if earlier:
		frappe.db.delete("DefaultValue", {"name": ("in", [name for name, *_others in earlier])})
