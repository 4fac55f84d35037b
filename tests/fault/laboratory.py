"""One installation under load, and all that can be done to it. A row of the table is a function of a Laboratory."""

import collections
import os
import pathlib
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "deploy" / "local"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import ledger  # noqa: E402
import obligations  # noqa: E402
import told  # noqa: E402
import watch  # noqa: E402
from brokers import PARTIES, Brokers  # noqa: E402
from failing_disks import FailingDisk  # noqa: E402
from lines import Proxy  # noqa: E402
from network import Network  # noqa: E402
from parts import Parts  # noqa: E402
from platen_local import platenctl, plan  # noqa: E402
from platen_local.processes import Child, ProcessError, wait_until  # noqa: E402

BUILD = pathlib.Path(os.environ.get("PLATEN_BUILD_DIR", SOURCE / "build" / "dev"))
DEADLINE_S = 180  # Against a hang; everything here takes seconds.
_FIRST_PORT = 20000  # In a namespace of our own, all ports are free.
_PROXY_PORTS = {"gateway": 20101, "printers": 20102}
_TICK_S = 0.1
_RULES = SOURCE / "tests" / "fault" / "rules.yaml"


@dataclass(frozen=True)
class Setup:
    """What a row needs of its installation. Rows of the short set that need the same share one."""

    brokers: int = 1
    devices: int = 40
    events_per_second: int = 150
    # What leads through a proxy: the ways of parties to Kafka, "gateway", "printers".
    proxied: tuple = ()
    faked_clocks: bool = False  # Services' wall clocks can be stepped.
    # (folder below the state directory, size as `mount` takes it): a disk of its own, to be filled.
    disks: tuple = ()
    failing_disks: tuple = ()  # Services whose disks can be made to fail.
    by_rules: bool = False  # The notifier has rules that group and inhibit (rules.yaml); otherwise everybody is told of everything.
    schedule: tuple = (
        ("status_interval", "1s"), ("asleep_interval", "2s"), ("meters_interval", "5s"), ("supplies_interval", "5s"),
    )  # fmt: skip


