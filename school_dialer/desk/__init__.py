"""What the Desk's forms, pages and lists ask: typed, permission-checked methods that hand over to the rooms
below.

Their dotted paths are the REST API (docs/api.md). `support` holds what they share.
"""
