"""The demo's one directory: who holds it, and what its installation looks like."""

import fcntl
import json
import os
import pathlib
import shlex

from . import ports
from .plan import ROOT, Plan, listeners

DEFAULT_PORT_BASE = 17400
_COLLECTORS = 2
_DEVICES_AT_FULL_RATE = 5000


class DemoError(RuntimeError):
    """What a user can mend; the message says how."""


def state_directory():
    """$PLATEN_DEMO_STATE, or the user's state directory (XDG)."""
    chosen = os.environ.get("PLATEN_DEMO_STATE")
    home = os.environ.get("XDG_STATE_HOME") or pathlib.Path.home() / ".local" / "state"
    return pathlib.Path(chosen).resolve() if chosen else pathlib.Path(home) / "platen-demo"


def state_setting():
    """What goes before a command that a person types, so that it finds this demo: nothing for the usual directory."""
    is_chosen = bool(os.environ.get("PLATEN_DEMO_STATE"))
    return f"PLATEN_DEMO_STATE={shlex.quote(str(state_directory()))} " if is_chosen else ""


def make_plan(state, devices):
    """The demo's installation: fixed ports, two collectors, a page a minute from each printer, which says itself that
    something happened to it. A status poll every 5 s, and less often where so many would be more than one machine bears."""
    try:
        base = int(os.environ.get("PLATEN_DEMO_PORT_BASE", DEFAULT_PORT_BASE))
    except ValueError as error:
        raise DemoError("PLATEN_DEMO_PORT_BASE is a port number, such as 27400") from error
    names = listeners(_COLLECTORS)
    if not 1024 <= base <= 65535 - len(names):
        raise DemoError(f"PLATEN_DEMO_PORT_BASE is {base}; it must be from 1024 to {65535 - len(names)}")
    slower = max(1, -(-devices // _DEVICES_AT_FULL_RATE))
    return Plan(
        state=state,
        build=ROOT / "build" / os.environ.get("PLATEN_DEMO_PRESET", "release"),
        ports={name: base + number for number, name in enumerate(names)},
        devices=devices,
        collectors=_COLLECTORS,
        print_rate=1.0,
        rules_file=str(ROOT / "deploy" / "rules" / "default.yaml"),
        schedule={
            "status_interval": f"{5 * slower}s",
            "asleep_interval": f"{30 * slower}s",
            "meters_interval": f"{60 * slower}s",
            "supplies_interval": f"{60 * slower}s",
        },
        notifications=True,
    )


def check_ports(plan):
    """Raises DemoError that names each port in use with who holds it."""
    taken = []
    for name, port in plan.ports.items():
        over_udp = name == "printers" or plan.notifications and name in plan.collector_names
        holder = ports.holder(port, "udp") if over_udp else None
        if name != "printers":
            holder = holder or ports.holder(port, "tcp")
        if holder:
            taken.append(f"  port {port} ({name}) is in use by {holder}")
    if taken:
        raise DemoError(
            "\n".join(taken)
            + f"\nStop what listens there, or choose other ports, for example:  PLATEN_DEMO_PORT_BASE=27400 make demo\n"
            f"(the demo uses {len(plan.ports)} ports from that number on)"
        )


class StateLock:
    """Held while a demo runs on the directory. The file stays; the lock ends with the process, however that ends."""

    def __init__(self, state):
        self._path = state / "demo.json"
        self._file = None

    def take(self):
        """Raises DemoError where another demo holds it."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = open(self._path, "a+", encoding="utf-8")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.seek(0)
            pid = _parse(self._file.read()).get("pid", "?")
            raise DemoError(
                f"the demo runs already on {self._path.parent} (process {pid}); Ctrl-C there stops it.\n"
                "Look at it with make demo-jam, or start a second one beside it with other PLATEN_DEMO_STATE and "
                "PLATEN_DEMO_PORT_BASE."
            ) from error
        self._note({"pid": os.getpid()})

    def write(self, plan):
        """Notes what runs, for demo-jam."""
        self._note({"pid": os.getpid(), "build": str(plan.build), "ports": plan.ports, "devices": plan.devices})

    def _note(self, content):
        self._file.seek(0)
        self._file.truncate()
        json.dump(content, self._file)
        self._file.flush()


def running_plan(state):
    """The Plan of the demo that runs on the directory. Raises DemoError where none does."""
    absent = DemoError(f"no demo runs on {state}: start it with make demo, in another terminal")
    try:
        with open(state / "demo.json", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                raise absent
            except BlockingIOError:
                noted = _parse(file.read())
    except FileNotFoundError:
        raise absent from None
    if "ports" not in noted:
        raise DemoError("the demo is just starting: try again in a moment")
    return Plan(
        state=state,
        build=pathlib.Path(noted["build"]),
        ports=noted["ports"],
        devices=noted["devices"],
        collectors=_COLLECTORS,
    )


def _parse(text):
    try:
        return json.loads(text)
    except ValueError:
        return {}
