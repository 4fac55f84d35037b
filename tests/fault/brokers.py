"""The laboratory's Kafka: one node, or a cluster of three. Each party has a listener of its own at each node, so that its way to
Kafka can be cut, slowed or led through a proxy without touching another's."""

import os
import pathlib
import signal

from platen_local import kafka
from platen_local.processes import ProcessError

PARTIES = ("lab", "collectors", "relay", "notifier")
_FIRST_PORT = 21000
# Who joins, who is missed and what a group waits for is in kafka.log.
_TELL_OF_GROUPS = "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.coordinator.group=info"
_CLUSTER = {
    "default.replication.factor": 3,
    "min.insync.replicas": 2,
    "offsets.topic.replication.factor": 3,
    "transaction.state.log.replication.factor": 3,
    "transaction.state.log.min.isr": 2,
    "share.coordinator.state.topic.replication.factor": 3,
    "share.coordinator.state.topic.min.isr": 2,
    # A node that is gone is noticed in seconds, as a row lasts a minute.
    "broker.session.timeout.ms": 4000,
    "broker.heartbeat.interval.ms": 1000,
    "replica.lag.time.max.ms": 5000,
}


class Brokers:
    """`count` nodes, named kafka-1 and on, with their state below `state`. `proxied` parties are told of ports at which a proxy
    is to listen (proxies())."""

    def __init__(self, state, count, proxied=()):
        self._state = pathlib.Path(state)
        self._proxied = proxied
        self._cluster_id = "Platen-fault-lab-00001"
        self._stopped = set()  # By us: they do not run, and need not.
        self._pids = {}
        self.names = [f"kafka-{number}" for number in range(1, count + 1)]

    # --- where --------------------------------------------------------------------------------------------------------

    def port(self, name, party):
        """Where a node listens for a party."""
        return _FIRST_PORT + 100 * _number(name) + PARTIES.index(party)

    def _told_port(self, name, party):
        return self.port(name, party) + (50 if party in self._proxied else 0)

    def _controller_port(self, name):
        return _FIRST_PORT + 100 * _number(name) + 99

    def ports(self, party):
        """Where all nodes listen for a party: what rules of the network take."""
        return [self.port(name, party) for name in self.names]

    def bootstrap(self, party):
        """What a party is given as Kafka's address."""
        return ",".join(f"127.0.0.1:{self._told_port(name, party)}" for name in self.names)

    def proxies(self, party):
        """[(port to listen at, port to lead to)], a proxy for each node."""
        return [(self._told_port(name, party), self.port(name, party)) for name in self.names]

    def state(self, name):
        """A node's directory; its records are in `data` there."""
        return self._state / name

    def log(self, name):
        return self.state(name) / "kafka.log"

    # --- running ------------------------------------------------------------------------------------------------------

    def start(self, names=None):
        """Starts nodes, all by default; wait_ready() waits."""
        for name in names or self.names:
            self._stopped.discard(name)
            node = kafka.start_kafka(
                self.state(name),
                self.port(name, "lab"),
                self._controller_port(name),
                heap_mb=192 if len(self.names) > 1 else 256,
                die_with_parent=True,
                short_lived=True,
                jvm_options=[_TELL_OF_GROUPS],
                properties=self._properties(name),
                cluster_id=self._cluster_id,
                wait=False,
            )
            self._pids[name] = node.pid

    def _properties(self, name):
        words = [party.upper() for party in PARTIES]
        own = f"CONTROLLER://127.0.0.1:{self._controller_port(name)}"
        listen = [f"{party.upper()}://127.0.0.1:{self.port(name, party)}" for party in PARTIES]
        told = [f"{party.upper()}://127.0.0.1:{self._told_port(name, party)}" for party in PARTIES]
        voters = [f"{_number(each)}@127.0.0.1:{self._controller_port(each)}" for each in self.names]
        return {
            "node.id": _number(name),
            "controller.quorum.voters": ",".join(voters),
            "listeners": ",".join([*listen, own]),
            "advertised.listeners": ",".join(told),
            "listener.security.protocol.map": ",".join(f"{word}:PLAINTEXT" for word in [*words, "CONTROLLER"]),
            "inter.broker.listener.name": "LAB",
            "num.network.threads": 1,  # For each listener.
            **(_CLUSTER if len(self.names) > 1 else {}),
        }

    def wait_ready(self, names=None):
        """Returns when these nodes serve."""
        for name in names or self.names:
            node = kafka.find_kafka(self.state(name))
            if not node or not kafka.wait_for_kafka(node):
                raise ProcessError(f"{name} does not serve; see {self.log(name)}")

    def signal(self, name, number):
        os.kill(self.pid(name), number)

    def pid(self, name):
        return kafka.find_kafka(self.state(name)).pid

    def expect_end(self, name):
        """It may end by itself."""
        self._stopped.add(name)

    def kill(self, name):
        """As `kill -9` does."""
        self._stopped.add(name)
        kafka.stop_kafka(self.state(name), force=True)

    def stop(self):
        """Stops all nodes in order."""
        for name in self.names:
            if self.is_running(name):
                self.signal(name, signal.SIGTERM)
        for name in self.names:
            kafka.stop_kafka(self.state(name))

    def is_running(self, name):
        return kafka.find_kafka(self.state(name)) is not None

    def check_running(self):
        """Raises ProcessError where a node has ended that nobody killed here."""
        for name in self.names:
            if name not in self._stopped and not self.is_running(name):
                raise ProcessError(f"{name} ended ({self._how_ended(name)}); see {self.log(name)}")

    def _how_ended(self, name):
        """In words; it is our child."""
        try:
            _, status = os.waitpid(self._pids[name], os.WNOHANG)
        except ChildProcessError:
            return "nobody knows how"
        return f"exit code {os.waitstatus_to_exitcode(status)}" if status else "or is about to"


def _number(name):
    return int(name.rpartition("-")[2])
