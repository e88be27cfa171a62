"""MariaDB triggers against changing or deleting evidence, such as a consent event, a disclosure, or an alias.

A look-up of a number cannot be changed either. It can be deleted, as retention does.

They stop any program and any SQL of the site's database user. Comments and the like stay possible, and so
does renaming a user; the evidence and its place do not change. The triggers cannot stop `TRUNCATE`, `DROP`
or a user who may drop triggers: verify-ledger finds those. They go with the table when the app is
uninstalled. `remove` drops them for a database administrator who needs that, and the next migrate brings them
back.

A server with binary logging may let only privileged users create triggers (log_bin_trust_function_creators).
Then the site works without them, and `present` says so.
"""

from collections.abc import Iterable

import frappe

from school_dialer.consent import chain

EVENT_COLUMNS = ("creation", *chain.COLUMNS)
ANCHOR_COLUMNS = (
	"name",
	"seq",
	"cutoff_utc",
	"events",
	"phones",
	"problems",
	"digests",
	"prev_signature",
	"key_id",
	"signature",
)
DISCLOSURE_COLUMNS = (
	"name",
	"creation",
	"student",
	"fields_disclosed",
	"disclosed_at",
	"way",
	"person_doctype",
	"person",
	"person_name",
	"phone_masked",
	"campaign",
	"call_log",
	"purpose",
	"template_version",
	"language",
	"certainty",
	"legal_basis",
	"interest",
	"records_disclosed",
	"threat",
	"request",
	"evidence",
	"recorded_by",
)
LOOKUP_COLUMNS = (
	"name",
	"creation",
	"phone",
	"asked_at",
	"verified_on",
	"packages",
	"provider",
	"carrier_account",
	"provider_id",
	"reassigned",
	"line_type",
	"error",
	"cost",
	"run",
	"asked_by",
)
LEAF_COLUMNS = ("name", "seq", "kind", "reference", "hash", "attachment", "about", "body")
"""All but the salt, which a lawful erasure deletes."""
NODE_COLUMNS = ("name", "hash")
ALIAS_COLUMNS = (
	"name",
	"creation",
	"record_doctype",
	"earlier_name",
	"later_name",
	"merged",
	"renamed_at",
	"renamed_by",
)
CHECKPOINT_COLUMNS = ("name", "seq", "size", "signed_at", "root", "digest", "note", "public_key")
NAMES = {
	"dialer_event_no_update": ("update", "tabConsent Event", EVENT_COLUMNS),
	"dialer_event_no_delete": ("delete", "tabConsent Event", ()),
	"dialer_anchor_no_update": ("update", "tabConsent Anchor", ANCHOR_COLUMNS),
	"dialer_anchor_no_delete": ("delete", "tabConsent Anchor", ()),
	"dialer_disclosure_no_update": ("update", "tabDialer Disclosure", DISCLOSURE_COLUMNS),
	"dialer_disclosure_no_delete": ("delete", "tabDialer Disclosure", ()),
	"dialer_lookup_no_update": ("update", "tabDialer Number Lookup", LOOKUP_COLUMNS),
	"dialer_leaf_no_update": ("update", "tabDialer Proof Leaf", LEAF_COLUMNS),
	"dialer_leaf_no_delete": ("delete", "tabDialer Proof Leaf", ()),
	"dialer_node_no_update": ("update", "tabDialer Proof Node", NODE_COLUMNS),
	"dialer_node_no_delete": ("delete", "tabDialer Proof Node", ()),
	"dialer_checkpoint_no_update": ("update", "tabDialer Proof Checkpoint", CHECKPOINT_COLUMNS),
	"dialer_checkpoint_no_delete": ("delete", "tabDialer Proof Checkpoint", ()),
	"dialer_alias_no_update": ("update", "tabDialer Alias", ALIAS_COLUMNS),
	"dialer_alias_no_delete": ("delete", "tabDialer Alias", ()),
}
NOT_ALLOWED = (1142, 1227, 1419)
GUARDED = (
	"Consent Event",
	"Consent Anchor",
	"Dialer Disclosure",
	"Dialer Number Lookup",
	"Dialer Proof Leaf",
	"Dialer Proof Node",
	"Dialer Proof Checkpoint",
	"Dialer Alias",
)


def create(doctypes: tuple[str, ...] = GUARDED) -> bool:
	"""Create the triggers of these DocTypes again. Returns False when the server does not allow it.

	Commits, as every DDL statement does.
	"""
	tables = {"tab" + doctype for doctype in doctypes}
	wanted = {name: what for name, what in NAMES.items() if what[1] in tables}
	remove(wanted)
	try:
		for name, (action, table, columns) in wanted.items():
			frappe.db.sql_ddl(_statement(name, action, table, columns))
	except (frappe.db.OperationalError, frappe.db.ProgrammingError, frappe.db.InternalError) as error:
		if error.args[0] not in NOT_ALLOWED:
			raise
		frappe.logger("school_dialer").warning(
			"the triggers of the consent ledger are not allowed here: %s", error
		)
		return False
	return True


def remove(names: Iterable[str] = tuple(NAMES)) -> None:
	for name in names:
		frappe.db.sql_ddl("drop trigger if exists `" + name + "`")


def present() -> bool:
	counted = frappe.db.sql(
		"select count(*) from information_schema.triggers"
		" where trigger_schema = database() and trigger_name in %s",
		(list(NAMES),),
	)
	return counted[0][0] == len(NAMES)


def _statement(name: str, action: str, table: str, columns: tuple[str, ...]) -> str:
	refuse = "signal sqlstate '45000' set message_text = '" + table.removeprefix("tab") + " is append-only'"
	if columns:
		same = " and ".join("new.`" + column + "` <=> binary old.`" + column + "`" for column in columns)
		refuse = "begin if not (" + same + ") then " + refuse + "; end if; end"
	return "create trigger `" + name + "` before " + action + " on `" + table + "` for each row " + refuse
