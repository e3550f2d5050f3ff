"""What Pupitre's services promise one another and the world: events, RPC requests and replies, errors.

This package depends on marshmallow alone. It knows neither the bus that carries a message nor the service that keeps a promise.
A contract never changes its meaning: it gets a successor with another version in its name.
"""
