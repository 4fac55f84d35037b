"""The fixture `kafka` gives a test a broker that serves."""

import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "deploy" / "local"))
from platen_local import kafka_probe  # noqa: E402


class KafkaFixtureTest(unittest.TestCase):
    def test_the_address_in_the_environment_serves_metadata(self):
        address = os.environ["PLATEN_TEST_KAFKA"]

        host, _, port = address.partition(":")
        self.assertEqual(kafka_probe.brokers(host, int(port)), {1: address})
