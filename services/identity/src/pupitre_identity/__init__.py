"""Identity: users, sessions, technical accounts and the tokens that say who acts."""
