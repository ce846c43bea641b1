"""What floors above are told of."""

from django.dispatch import Signal

# Areas or field offices of ``mission`` came from a file: what lies in them is to be placed anew.
areas_changed = Signal()
# The time zone or reference date of ``mission`` is another: days told by its clocks change.
clocks_changed = Signal()
# What a ``membership`` allows was changed or asked for (``act``) by an administrator, ``by``; None:
# by the operator.
membership_changed = Signal()
# Who keeps accounts, ``by``, set the password of an ``account``.
password_set = Signal()
