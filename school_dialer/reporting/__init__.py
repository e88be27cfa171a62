"""What came of it: figures for reports, cards and charts, and the evidence that is printed."""
