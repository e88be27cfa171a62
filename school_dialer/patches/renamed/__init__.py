"""Values that rows store under another name now."""
