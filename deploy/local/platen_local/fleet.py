"""Speaks to a running platen-fleetsim over its control socket (tools/fleetsim/commands.h)."""

import socket
from dataclasses import dataclass


class FleetError(RuntimeError):
    """The fleet is not there, or refused a command; the message has its words."""


@dataclass(frozen=True)
class Printer:
    """One virtual printer as `list` tells it."""

    number: int
    address: str
    model: str  # Name of the recording.
    serial: str


class Fleet:
    """Commands to the fleet behind `path`; each on a connection of its own."""

    def __init__(self, path):
        self.path = str(path)

    def tell(self, line):
        """Sends one command and returns what it says before "ok"."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(30)
                connection.connect(self.path)
                connection.sendall(line.encode() + b"\n")
                said = _read_answer(connection)
        except OSError as error:
            raise FleetError(f"no fleet answers at {self.path}: {error}") from error
        body, _, last = said.rstrip("\n").rpartition("\n")
        if last != "ok":
            raise FleetError(f"the fleet did not take \"{line}\": {last}")
        return body

    def printers(self):
        """All of them."""
        found = []
        for line in self.tell("list").splitlines():
            number, address, model, serial = line.split(maxsplit=3)
            found.append(Printer(int(number), address, model, serial))
        return found

    def dump(self, number):
        """What printer `number` would say now: {OID: (type, value)} as in .snmprec files."""
        values = {}
        for line in self.tell(f"dump {number}").splitlines():
            name, kind, value = line.split("|", 2)
            values[name] = (kind, value)
        return values


def _read_answer(connection):
    said = b""
    while True:
        end = said.rstrip(b"\n").rpartition(b"\n")[2]
        if said.endswith(b"\n") and (end == b"ok" or end.startswith(b"error: ")):
            return said.decode(errors="replace")
        part = connection.recv(1 << 16)
        if not part:
            raise OSError("it hung up in the middle of an answer")
        said += part
