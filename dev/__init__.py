"""What developers need and schools do not: the site, the simulated carrier, the demo school."""
