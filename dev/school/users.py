"""Four people who log in to the demonstration, one for each part.

DEMONSTRATION ONLY: the password is public, so these accounts belong on no site that anyone else can reach.
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
	"""Make the users that are missing, with those of their roles that the site has."""
	roles = set(frappe.get_all("Role", pluck="name", order_by=None))
	made = []
	for email, (full_name, wanted) in USERS.items():
		if frappe.db.exists("User", email):
			give_back_roles(email, [role for role in wanted if role in roles])
			continue
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
		made.append(email)
	return made


def give_back_roles(email: str, wanted: list[str]) -> None:
	"""The roles of an app go when it is uninstalled, and its users remain."""
	if set(wanted) - set(frappe.get_roles(email)):
		frappe.get_doc("User", email).add_roles(*wanted)
