"""Pictures of the Desk for README and docs, made from the demo school by a headless browser."""
