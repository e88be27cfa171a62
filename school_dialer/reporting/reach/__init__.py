"""Reach: how each student's family can be reached, when it was reached last, and who was not at all."""
