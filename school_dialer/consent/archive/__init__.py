"""The ledger as a signed file: written before the app is uninstalled, restored after it is reinstalled."""
