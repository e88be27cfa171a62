"""The school's accounts at its carriers: the first in Dialer Settings, and the others of its table, if any.

A call log keeps the id of the account that made the call. Whatever is asked or done about that call later
goes to that account. Logs of before there were several accounts have none, which means the first.
"""

from dataclasses import dataclass
from functools import lru_cache

import frappe
from frappe.utils import flt
from frappe.utils.password import get_decrypted_password

ROW = "Dialer Carrier Account"
SETTINGS = "Dialer Settings"
DECIDING = (
	*(SETTINGS, "Dialer School", "Dialer Message Template", "Dialer Campaign", "Dialer Rule"),
	*("Dialer Recording", "Holiday List"),
)
"""What is read with `frappe.get_cached_doc` and decides whether and what a family hears."""
WAIT, USE_OTHER = "Wait", "Use the Other Account"


@dataclass(frozen=True, slots=True)
class CarrierAccount:
	"""One account, without its secrets.

	`id` is the carrier's own id of it, `carrier` the name that the hook `dialer_carriers` has, and `row` its
	row in Dialer Settings, "" for the first account. Prices are in the currency of Dialer Settings, for each
	started minute and each segment.
	"""

	id: str
	carrier: str
	title: str
	space: str
	calls_per_second: float
	price_per_minute: float
	price_per_segment: float
	enabled: bool = True
	row: str = ""

	@property
	def is_first(self) -> bool:
		return not self.row


def settings():
	return frappe.get_cached_doc(SETTINGS)


def read_again() -> None:
	"""Drop the cached documents that decide whether and what a family hears (step of the tick).

	A process that reads one while another one saves it may put the old one into the cache after Frappe has
	emptied it. Frappe would keep it until the next save: numbers that were taken out, or words of before.
	"""
	for doctype in DECIDING:
		frappe.clear_document_cache(doctype)


def first() -> CarrierAccount:
	doc = settings()
	return CarrierAccount(
		doc.account_sid or "",
		doc.carrier,
		title_of(doc.carrier),
		doc.carrier_space or "",
		doc.account_calls_per_second or 1.0,
		flt(doc.price_per_minute),
		flt(doc.price_per_segment),
	)


def title_of(carrier: str | None) -> str:
	"""Return a carrier's name as it writes it itself."""
	return {"twilio": "Twilio", "signalwire": "SignalWire"}.get(carrier or "", carrier or "")


def accounts() -> list[CarrierAccount]:
	"""Return every account of the school, the first one first, disabled ones too."""
	doc = settings()
	return [
		first(),
		*(
			CarrierAccount(
				row.account_sid,
				row.carrier,
				row.title,
				row.space or "",
				row.calls_per_second or 1.0,
				flt(row.price_per_minute) or flt(doc.price_per_minute),
				flt(row.price_per_segment) or flt(doc.price_per_segment),
				bool(row.enabled),
				row.name,
			)
			for row in doc.get("carrier_accounts") or ()
		),
	]


def enabled() -> list[CarrierAccount]:
	return [account for account in accounts() if account.enabled]


def in_use() -> list[CarrierAccount]:
	"""Return the accounts through which calls may begin: those whose token can be read, if any can."""
	return [account for account in enabled() if token(account)] or enabled()


def several() -> bool:
	"""Return whether there is another account to go on from when one fails."""
	return len(settings().get("carrier_accounts") or ()) > 0 and len(in_use()) > 1


def by_id(account: str | None) -> CarrierAccount | None:
	"""Return the account with this id, "" for the first, or None if the school has no such account."""
	if not account:
		return first()
	return next((each for each in accounts() if each.id == account), None)


def of_sender(phone_number: str) -> CarrierAccount:
	"""Return the account that has this number. One that is not in the settings is the first account's."""
	row = next((number for number in settings().sending_numbers if number.phone_number == phone_number), None)
	return (row and by_id(row.get("carrier_account"))) or first()


def ordinary_wait() -> bool:
	"""Return whether campaigns other than emergencies wait for their own account when it fails."""
	return settings().when_carrier_fails != USE_OTHER


def token(account: CarrierAccount) -> str | None:
	"""Return the account's token, decrypted once per process for each save of the settings."""
	return secret(account, "auth_token")


def api_key(account: CarrierAccount) -> tuple[str, str]:
	"""Return the key and its secret that sign requests in place of the token, or ("", "")."""
	doc = settings()
	rows = {"": doc} | {row.name: row for row in doc.get("carrier_accounts") or ()}
	key = rows[account.row].get("api_key") or ""
	api_secret = key and secret(account, "api_secret")
	return (key, api_secret) if api_secret else ("", "")


def webhook_key(account: CarrierAccount) -> str | None:
	"""Return the key that signs the account's webhooks: its signing key if it has one, or else its token."""
	return secret(account, "signing_key") or token(account)


def webhook_keys(account: CarrierAccount) -> tuple[str, ...]:
	"""Return every key with which the account's webhooks may be signed.

	While a token is rotated the carrier may sign with either, and a STOP is reported once.
	"""
	keys = (webhook_key(account), secret(account, "second_token"))
	return tuple(dict.fromkeys(key for key in keys if key))


def secret(account: CarrierAccount, field: str) -> str | None:
	return decrypted(frappe.local.site, str(settings().modified), account.row, field)


@lru_cache(maxsize=64)
def decrypted(site: str, modified: str, row: str, field: str) -> str | None:
	"""Return a secret, or None if there is none or it was encrypted with another key."""
	where = (ROW, row) if row else (SETTINGS, SETTINGS)
	said = len(frappe.local.message_log)
	try:
		return get_decrypted_password(*where, field, raise_exception=False)
	except frappe.ValidationError:
		del frappe.local.message_log[said:]
		return None
