"""The main job once, on a real site: load the demo school, run campaigns through real workers, check the carrier's own log."""
