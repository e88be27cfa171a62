"""Is the dialer well? Small checks, each a `Finding`; who asks is the command `doctor`, the page Dialer Health, a monitor, and the alert."""
