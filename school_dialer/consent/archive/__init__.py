"""The ledger in a signed file: written before the app is uninstalled, taken in after it was installed again."""
