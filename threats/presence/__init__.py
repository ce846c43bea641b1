"""Where the mission's components stand, and whom they reach in time."""
