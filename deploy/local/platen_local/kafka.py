"""One Kafka node (KRaft, broker and controller in one process) for a demo or a test.

The node's life is a state directory: `server.properties`, `data/`, `kafka.log` and, while it runs, `node.json`. Starting
twice on one directory keeps the data; the directory is formatted once.
"""

import base64
import ctypes
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from dataclasses import asdict, dataclass

from . import kafka_probe
from .ports import free_ports, is_free

HOME = pathlib.Path(__file__).resolve().parent.parent / "kafka"
# Kafka's classes as the JVM lays them out in memory: halves the CPU time of a start (5.4 to 2.4 s).
_CLASSES = HOME / "libs" / "classes.jsa"
_START_DEADLINE_S = 90  # Only against a hang: a start takes seconds.
_STOP_DEADLINE_S = 30


class KafkaError(RuntimeError):
    """Kafka could not be started; the message says what to do."""


@dataclass(frozen=True)
class KafkaNode:
    """A running node. `bootstrap` is what clients are given."""

    state_dir: str
    port: int
    controller_port: int
    pid: int
    tls_port: int | None = None

    @property
    def tls_bootstrap(self):
        """For clients with a certificate; None where the node has no such listener."""
        return self.tls_port and f"127.0.0.1:{self.tls_port}"

    @property
    def bootstrap(self):
        return f"127.0.0.1:{self.port}"


def start_kafka(
    state_dir,
    port=None,
    controller_port=None,
    heap_mb=256,
    topic_partitions=8,
    die_with_parent=False,
    short_lived=False,
    jvm_options=(),
    properties=None,
    cluster_id=None,
    wait=True,
    tls_dir=None,
):
    """Starts a node and returns once it serves requests.

    Without ports the ones of the directory's last run are used again, or free ones. `die_with_parent` ends the node
    when the calling thread's process ends, however that happens. `short_lived` is for tests: it starts in two thirds of
    the CPU time, and is slower after minutes of load. `properties` go before those of server.properties.in; with them and
    one `cluster_id`, several nodes are a cluster: then each is started with `wait=False` (one alone does not serve), and
    wait_for_kafka() waits. `tls_dir` gives it a second listener, for clients whose certificate one of clients.pem signed;
    server.pem is its own key with its certificate. Both are read at each start.
    """
    state = pathlib.Path(state_dir).resolve()
    state.mkdir(parents=True, exist_ok=True)
    running = find_kafka(state)
    if running:
        raise KafkaError(f"Kafka (process {running.pid}) already runs on {state}; stop it first")
    chosen = port is not None
    port, controller_port = _ports(state, port, controller_port)
    for _ in range(3):
        for number in (port, controller_port):
            if not is_free(number) and chosen:
                raise KafkaError(f"port {number} is in use: stop what listens there, or choose another for Kafka")
        _write_properties(state, port, controller_port, topic_partitions, properties or {})
        tls_port = _add_tls_listener(state, pathlib.Path(tls_dir).resolve()) if tls_dir else None
        _format(state, cluster_id or _cluster_id())
        options = [*_jvm_options(heap_mb), *(["-XX:TieredStopAtLevel=1"] if short_lived else []), *jvm_options]
        process = _launch(state, options, die_with_parent)
        node = KafkaNode(str(state), port, controller_port, process.pid, tls_port)
        if not wait or wait_for_kafka(node, process):
            (state / "node.json").write_text(json.dumps(asdict(node)))
            return node
        process.kill()
        process.wait()
        if chosen:
            break
        port, controller_port = free_ports(2)
    raise KafkaError(f"Kafka did not start; the end of {state}/kafka.log:\n{_log_tail(state)}")


def wait_for_kafka(node, process=None):
    """True once the node serves, False where it ends (as `process` tells) or the deadline passes."""
    deadline = time.monotonic() + _START_DEADLINE_S
    while (not process or process.poll() is None) and time.monotonic() < deadline:
        try:
            if f"127.0.0.1:{node.port}" in kafka_probe.brokers("127.0.0.1", node.port).values():
                return True
        except OSError:
            pass
        time.sleep(0.05)
    return False


def find_kafka(state_dir):
    """Returns the KafkaNode that runs on this directory, or None."""
    path = pathlib.Path(state_dir) / "node.json"
    try:
        node = KafkaNode(**json.loads(path.read_text()))
        command = pathlib.Path(f"/proc/{node.pid}/cmdline").read_bytes()
    except (OSError, ValueError, TypeError):
        return None
    # A process id is used again after a crash or a reboot: the command line tells whether it is still our node.
    return node if f"{node.state_dir}/server.properties".encode() in command else None


def stop_kafka(state_dir, force=False):
    """Stops the node of this directory (SIGTERM, or SIGKILL with `force`) and waits for its end. None running is fine."""
    node = find_kafka(state_dir)
    if not node:
        return
    try:
        ended = os.pidfd_open(node.pid)
    except ProcessLookupError:
        return
    try:
        os.kill(node.pid, signal.SIGKILL if force else signal.SIGTERM)
        if not select.select([ended], [], [], _STOP_DEADLINE_S)[0]:
            os.kill(node.pid, signal.SIGKILL)
            select.select([ended], [], [], _STOP_DEADLINE_S)
    finally:
        os.close(ended)
    _reap(node.pid)
    (pathlib.Path(state_dir) / "node.json").unlink(missing_ok=True)


