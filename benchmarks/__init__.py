"""Measurements that anyone can run: `make bench`. Each prints its figures with their conditions; none is a test."""
