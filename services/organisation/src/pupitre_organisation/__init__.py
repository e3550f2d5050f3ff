"""Organisation: structures, their services, who is attached to them, and which espaces are open."""
