"""What a local installation consists of: programs, places, ports, schedule. Values only; installation.py acts on them."""

import pathlib
from dataclasses import dataclass, field

ROOT = pathlib.Path(__file__).resolve().parents[3]

# Everything that listens, in the order in which the demo numbers ports. Services are listed by their admin port.
LISTENERS = (
    "kafka",
    "kafka-controller",
    "gateway-grpc",
    "gateway",
    "relay",
    "notifier",
    "mail",
    "webhooks",
    "printers",
    "links",
)


@dataclass(frozen=True)
class Plan:
    """`state`: the one directory of this installation; `build`: a build tree such as build/release."""

    state: pathlib.Path
    build: pathlib.Path
    ports: dict
    devices: int = 300
    collectors: int = 2
    print_rate: float = 0.0  # Pages a minute, of each device.
    notifications: bool = False  # Printers tell each collector at once; their ports are those of the collectors, over UDP.
    schedule: dict = field(default_factory=lambda: {"status_interval": "5s"})
    recordings: pathlib.Path = ROOT / "tests" / "testdata" / "printers"
    rules_file: str = ""  # The notifier's; empty: everybody is told of everything.
    root: pathlib.Path = ROOT

    def path(self, *parts):
        """A path within the state directory, as text."""
        return str(self.state.joinpath(*parts))

    def program(self, name):
        """Path of a built program."""
        return self.build / "bin" / name

    @property
    def collector_names(self):
        return collector_names(self.collectors)


def collector_names(count):
    """collector-1, collector-2, …"""
    return [f"collector-{number}" for number in range(1, count + 1)]


def listeners(collectors):
    """Names of all ports that an installation with so many collectors needs."""
    return [*LISTENERS, *collector_names(collectors)]
