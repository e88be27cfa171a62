"""Install, migrate and uninstall: custom fields, indexes, constraints, and nothing left behind."""
