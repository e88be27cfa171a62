"""Asking a provider about numbers: which ones, at what cost, and what follows from the answers."""
