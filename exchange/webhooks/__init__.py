"""Other systems are told as things happen."""
