"""Asks a Kafka broker for its metadata, in Kafka's own protocol, to know that it serves and not only listens."""

import socket
import struct

_METADATA = 3
_VERSION = 4  # Old enough to need no tagged fields, new enough for every broker since 0.11.


def _string(value):
    data = value.encode()
    return struct.pack(">h", len(data)) + data


def _receive(connection, size):
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise OSError("the broker closed the connection")
        data += part
    return data


class _Reader:
    def __init__(self, data):
        self._data = data
        self._at = 0

    def number(self, form):
        (value,) = struct.unpack_from(form, self._data, self._at)
        self._at += struct.calcsize(form)
        return value

    def string(self):
        size = self.number(">h")
        if size < 0:
            return None
        value = self._data[self._at : self._at + size].decode()
        self._at += size
        return value


def brokers(host, port, timeout_s=2.0):
    """Returns {node id: "host:port"} of the cluster's live brokers. Raises OSError where nobody serves yet."""
    body = struct.pack(">hhi", _METADATA, _VERSION, 1) + _string("platen-probe")
    body += struct.pack(">i?", 0, False)  # no topics, and create none
    with socket.create_connection((host, port), timeout=timeout_s) as connection:
        connection.sendall(struct.pack(">i", len(body)) + body)
        (size,) = struct.unpack(">i", _receive(connection, 4))
        answer = _Reader(_receive(connection, size))
    answer.number(">i")  # correlation id
    answer.number(">i")  # throttle time
    found = {}
    for _ in range(answer.number(">i")):
        node = answer.number(">i")
        name = answer.string()
        found[node] = f"{name}:{answer.number('>i')}"
        answer.string()  # rack
    return found
