"""All processes of a laboratory: an installation as tests and the demo have it, on the laboratory's Kafka, with what a row changes
of configurations, command lines and environments."""

from platen_local import configs
from platen_local.installation import Installation
from platen_local.processes import ProcessError, wait_until


class Parts(Installation):
    """An Installation whose Kafka is `brokers`: kafka-1 and on are parts like any other, "kafka" is all of them. `told_ports`:
    what others are told instead of where a part listens ("gateway")."""

    def __init__(self, plan, brokers, told_ports):
        super().__init__(plan, short_lived=True)
        self.brokers = brokers
        self._told_ports = told_ports
        self._copies = []
        self.environments = {}  # part: variables.

    def prepare(self):
        super().prepare()
        for name in ("relay", "notifier", *self.plan.collector_names):
            self.configure(name, self.config(name))

    def config(self, name):
        """A service's configuration, its Kafka by the listener of its party."""
        collects = name in self.plan.collector_names
        config = configs.collector(self.plan, name) if collects else getattr(configs, name)(self.plan)
        if "kafka" in config:
            config["kafka"]["bootstrap_servers"] = self.brokers.bootstrap("collectors" if collects else name)
        if name == "relay" and "gateway" in self._told_ports:
            config["routes"][0]["gateway"] = f"localhost:{self._told_ports['gateway']}"
        if name == "notifier" and self.plan.rules_file:
            config["receivers"] += _engineers(config["receivers"])
        return config

    @property
    def bootstrap(self):
        return self.brokers.bootstrap("lab")

    def make_topics(self):
        """As many replicas as there are nodes."""
        topics = (self.plan.root / "deploy" / "local" / "topics.yaml").read_text()
        file = self.plan.state / "topics.yaml"
        file.write_text(topics.replace("replication: 1", f"replication: {len(self.brokers.names)}"))
        command = [self.plan.program("platen-topics"), "ensure", "--bootstrap-servers", self.bootstrap, "--file", file]
        # Right after a start there may be too few nodes for so many replicas.
        wait_until(lambda: self._made(command), "the topics to be made", interval_s=0.5)

    def _made(self, command):
        try:
            return self._run(command, "topics")
        except ProcessError:
            return False

    def add_copy(self, name):
        """Makes another member of a service's group known, "relay-2"; start() starts it."""
        if name in self._copies:
            return
        self._copies.append(name)
        self.plan.ports[name] = 20200 + len(self._copies)
        kind = name.rpartition("-")[0]
        config = self.config(self.plan.collector_names[0] if kind == "collector" else kind)
        config |= {"instance": name, "state_dir": self.plan.path(name)}
        config["admin"]["listen"] = f"127.0.0.1:{self.plan.ports[name]}"
        (self.plan.state / name).mkdir(mode=0o700)
        self.configure(name, config)

    def begin_stop(self, name):
        """Tells a service to stop, and returns its process: no longer a part."""
        child = self._children.pop(name)
        child.terminate()
        return child

    def environment(self, name):
        return self.environments.get(name, {})

    # --- Kafka's nodes among the others -----------------------------------------------------------------------------------

    def _nodes(self, name):
        return self.brokers.names if name == "kafka" else [name] if name in self.brokers.names else []

    def start(self, name):
        if self._nodes(name):
            self.brokers.start(self._nodes(name))
        else:
            super().start(name)

    def wait_ready(self, name):
        if self._nodes(name):
            self.brokers.wait_ready(self._nodes(name))
        else:
            super().wait_ready(name)

    def kill(self, name):
        for node in self._nodes(name):
            self.brokers.kill(node)
        if not self._nodes(name):
            super().kill(name)

    def signal(self, name, number):
        for node in self._nodes(name):
            self.brokers.signal(node, number)
        if not self._nodes(name):
            super().signal(name, number)

    def pid(self, name):
        return self.brokers.pid(self._nodes(name)[0]) if self._nodes(name) else super().pid(name)

    def is_running(self, name):
        nodes = self._nodes(name)
        return all(map(self.brokers.is_running, nodes)) if nodes else super().is_running(name)

    def check_running(self):
        super().check_running()
        self.brokers.check_running()

    def log(self, name):
        return self.brokers.log(self._nodes(name)[0]) if self._nodes(name) else super().log(name)

    def stop_all(self):
        for name in self._copies:
            if super().is_running(name):
                super().stop(name)
        codes = super().stop_all()
        self.brokers.stop()
        return codes


def _engineers(receivers):
    """A second mailbox and a second webhook, with the sinks of the first."""
    mail = next(each["email"] for each in receivers if "email" in each)
    hook = next(each["webhook"] for each in receivers if "webhook" in each)
    return [
        {"name": "engineers", "email": mail | {"to": ["engineers@platen.test"]}},
        {"name": "dispatch", "webhook": hook | {"url": hook["url"].replace("/tickets", "/dispatch")}},
    ]