def archive_classes():
    """Starts a throw-away node once and keeps its classes for all later starts. Without the archive all works, slower."""
    _CLASSES.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="platen-kafka-") as state:
        start_kafka(state, jvm_options=[f"-XX:ArchiveClassesAtExit={_CLASSES}"])
        stop_kafka(state)


def _ports(state, port, controller_port):
    try:
        last = json.loads((state / "ports.json").read_text())
    except (OSError, ValueError):
        last = [None, None]
    result = []
    for asked, old, fresh in zip((port, controller_port), last, free_ports(2)):
        if asked is None and old and is_free(old):
            asked = old
        result.append(fresh if asked is None else asked)
    (state / "ports.json").write_text(json.dumps(result))
    return result


def _write_properties(state, port, controller_port, topic_partitions, properties):
    template = (HOME / "server.properties.in").read_text()
    for key, value in {
        "PORT": port,
        "CONTROLLER_PORT": controller_port,
        "DATA": state / "data",
        "PARTITIONS": topic_partitions,
    }.items():
        template = template.replace(f"@{key}@", str(value))
    # Of two lines with one name, Java takes the later.
    template += "".join(f"{name}={value}\n" for name, value in properties.items())
    (state / "server.properties").write_text(template)


def _add_tls_listener(state, tls_dir):
    """Returns its port: the one of the directory's last run, where that is free."""
    kept = state / "tls-port"
    last = int(kept.read_text()) if kept.exists() else None
    port = last if last and is_free(last) else free_ports(1)[0]
    kept.write_text(str(port))
    lines = []
    for line in (state / "server.properties").read_text().splitlines():
        key, _, value = line.partition("=")
        if key in ("listeners", "advertised.listeners"):
            line = f"{key}={value},TLS://127.0.0.1:{port}"
        elif key == "listener.security.protocol.map":
            line = f"{line},TLS:SSL"
        lines.append(line)
    lines += [
        f"listener.name.tls.ssl.keystore.location={tls_dir}/server.pem",
        "listener.name.tls.ssl.keystore.type=PEM",
        f"listener.name.tls.ssl.truststore.location={tls_dir}/clients.pem",
        "listener.name.tls.ssl.truststore.type=PEM",
        "listener.name.tls.ssl.client.auth=required",
    ]
    (state / "server.properties").write_text("\n".join(lines) + "\n")
    return port


def _class_path():
    jars = sorted(str(jar) for jar in (HOME / "libs").glob("*.jar"))
    if not jars:
        raise KafkaError("Kafka is not installed in deploy/local/kafka/libs: run scripts/setup")
    return ":".join(jars)


def _java():
    for candidate in ("/usr/lib/jvm/java-17-openjdk-amd64/bin/java", "/usr/lib/jvm/java-17-openjdk-arm64/bin/java"):
        if os.access(candidate, os.X_OK):
            return candidate
    found = shutil.which("java")
    if not found:
        raise KafkaError("no java found: run scripts/setup")
    return found


def _format(state, cluster_id):
    """Gives the data directory its identity with Kafka's storage tool, unless it has one."""
    data = state / "data"
    if (data / "meta.properties").exists():
        return
    result = subprocess.run(
        [_java(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx128m", "-cp", _class_path()]
        + ["kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(state / "server.properties")],
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise KafkaError(f"Kafka's data directory {data} could not be formatted:\n{result.stdout}{result.stderr}")


def _cluster_id():
    # Never with a leading "-", which Kafka's storage tool takes for an option.
    return "P" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]


def _launch(state, options, die_with_parent):
    command = [_java(), *options, "-cp", _class_path(), "kafka.Kafka", str(state / "server.properties")]
    environment = dict(os.environ, MALLOC_ARENA_MAX="2")
    with open(state / "kafka.log", "ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=state,
            env=environment,
            start_new_session=True,  # Ctrl-C on the terminal is the caller's to handle, not Kafka's.
            preexec_fn=_end_with_parent if die_with_parent else None,
        )


def _jvm_options(heap_mb):
    return [
        f"-Xmx{heap_mb}m",
        "-Xms64m",
        "-Xss512k",
        "-XX:+UseSerialGC",
        "-XX:MaxMetaspaceSize=128m",
        "-XX:ReservedCodeCacheSize=64m",
        "-XX:MaxDirectMemorySize=64m",
        "-XX:+ExitOnOutOfMemoryError",
        "-Djava.awt.headless=true",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        *([f"-XX:SharedArchiveFile={_CLASSES}"] if _CLASSES.exists() else []),
    ]


def _end_with_parent():
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def _reap(pid):
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass  # Started by another process.


def _log_tail(state, lines=20):
    try:
        return "\n".join((state / "kafka.log").read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"
