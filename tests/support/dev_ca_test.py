"""deploy/local/dev-ca: what it makes is what OpenSSL accepts, and each faulty leaf has exactly its fault."""

import pathlib
import re
import stat
import subprocess
import tempfile
import unittest

DEV_CA = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "local" / "dev-ca"


def verify(folder, leaf):
    """Returns OpenSSL's verdict on a leaf: "OK" or its first error."""
    command = ["openssl", "verify", "-auth_level", "2", "-crl_check", "-CRLfile", "ca.crl", "-CAfile", "ca.crt"]
    done = subprocess.run([*command, leaf], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return "OK"
    return re.search(r"lookup: (.*)", done.stdout + done.stderr).group(1)


class DevCaTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="platen-ca-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.run_ca()

    def run_ca(self, *args):
        subprocess.run([DEV_CA, self.folder, *args], check=True, capture_output=True)

    def text(self, leaf):
        command = ["openssl", "x509", "-noout", "-text", "-in", self.folder / leaf]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def test_every_part_gets_a_leaf_that_verifies_and_names_it(self):
        for name in ("gateway", "relay", "notifier", "collector", "platenctl", "partner"):
            self.assertEqual(verify(self.folder, f"{name}.crt"), "OK")
            self.assertIn(f"URI:spiffe://platen.test/{name}", self.text(f"{name}.crt"))
            self.assertIn(f"DNS:{name}.platen.test, DNS:localhost, IP Address:127.0.0.1", self.text(f"{name}.crt"))

    def test_keys_are_their_owners_only(self):
        for key in self.folder.glob("*.key"):
            self.assertEqual(stat.S_IMODE(key.stat().st_mode), 0o600, key.name)

    def test_a_second_run_changes_nothing(self):
        before = {path.name: path.read_bytes() for path in self.folder.glob("*.*")}

        self.run_ca()

        self.assertEqual({path.name: path.read_bytes() for path in self.folder.glob("*.*")}, before)

    def test_a_revoked_leaf_is_refused_until_the_next_run_issues_another(self):
        self.run_ca("revoke", "relay")
        self.assertEqual(verify(self.folder, "relay.crt"), "certificate revoked")

        self.run_ca()

        self.assertEqual(verify(self.folder, "relay.crt"), "OK")

    def test_a_stale_crl_is_refused_until_the_next_run_publishes_another(self):
        self.run_ca("crl", "stale")
        self.assertEqual(verify(self.folder, "relay.crt"), "CRL has expired")

        self.run_ca()

        self.assertEqual(verify(self.folder, "relay.crt"), "OK")

    def test_a_leaf_that_ends_within_a_week_is_renewed(self):
        self.run_ca("faulty", "expired", "gateway")
        for suffix in ("crt", "key"):
            (self.folder / f"gateway.expired.{suffix}").replace(self.folder / f"gateway.{suffix}")

        self.run_ca()

        self.assertEqual(verify(self.folder, "gateway.crt"), "OK")

    def test_each_faulty_leaf_has_its_fault(self):
        faults = {
            "expired": "certificate has expired",
            "sha1": "CA signature digest algorithm too weak",
            "wrong-ca": "unable to get local issuer certificate",
            "revoked": "certificate revoked",
            "rsa1024": "EE certificate key too weak",
        }
        for kind, verdict in faults.items():
            with self.subTest(kind):
                self.run_ca("faulty", kind, "gateway")

                self.assertEqual(verify(self.folder, f"gateway.{kind}.crt"), verdict)
        self.assertEqual(verify(self.folder, "gateway.crt"), "OK")
