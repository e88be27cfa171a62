"""Four people who log in to the demo, one for each role.

DEMONSTRATION ONLY: the password is public, so these accounts must not exist on a site that others can reach.
"""

import frappe

DEMO_PASSWORD = "only-for-the-Riverside-demo"
AVATAR = "/assets/frappe/images/default-avatar.png"
USERS = {
	"communications@riverside.example": ("Morgan Brooks", ("Dialer Manager", "Academics User")),
	"office@riverside.example": ("Dana Ortiz", ("Dialer Agent", "Academics User")),
	"compliance@riverside.example": ("Robin Walsh", ("Dialer Compliance Officer", "Academics User")),
	"principal@riverside.example": ("Alex Palmer", ("Dialer Emergency Approver", "Academics User")),
}


def create() -> list[str]:
	"""Create the missing users, with those of their roles that the site has; return their e-mails."""
	return [email for email, (full_name, wanted) in USERS.items() if create_one(email, full_name, wanted)]


def create_one(email: str, full_name: str, wanted: tuple[str, ...]) -> bool:
	"""Create the user with those of these roles that the site has; return False if there was one."""
	roles = set(frappe.get_all("Role", pluck="name", order_by=None))
	if frappe.db.exists("User", email):
		give_back_roles(email, [role for role in wanted if role in roles])
		return False
	first_name, last_name = full_name.split(" ", 1)
	user = frappe.get_doc(
		{
			"doctype": "User",
			"email": email,
			"first_name": first_name,
			"last_name": last_name,
			"user_image": AVATAR,
			"send_welcome_email": 0,
			"new_password": DEMO_PASSWORD,
			"language": "en",
			"roles": [{"role": role} for role in wanted if role in roles],
		}
	)
	user.insert()
	return True


def logins() -> list[dict]:
	return [
		{"user": email, "password": DEMO_PASSWORD, "role": roles[0]}
		for email, (_name, roles) in USERS.items()
	]


def give_back_roles(email: str, wanted: list[str]) -> None:
	"""Add missing roles: an app's roles are deleted when it is uninstalled, but its users remain."""
	if set(wanted) - set(frappe.get_roles(email)):
		frappe.get_doc("User", email).add_roles(*wanted)
