"""The fault harness: plays deposits and moves through the real processes while it breaks what they stand on, then checks."""
