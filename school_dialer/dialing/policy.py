"""Policies on this site: the dated packs of the package, as Dialer Policy records that a Compliance Officer may amend."""
