"""Ends the process that imports it."""

import sys

sys.exit("a script, not a plugin")
