"""What the demo and the end-to-end test share, as far as it needs no service."""

import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import yaml

LOCAL = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "local"
sys.path.insert(0, str(LOCAL))
from platen_local import configs, demo_jam, demo_state, journey, plan, ports, processes, yaml_text  # noqa: E402


def _plan(state="/nowhere", base=20000):
    names = plan.listeners(2)
    numbers = {name: base + number for number, name in enumerate(names)}
    return plan.Plan(state=pathlib.Path(state), build=pathlib.Path("/build"), ports=numbers)


class ConfigurationTest(unittest.TestCase):
    def test_what_is_written_reads_back_as_it_was_meant(self):
        for config in (configs.gateway(_plan()), configs.notifier(_plan()), configs.collector(_plan(), "collector-1")):
            self.assertEqual(yaml.safe_load(yaml_text.to_yaml(config)), config)

    def test_values_that_yaml_would_take_for_something_else_stay_strings(self):
        config = {"a": "yes", "b": "5s", "c": "1:2", "d": [], "e": {}, "f": 'say "x"'}

        self.assertEqual(yaml.safe_load(yaml_text.to_yaml(config)), config)


class PortsTest(unittest.TestCase):
    def test_who_holds_a_port_is_named(self):
        with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            tcp.listen()
            udp.bind(("127.0.0.1", 0))

            self.assertIn(f"process {os.getpid()} ", ports.holder(tcp.getsockname()[1]))
            self.assertIn(f"process {os.getpid()} ", ports.holder(udp.getsockname()[1], "udp"))

    def test_a_free_port_has_no_holder(self):
        self.assertIsNone(ports.holder(ports.free_ports(1)[0]))

    def test_the_demo_names_a_port_in_use_and_says_how_to_choose_others(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            number = taken.getsockname()[1]
            installation = _plan()
            installation.ports["gateway"] = number

            with self.assertRaisesRegex(demo_state.DemoError, f"port {number} .gateway.*(?s:.)*PLATEN_DEMO_PORT_BASE="):
                demo_state.check_ports(installation)


class StateTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="platen-demo-state-")
        self.addCleanup(folder.cleanup)
        self.state = pathlib.Path(folder.name)

    def test_a_second_demo_is_refused_and_the_first_one_can_be_found(self):
        first = demo_state.StateLock(self.state)
        first.take()
        first.write(_plan(self.state))

        with self.assertRaisesRegex(demo_state.DemoError, f"process {os.getpid()}"):
            demo_state.StateLock(self.state).take()
        self.assertEqual(demo_state.running_plan(self.state).ports, _plan().ports)

    def test_without_a_running_demo_there_is_nothing_to_jam(self):
        with self.assertRaisesRegex(demo_state.DemoError, "start it with make demo"):
            demo_state.running_plan(self.state)

    def test_reset_removes_the_state_but_not_while_the_demo_runs(self):
        lock = demo_state.StateLock(self.state)
        lock.take()
        refused = self._reset()
        self.assertEqual(refused.returncode, 1)
        self.assertIn("the demo runs on", refused.stderr)

        del lock
        self.assertEqual(self._reset().returncode, 0)
        self.assertFalse(self.state.exists())
        self.state.mkdir()  # For the clean-up.

    def test_reset_leaves_a_directory_alone_that_the_demo_did_not_make(self):
        (self.state / "thesis.txt").write_text("years of work")

        self.assertEqual(self._reset().returncode, 1)
        self.assertTrue((self.state / "thesis.txt").exists())

    def test_asking_reset_for_help_removes_nothing(self):
        (self.state / "demo.json").write_text("{}")

        self.assertIn("usage", self._reset("--help").stdout)
        self.assertTrue(self.state.exists())

    def _reset(self, *arguments):
        environment = dict(os.environ, PLATEN_DEMO_STATE=str(self.state))
        return subprocess.run([LOCAL / "demo-reset", *arguments], env=environment, capture_output=True, text=True, check=False)

    def test_commands_to_type_name_the_directory_of_a_demo_that_has_its_own(self):
        with mock.patch.dict(os.environ, PLATEN_DEMO_STATE=f"{self.state}/my demo"):
            self.assertEqual(demo_state.state_setting(), f"PLATEN_DEMO_STATE='{self.state.resolve()}/my demo' ")
        with mock.patch.dict(os.environ, PLATEN_DEMO_STATE=""):
            self.assertEqual(demo_state.state_setting(), "")

    def test_ports_can_be_chosen_and_nonsense_is_refused(self):
        with mock.patch.dict(os.environ, PLATEN_DEMO_PORT_BASE="27400"):
            self.assertEqual(demo_state.make_plan(self.state, 3).ports["kafka"], 27400)
        for nonsense in ("80", "many", "65534"):
            with mock.patch.dict(os.environ, PLATEN_DEMO_PORT_BASE=nonsense):
                with self.assertRaisesRegex(demo_state.DemoError, "PLATEN_DEMO_PORT_BASE"):
                    demo_state.make_plan(self.state, 3)


