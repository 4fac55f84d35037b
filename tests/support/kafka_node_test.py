"""deploy/local's Kafka node: one directory is one node's life."""

import os
import pathlib
import signal
import select
import socket
import subprocess
import sys
import tempfile
import unittest

LOCAL = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "local"
sys.path.insert(0, str(LOCAL))
from platen_local import kafka, kafka_probe  # noqa: E402


class KafkaNodeTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="platen-kafka-node-")
        self.addCleanup(folder.cleanup)
        self.state = folder.name
        self.addCleanup(kafka.stop_kafka, self.state, force=True)

    def test_a_node_killed_comes_back_on_its_ports_with_its_identity(self):
        first = kafka.start_kafka(self.state, short_lived=True)
        identity = pathlib.Path(self.state, "data", "meta.properties").read_text()
        with self.assertRaisesRegex(kafka.KafkaError, f"process {first.pid}"):
            kafka.start_kafka(self.state, short_lived=True)

        kafka.stop_kafka(self.state, force=True)
        second = kafka.start_kafka(self.state, short_lived=True)

        self.assertEqual((second.port, second.controller_port), (first.port, first.controller_port))
        self.assertEqual(pathlib.Path(self.state, "data", "meta.properties").read_text(), identity)
        self.assertIn(1, kafka_probe.brokers("127.0.0.1", second.port))

    def test_a_port_in_use_is_named(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]

            with self.assertRaisesRegex(kafka.KafkaError, f"port {port} is in use"):
                kafka.start_kafka(self.state, port=port)

    def test_with_kafka_returns_the_commands_exit_code_and_leaves_no_process(self):
        script = 'echo "$PLATEN_TEST_KAFKA"; pgrep -P $PPID java; exit 7'
        done = subprocess.run([LOCAL / "with-kafka", "sh", "-c", script], capture_output=True, text=True, check=False)

        address, pid = done.stdout.split()
        self.assertEqual(done.returncode, 7, done.stderr)
        self.assertRegex(address, r"^127\.0\.0\.1:\d+$")
        self.assertFalse(pathlib.Path("/proc", pid).exists())

    def test_killing_with_kafka_ends_its_broker(self):
        with subprocess.Popen(
            [LOCAL / "with-kafka", "sh", "-c", "pgrep -P $PPID java; exec sleep 60"],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as runner:
            broker = int(runner.stdout.readline())
            watch = os.pidfd_open(broker)
            self.addCleanup(os.close, watch)

            os.killpg(runner.pid, signal.SIGKILL)

            ended, _, _ = select.select([watch], [], [], 30)
            self.assertTrue(ended, "Kafka outlived the program that started it")
