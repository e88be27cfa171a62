"""The main job once, on a real site: the demo school's campaigns, checked by the carrier's own log.

Loads the demo school and runs the campaigns through real workers.
"""
