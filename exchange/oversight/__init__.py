"""What members let programs read and send, for the mission's administrators to see and to stop."""
