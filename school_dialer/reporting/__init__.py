"""Results: figures for reports, cards and charts, and printed evidence."""