class JamTest(unittest.TestCase):
    def setUp(self):
        self.fleet = mock.Mock()
        self.fleet.tell.return_value = "0 address=10.0.0.1 wrong=jam\n1 address=10.0.0.2 wrong="
        self.fleet.printers.return_value = [mock.Mock(number=0, address="10.0.0.1"), mock.Mock(number=1, address="10.0.0.2")]

    def test_the_first_printer_that_fits_is_taken_and_one_that_is_asked_for_must_fit(self):
        self.assertEqual(demo_jam._choose(self.fleet, None, None).number, 1)
        self.assertEqual(demo_jam._choose(self.fleet, None, "jam").number, 0)
        self.assertEqual(demo_jam._choose(self.fleet, "10.0.0.2", None).number, 1)
        for asked, wrong, why in (("0", None, "has a fault already"), ("1", "jam", "is not jammed"), ("7", None, "no printer 7")):
            with self.assertRaisesRegex(demo_state.DemoError, why):
                demo_jam._choose(self.fleet, asked, wrong)


class ProcessesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="platen-processes-")
        self.addCleanup(folder.cleanup)
        self.log = pathlib.Path(folder.name, "logs", "x.log")

    def test_a_process_that_ends_by_itself_is_told_with_its_code_and_the_end_of_its_log(self):
        child = processes.Child("x", ["sh", "-c", "echo no certificate; exit 3"], self.log)
        child.wait_end()

        with self.assertRaisesRegex(processes.ProcessError, "x ended with exit code 3(?s:.)*no certificate"):
            child.check_running()

    def test_one_that_ignores_sigterm_is_killed_after_its_deadline(self):
        child = processes.Child("x", ["sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.1; done"], self.log)
        processes.wait_until(lambda: "up" in child.said(), "the trap")

        child.terminate()

        self.assertEqual(child.wait_end(deadline_s=0.3), -9)

    def test_waiting_gives_up_and_says_for_what(self):
        with self.assertRaisesRegex(processes.ProcessError, "waiting for rain"):
            processes.wait_until(lambda: False, "rain", deadline_s=0.01)

    def test_memory_of_a_process_is_found(self):
        found = processes.memory_of(os.getpid())

        self.assertGreater(found.rss, 1 << 20)
        self.assertGreaterEqual(found.rss, found.pss)


class JourneyTest(unittest.TestCase):
    def test_times_of_all_writers_compare(self):
        self.assertEqual(journey.parse_time("2026-01-01T00:00:00.250Z"), journey.parse_time("2026-01-01T01:00:00.25+01:00"))
        self.assertEqual(journey.parse_time("2026-01-01T00:00:00Z"), 1767225600.0)
        self.assertAlmostEqual(journey.parse_time("2026-01-01T00:00:00.123456789Z"), 1767225600.123456789, places=5)

    def test_mails_are_found_by_printer_time_and_thread(self):
        raised = {"time": "2026-01-01T00:00:10Z", "text": "serial A1", "headers": {}}
        cleared = {"time": "2026-01-01T00:00:20Z", "text": "serial A1", "headers": {"In-Reply-To": "<x>"}}
        mails = [raised, cleared]
        before = journey.parse_time("2026-01-01T00:00:00Z")

        self.assertIs(journey.find_mail(mails, "A1", before, is_clear=False), raised)
        self.assertIs(journey.find_mail(mails, "A1", before, is_clear=True), cleared)
        self.assertIsNone(journey.find_mail(mails, "B2", before, is_clear=False))
        self.assertIsNone(journey.find_mail(mails, "A1", before + 15, is_clear=False))

    def test_a_hop_is_told_with_its_time_since_the_device_and_since_the_hop_before(self):
        self.assertEqual(journey.line(journey.Hop("Kafka", 12.5, "x"), 10.0, 12.25).split(), "2500 ms (+250) Kafka x".split())
        self.assertEqual(journey.line(journey.Hop("Kafka", 12.0, "x"), 10.0, 12.25).split(), "2000 ms (-250) Kafka x".split())


if __name__ == "__main__":
    unittest.main()