class Laboratory:
    """Use as a context manager; then begin() and end() bracket what a row does. Inside the namespace (namespace.py) only.

    `random` is the row's: whatever a row chooses, it chooses there, so that a seed does the same again.
    """

    def __init__(self, setup, short=False, keep=False):
        self.setup = setup
        self.short = short
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="platen-fault-"))
        self.keep = keep
        self.network = Network()
        self.brokers = Brokers(self.folder / "state", setup.brokers, setup.proxied)
        names = plan.listeners(2)
        self.plan = plan.Plan(
            state=self.folder / "state",
            build=BUILD,
            ports={name: _FIRST_PORT + number for number, name in enumerate(names)}
            | {"kafka": self.brokers.port("kafka-1", "lab")},
            devices=setup.devices,
            print_rate=2.0,
            schedule=dict(setup.schedule),
            rules_file=str(_RULES) if setup.by_rules else "",
        )
        told_ports = {name: port for name, port in _PROXY_PORTS.items() if name in setup.proxied}
        self.parts = Parts(self.plan, self.brokers, told_ports)
        self.control = platenctl.Platenctl(self.plan)
        self.watch = watch.Watch(self)
        self.witness = ledger.Witness(self.folder / "witness.log")
        self.store = ledger.Store(self.plan.path("gateway", "gateway.sqlite"))
        self.told = told.Told(self.plan.path("mail.jsonl"), self.plan.path("webhooks.jsonl"))
        self.source_ledger = ledger.SourceLedger(self.folder / "source.ledger")
        self.spooled = set()  # (stream, number) of what was in the spools of collectors that were killed.
        self.proxies = {}  # By link.
        self.failing_disks = {}  # By service.
        self._tools = {}

    def __enter__(self):
        try:
            self._mount_disks()
            self.parts.prepare()
            if self.setup.faked_clocks:
                self._fake_clocks()
            self._make_failing_disks()
            self._start_proxies()
            self.parts.start_all()
            self._register_printers()
            self.wait(lambda: sum(map(platenctl.is_read, self.control.device_rows())) == self.setup.devices, "all devices to be read")
            devices = [device["uid"] for device in self.control.devices()]
            (self.folder / "devices").write_text("\n".join(devices) + "\n")
            self._start_tool("witness", "fault_witness", self.parts.bootstrap, self.folder / "witness.log")
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, kind, *_):
        self.network.heal()
        for tool in self._tools.values():
            tool.kill()
        for proxy in self.proxies.values():
            proxy.close()
        try:
            for name in self._stopped():
                self.parts.signal(name, signal.SIGCONT)
            self.parts.stop_all()
        finally:
            if self.keep and kind is not None:
                print(f"  kept: {self.folder}", flush=True)
            else:
                self._unmount_disks()
                shutil.rmtree(self.folder)

    # --- a row's run --------------------------------------------------------------------------------------------------

    def begin(self, row, seed):
        """Starts the load. Whatever is random comes from row and seed."""
        self.random = random.Random(f"{row}/{seed}")
        self.faults = collections.Counter()  # What was done, by name.
        self.figures = {}  # What a row measured, by name.
        self.jammed = set()
        self.watch.begin()
        self.witness.read().reasons.clear()
        self._start_tool(
            "source", "fault_event_source", self.parts.bootstrap, self.folder / "devices",
            self.folder / "source.ledger", seed, self.setup.events_per_second,
        )  # fmt: skip
        self.passes(1)

    def go_on(self, seconds):
        """Lets the load go on for a while: the time between faults, or how long one lasts. Nothing may end meanwhile that was
        not killed."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._tick()
            time.sleep(_TICK_S)

    def go_on_between(self, least, most):
        """The same for a random time, in seconds."""
        self.go_on(self.random.uniform(least, most))

    def passes(self, events):
        """Returns when so many more events have been tried."""
        self.source_ledger.read()
        goal = len(self.source_ledger.tried) + events
        self.wait(lambda: len(self.source_ledger.read().tried) >= goal, f"{events} events to be tried")

    def wait(self, condition, what, deadline_s=DEADLINE_S):
        """Polls until it holds, with the load going on."""

        def holds():
            self._tick()
            return condition()

        return wait_until(holds, what, deadline_s, interval_s=_TICK_S)

    def _tick(self):
        self.parts.check_running()
        for tool in self._tools.values():
            tool.check_running()
        self.watch.tick()
        if "source" in self._tools and self.random.random() < 0.15:
            self._disturb_printers()

    def _disturb_printers(self):
        number = self.random.randrange(self.setup.devices)
        if number in self.jammed:
            self.parts.fleet.tell(f"clear {number}")
            self.jammed.remove(number)
        elif len(self.jammed) < self.setup.devices // 4 and self.random.random() < 0.5:
            self.parts.fleet.tell(f"jam {number}")
            self.jammed.add(number)
        else:
            self.parts.fleet.tell(f"print {number} {self.random.randint(1, 9)}")

    def times(self, whole, short):
        """How often: less in the short set."""
        return short if self.short else whole

    # --- faults -------------------------------------------------------------------------------------------------------

    def kill(self, name):
        """kill -9. Of what a collector has in its spool something has to become from now on."""
        self.parts.kill(name)
        self.faults[f"kill {_kind(name)}"] += 1
        if _kind(name) == "collector":
            self.spooled |= ledger.spooled(self.plan.path(name, "spool.sqlite"), name)

    def start(self, name):
        """Starts again what was killed; ready() waits."""
        self.parts.start(name)

    def ready(self, *names):
        """Returns when these parts serve."""
        for name in names:
            self.wait(lambda each=name: self._is_ready(each), f"{name} to be ready; see {self.parts.log(name)}")

    def _is_ready(self, name):
        if name in self.brokers.names or name == "kafka":
            self.parts.wait_ready(name)
            return True
        return self.parts.readiness(name) == []

    def pause(self, name):
        """SIGSTOP."""
        self.parts.signal(name, signal.SIGSTOP)
        self.faults[f"stop {_kind(name)}"] += 1
        wait_until(lambda: self.watch.state(name) == "T", f"{name} to stand still", interval_s=0.01)

    def resume(self, name):
        """SIGCONT."""
        self.parts.signal(name, signal.SIGCONT)

    def fill(self, folder, may_end=None):
        """Leaves no byte on one of the setup's disks. `may_end`: a broker that is expected not to survive that."""
        if may_end:
            self.brokers.expect_end(may_end)
        self.faults[f"disk full {_kind(folder)}"] += 1
        with open(self._ballast(folder), "ab", buffering=0) as ballast:
            for size in (1 << 20, 1 << 12):
                try:
                    while True:
                        ballast.write(bytes(size))
                except OSError:  # No space is left for so much.
                    pass

    def free(self, folder):
        """Gives the space back."""
        self._ballast(folder).unlink(missing_ok=True)

    def _ballast(self, folder):
        return self.plan.state / folder / "ballast"

    def step_clock(self, name, seconds):
        """From now on a service's wall clock is so far from the right time."""
        self._set_clock(name, seconds)
        self.faults["clock steps"] += 1

    def _set_clock(self, name, seconds):
        # In place: the service has it mapped.
        with open(self._clock_file(name), "r+b") as file:
            file.write(struct.pack("=q", seconds * 1000))

    def _clock_file(self, name):
        return self.folder / f"clock-{name}"

    def _fake_clocks(self):
        for name in self.parts.services:
            self._clock_file(name).write_bytes(bytes(8))
            self.parts.environments[name] = {
                "LD_PRELOAD": str(BUILD / "tests" / "fault_stepped_clock.so"),
                "PLATEN_STEPPED_CLOCK": str(self._clock_file(name)),
            }

    def _make_failing_disks(self):
        for name in self.setup.failing_disks:
            library = BUILD / "tests" / "fault_failing_disk.so"
            self.failing_disks[name] = FailingDisk(library, self.folder / f"disk-{name}", self.plan.state / name)
            self.parts.environments[name] = self.failing_disks[name].environment

    def require(self, holds, what, *examples):
        """Fails the row where it does not hold."""
        obligations.require(holds, what, *examples)

    def recovers(self, fault):
        """Returns when fresh events pass through every partition, and how long that took, in seconds. The longest time after
        such a fault is a figure."""
        took = round(obligations.fresh_events_pass(self), 1)
        name = f"fresh events after {fault}, s"
        self.figures[name] = max(took, self.figures.get(name, 0))
        return took

    def ports(self, link):
        """What rules of the network take for a link: "gateway" (from the relay), "printers", or a party's way to Kafka."""
        if link in PARTIES:
            return self.brokers.ports(link)
        return [self.plan.ports["gateway-grpc" if link == "gateway" else link]]

    def mend_network(self, fault):
        """Takes all rules away; what they took counts as this fault, in packets."""
        self.faults[fault] += self.network.hits()
        self.network.heal()

    def mend_lines(self):
        """Heals all proxies; what they did counts."""
        for link, proxy in self.proxies.items():
            for what, count in proxy.heal().items():
                if what not in ("connections", "refused"):
                    self.faults[f"{what} ({link})"] = count

    def _stopped(self):
        running = [name for name in (*self.parts.services, *self.brokers.names) if self.parts.is_running(name)]
        return [name for name in running if self.watch.state(name) == "T"]

    # --- looking ------------------------------------------------------------------------------------------------------

    def metric(self, name, metric, label=""):
        """A service's metric: the sum over all labels, or over those that contain `label`. None where it does not answer."""
        text = self._metrics(name)
        if text is None:
            return None
        found = re.findall(rf"^{metric}({{[^}}]*}})? (\S+)$", text, re.MULTILINE)
        return sum(float(value) for labels, value in found if label in labels)

    def _metrics(self, name):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.plan.ports[name]}/metrics", timeout=5) as answer:
                return answer.read().decode()
        except OSError:
            return None

    # --- healing ------------------------------------------------------------------------------------------------------

    def heal(self):
        """Ends all faults, and returns when everything serves."""
        self.network.heal()
        self.mend_lines()
        for folder, _ in self.setup.disks:
            self.free(folder)
        for disk in self.failing_disks.values():
            disk.mend()
        for name in self.parts.services:
            if self.setup.faked_clocks:
                self._set_clock(name, 0)
        for name in self._stopped():
            self.resume(name)
        for name in (*self.brokers.names, *self.parts.services):
            if not self.parts.is_running(name):
                self.start(name)
        self.ready(*self.brokers.names, *self.parts.services)

    def stop_source(self):
        """Ends the load; returns when Kafka has acknowledged all that was tried."""
        source = self._tools.pop("source")
        source.terminate()
        if source.wait_end(DEADLINE_S) != 0:
            raise ProcessError(f"Kafka did not acknowledge all that was tried; see {source.log}:\n{source.said()}")
        for number in sorted(self.jammed):
            self.parts.fleet.tell(f"clear {number}")
        self.jammed.clear()

    # --- making -------------------------------------------------------------------------------------------------------

    def _start_tool(self, name, program, *words):
        command = [BUILD / "tests" / program, *words]
        self._tools[name] = Child(name, command, self.folder / f"{name}.log.txt")

    def _start_proxies(self):
        for link in self.setup.proxied:
            if link in PARTIES:
                self.proxies[link] = Proxy([f"tcp:{listen}:{to}" for listen, to in self.brokers.proxies(link)])
            elif link == "gateway":
                self.proxies[link] = Proxy([f"tcp:{_PROXY_PORTS[link]}:{self.plan.ports['gateway-grpc']}"])

    def _register_printers(self):
        printers, port = self.parts.fleet.printers(), self.plan.ports["printers"]
        if "printers" in self.setup.proxied:
            told = _PROXY_PORTS["printers"]
            self.proxies["printers"] = Proxy([f"udp:{printer.address}:{told}:{port}" for printer in printers])
            port = told
        self.control.import_targets(platenctl.fleet_targets(printers, port))

    def _mount_disks(self):
        for folder, size in self.setup.disks:
            path = self.plan.state / folder
            path.mkdir(parents=True)
            _run("mount", "-t", "tmpfs", "-o", f"size={size}", "platen-fault", path)

    def _unmount_disks(self):
        for folder, _ in self.setup.disks:
            _run("umount", "--lazy", self.plan.state / folder)


def _kind(name):
    """collector of collector-1."""
    return name.rpartition("-")[0] or name


def _run(*command):
    subprocess.run([str(word) for word in command], check=True, capture_output=True)
