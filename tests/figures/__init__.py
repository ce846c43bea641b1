"""One list of all figures the portal tells, each with its slow twin in plain Python.

``told`` says what each place tells (overview, coverage, register, communities, alerts, brief,
components, presence, and the same over REST); ``twins`` works every one of them out again from
plain rows. A figure that is told and has no twin fails ``test_every_figure``.
"""
