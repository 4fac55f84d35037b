"""Ports on loopback."""

import os
import pathlib
import socket


def free_ports(count):
    """Returns `count` different TCP ports that nobody listened on a moment ago.

    The kernel picks them. Another process may still take one before the caller does, so whoever binds them retries.
    """
    sockets = []
    try:
        for _ in range(count):
            held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            sockets.append(held)
            held.bind(("127.0.0.1", 0))
        return [held.getsockname()[1] for held in sockets]
    finally:
        for held in sockets:
            held.close()


def is_free(port):
    """True where a listener could bind `port` on loopback now (connections in TIME_WAIT do not count)."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def holder(port, protocol="tcp"):
    """Who holds a port here, in words ("process 4711 (java)"), as far as this user may know; None where nobody does."""
    inodes = set()
    for table in (protocol, protocol + "6"):
        try:
            lines = pathlib.Path("/proc/net", table).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            listens = protocol == "udp" or fields[3] == "0A"
            if listens and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(fields[9])
    if not inodes:
        return None
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        if not inodes.isdisjoint(_sockets(process)):
            return f"process {process.name} ({_read(process / 'comm').strip()})"
    return "a process of another user"


def _sockets(process):
    """Inodes of the sockets that a process has open; none where it ended meanwhile or is another user's."""
    try:
        descriptors = list((process / "fd").iterdir())
    except OSError:
        return set()
    links = (_link(descriptor) for descriptor in descriptors)
    return {link[len("socket:[") : -1] for link in links if link.startswith("socket:[")}


def _link(path):
    try:
        return os.readlink(path)
    except OSError:
        return ""


def _read(path):
    try:
        return path.read_text()
    except OSError:
        return ""
