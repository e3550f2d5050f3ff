"""What several tests of the whole repository need: where things are, and what they declare."""
