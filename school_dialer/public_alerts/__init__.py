"""Public alerts in the Common Alerting Protocol (OASIS CAP 1.2).

`cap` reads, checks, writes, and signs alerts, without Frappe. `outgoing` publishes the emergencies that a
second person approved. `incoming` reads the feeds of others and makes drafts, and can neither start nor
schedule a campaign.
"""
