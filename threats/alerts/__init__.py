"""Early warnings as messages and as figures."""
