"""A whole Platen on this machine: Kafka, gateway, relay, notifier, collectors, simulated printers, sinks for mail and
webhooks, as child processes. The demo and the end-to-end test share it.

Nothing here waits for a time: a service is ready when its /readyz says so, the others when they answer.
"""

import json
import os
import pathlib
import secrets
import subprocess
import sys
import urllib.error
import urllib.request

from . import configs, kafka
from .fleet import Fleet, FleetError
from .processes import Child, Memory, ProcessError, memory_of, wait_until
from .yaml_text import to_yaml

SINKS = pathlib.Path(__file__).resolve().parent.parent / "sinks"
_START_DEADLINE_S = 60
_STOP_DEADLINE_S = 20


class Installation:
    """Owns its processes, by their own process ids. Use it from one thread, and as a context manager: leaving stops
    everything that runs."""

    def __init__(self, plan, short_lived=False):
        self.plan = plan
        self.fleet = Fleet(plan.path("printers.sock"))
        self._children = {}
        self._kafka = None
        self._short_lived = short_lived

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop_all()

    # --- making -------------------------------------------------------------------------------------------------------

    def prepare(self):
        """Makes directories, certificates, secrets and configurations. What is there is kept, but configurations."""
        plan = self.plan
        plan.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in ("config", "logs", "secrets", "gateway", "relay", "notifier", *plan.collector_names):
            (plan.state / name).mkdir(exist_ok=True, mode=0o700)
        _write_secret(plan.state / "secrets" / "snmp-community", "public")
        for name in ("webhook-key", "link-keys", "snmp-auth", "snmp-priv"):
            _write_secret(plan.state / "secrets" / name, secrets.token_hex(32))
        self._run([plan.root / "deploy" / "local" / "dev-ca", plan.path("ca")], "development certificates")
        for name in ("gateway", "relay", "notifier"):
            self.configure(name, getattr(configs, name)(plan))
        for name in plan.collector_names:
            self.configure(name, configs.collector(plan, name))
        (plan.state / "platenctl.yaml").write_text(to_yaml(configs.platenctl(plan)))

    def configure(self, name, config):
        """Writes one service's configuration file."""
        self._config(name).write_text(f"# Written at each start of this installation.\n{to_yaml(config)}")

    def _config(self, name):
        return self.plan.state / "config" / f"{name}.yaml"

    def _run(self, command, what):
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ProcessError(f"{what}: {(done.stderr or done.stdout).strip()}")
        return done.stdout

    # --- starting -----------------------------------------------------------------------------------------------------

    @property
    def services(self):
        """Platen's own services, in the order of an event's way."""
        return [*self.plan.collector_names, "relay", "gateway", "notifier"]

    def start_all(self, tell=lambda name: None):
        """Starts everything and returns when all of it is ready. `tell` hears the name of each part that is."""
        beside_kafka = ("mail", "webhooks", "printers", "gateway")
        for name in beside_kafka:
            self.start(name)
        self.start("kafka")
        for name in ("kafka", *beside_kafka):
            self.wait_ready(name)
            tell(name)
        self.make_topics()
        tell("topics")
        behind_kafka = ("relay", "notifier", *self.plan.collector_names)
        for name in behind_kafka:
            self.start(name)
        for name in behind_kafka:
            self.wait_ready(name)
            tell(name)

    def make_topics(self):
        """Makes the topics that are missing."""
        topics = self.plan.root / "deploy" / "local" / "topics.yaml"
        self._run(
            [self.plan.program("platen-topics"), "ensure", "--bootstrap-servers", self.bootstrap, "--file", topics],
            "topics",
        )

    @property
    def bootstrap(self):
        """Kafka's address."""
        return f"127.0.0.1:{self.plan.ports['kafka']}"

    def start(self, name):
        """Starts one part on its state, ports and log. Kafka is ready when this returns; wait_ready() tells of others."""
        if name == "kafka":
            self._kafka = kafka.start_kafka(
                self.plan.path("kafka"),
                self.plan.ports["kafka"],
                self.plan.ports["kafka-controller"],
                die_with_parent=True,
                short_lived=self._short_lived,
            )
            return
        if name in self._children and self._children[name].is_running():
            raise ProcessError(f"{name} runs already (process {self._children[name].pid})")
        # Two allocator arenas suffice, and keep memory apart from the number of threads.
        environment = {"MALLOC_ARENA_MAX": "2", **self._passwords(name), **self.environment(name)}
        self._children[name] = Child(name, self.command(name), self.log(name), environment)

    def _passwords(self, name):
        if name != "printers":
            return {}
        secret = self.plan.state / "secrets"
        return {
            "PLATEN_SNMP_AUTH_PASSWORD": (secret / "snmp-auth").read_text(),
            "PLATEN_SNMP_PRIV_PASSWORD": (secret / "snmp-priv").read_text(),
        }

    def environment(self, name):
        """What a part finds in its environment beside what is there."""
        return {}

    def command(self, name):
        """The words that start a part other than Kafka."""
        plan = self.plan
        if name == "mail":
            store = ["--store", plan.path("mail.jsonl"), "--answer-file", plan.path("mail.answer")]
            return [sys.executable, SINKS / "smtp-sink", "--port", plan.ports[name], *store]
        if name == "webhooks":
            store = ["--store", plan.path("webhooks.jsonl"), "--answer-file", plan.path("webhooks.answer")]
            key = ["--signing-key-file", plan.path("secrets", "webhook-key")]
            return [sys.executable, SINKS / "webhook-sink", "--port", plan.ports[name], *store, *key]
        if name == "printers":
            listeners = ",".join(f"127.0.0.1:{plan.ports[collector]}" for collector in plan.collector_names)
            return [
                plan.program("platen-fleetsim"),
                f"--devices={plan.devices}",
                f"--port={plan.ports[name]}",
                f"--recordings={plan.recordings}",
                f"--print-rate={plan.print_rate}",
                "--user=fleet",
                f"--control={self.fleet.path}",
                *([f"--notify={listeners}"] if plan.notifications else []),
            ]
        # Without its number: collector-1 is a platen-collector.
        return [plan.program(f"platen-{name.partition('-')[0]}"), "--config", self._config(name)]

    def wait_ready(self, name):
        """Returns when the part serves. Raises ProcessError with its log's end where it ended, or hangs."""
        if name != "kafka":
            wait_until(lambda: self._is_ready(name), f"{name} to be ready; see {self.log(name)}", _START_DEADLINE_S)

    def _is_ready(self, name):
        child = self._children[name]
        child.check_running()
        if name in ("mail", "webhooks"):
            return "listening on " in child.said()
        if name == "printers":
            try:
                return bool(self.fleet.tell("counts"))
            except FleetError:
                return False
        return self.readiness(name) == []

    def readiness(self, name):
        """What keeps a service from being ready, in its own words: empty where it is, None where it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.plan.ports[name]}/readyz", timeout=5):
                return []
        except urllib.error.HTTPError as error:
            try:
                checks = json.loads(error.read()).get("checks", [])
            except ValueError:
                return None
            return [f"{check['name']}: {check.get('reason', '')}" for check in checks if not check.get("ok")] or ["?"]
        except OSError:
            return None

    # --- stopping -----------------------------------------------------------------------------------------------------

    def stop(self, name):
        """Stops one part with SIGTERM (SIGKILL where it hangs) and returns its exit code."""
        if name == "kafka":
            self._kafka = None
            kafka.stop_kafka(self.plan.path("kafka"))
            return 0
        child = self._children.pop(name)
        child.terminate()
        return child.wait_end(_STOP_DEADLINE_S)

    def kill(self, name):
        """Ends one part as `kill -9` does."""
        if name == "kafka":
            kafka.stop_kafka(self.plan.path("kafka"), force=True)
            self._kafka = None
        else:
            self._children.pop(name).kill()

    def signal(self, name, number):
        """Sends a signal to a part other than Kafka."""
        self._children[name].signal(number)

    def pid(self, name):
        """Process id of a part that was started."""
        return self._kafka.pid if name == "kafka" else self._children[name].pid

    def stop_all(self):
        """Stops what runs, in the order of an event's way, so that each can hand on what it has. Returns exit codes."""
        codes = {}
        for group in (self.plan.collector_names, ["relay", "notifier"], ["gateway"], ["printers", "mail", "webhooks"]):
            running = [self._children[name] for name in group if name in self._children]
            running = [child for child in running if child.is_running()]
            for child in running:
                child.terminate()
            for child in running:
                codes[child.name] = child.wait_end(_STOP_DEADLINE_S)
        if self._kafka:
            self.stop("kafka")
        return codes

    # --- looking ------------------------------------------------------------------------------------------------------

    def log(self, name):
        """Path of a part's log."""
        return self.plan.state / "kafka" / "kafka.log" if name == "kafka" else self.plan.state / "logs" / f"{name}.log"

    def said(self, name):
        """What a part has logged since its last start."""
        return self._children[name].said()

    def is_running(self, name):
        """Whether a part runs."""
        if name == "kafka":
            return self._kafka is not None and kafka.find_kafka(self.plan.path("kafka")) is not None
        return name in self._children and self._children[name].is_running()

    def check_running(self):
        """Raises ProcessError where a part has ended that nobody stopped or killed here."""
        for child in self._children.values():
            child.check_running()
        if self._kafka and not self.is_running("kafka"):
            raise ProcessError(f"Kafka ended; see {self.log('kafka')}")

    def memory(self):
        """{part: Memory} of what runs."""
        found = {name: memory_of(child.pid) for name, child in self._children.items() if child.is_running()}
        if self._kafka:
            found["kafka"] = memory_of(self._kafka.pid)
        return found

    def memory_sum(self):
        """Memory of all parts together."""
        parts = self.memory().values()
        return Memory(sum(part.rss for part in parts), sum(part.pss for part in parts))

    def mails(self):
        """All mails that the sink took, oldest first: what smtp-sink stores."""
        return read_jsonl(self.plan.state / "mail.jsonl")

    def webhooks(self):
        """All requests that the sink took, oldest first: what webhook-sink stores."""
        return read_jsonl(self.plan.state / "webhooks.jsonl")


def read_jsonl(path):
    """The objects of a file of JSON lines; a last line that is still being written is left for the next time."""
    try:
        text = pathlib.Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def _write_secret(path, value):
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(value)
