"""Ports for servers of tests and benches."""

import socket


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
