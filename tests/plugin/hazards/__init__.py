"""A Django app outside the portal: a further kind of record, without a change to a file of ours."""
