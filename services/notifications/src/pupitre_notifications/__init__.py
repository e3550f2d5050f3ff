"""Notifications: tells people by mail what events say, once each.

It owns mails and what became of them. It hears events and is never called by the service whose event it was; it knows whom to
write to by asking organisation (who has which habilitation) and identity (names and addresses).
"""
