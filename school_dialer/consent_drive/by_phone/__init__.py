"""Asking by text and call: only those who agreed to be texted or called, by campaigns that staff start."""
