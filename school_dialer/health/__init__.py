"""Health checks of the dialer: small checks, each returning a `Finding`.

They are used by the command `doctor`, the page Dialer Health, a monitor, and the alert.
"""
