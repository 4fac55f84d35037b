"""SIGTERM while a service starts and its Kafka is away: it ends with 0, whatever it was waiting for."""

import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["PLATEN_SOURCE_DIR"])
BIN = pathlib.Path(os.environ["PLATEN_BUILD_DIR"]) / "bin"
COMMON = """
instance: early-0
state_dir: {dir}/state
kafka: {{bootstrap_servers: "127.0.0.1:{port}"}}
admin: {{listen: "127.0.0.1:0"}}
log: {{format: text}}
"""
COLLECTOR = COMMON + """
profiles_dir: {source}/profiles
credentials: {{default: {{secret_file: {dir}/community}}}}
"""
NOTIFIER = COMMON + """
receivers:
  - name: desk
    email: {{server: "smtp://127.0.0.1:1", from: a@platen.test, to: [b@platen.test], allow_plaintext: true}}
"""


class EarlyStopTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name)
        (self.dir / "community").write_text("public")
        # A port that takes connections and never answers: whoever asks there waits.
        self.deaf = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.deaf.close)

    def start(self, program, config):
        file = self.dir / "config.yaml"
        file.write_text(config.format(dir=self.dir, source=SOURCE, port=self.deaf.getsockname()[1]))
        process = subprocess.Popen(
            [BIN / program, "--config", file], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.addCleanup(process.stdout.close)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process

    def ends_in_order(self, process):
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 0, output)

    def wait_for_kafka_client(self):
        """Until the service is at the point where it waits for Kafka."""
        self.deaf.settimeout(120)
        connection, _ = self.deaf.accept()
        self.addCleanup(connection.close)

    def test_collector_that_asks_a_deaf_broker(self):
        collector = self.start("platen-collector", COLLECTOR)
        self.wait_for_kafka_client()
        self.ends_in_order(collector)

    def test_collector_whose_log_has_just_begun(self):
        collector = self.start("platen-collector", COLLECTOR)
        self.assertIn("starting", collector.stdout.readline())
        self.ends_in_order(collector)

    def test_notifier_that_asks_a_deaf_broker(self):
        notifier = self.start("platen-notifier", NOTIFIER)
        self.wait_for_kafka_client()
        self.ends_in_order(notifier)


if __name__ == "__main__":
    unittest.main()
