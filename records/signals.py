"""What floors above are told of records."""

from django.dispatch import Signal

# ``record`` was made less secret by ``by``.
declassified = Signal()
