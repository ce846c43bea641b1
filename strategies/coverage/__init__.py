"""The matrix: what is planned, done, overdue and missing against each threat.

Computed, never stored. A cell is required when its phase is among those the threat's current
phase calls for (the mission's table). Its state is the worst of its live activities (overdue,
under way, planned); without any, done if one was completed within the threat's current phase;
else, if required, a gap.
"""
