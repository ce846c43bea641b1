"""Forms and sheets kept elsewhere, through a mapping kept here."""
