"""Certificates with which rows about trust do harm: short-lived, of another authority, for another name, by themselves."""

import datetime
import os
import pathlib
import shutil
import ssl
import subprocess

from laboratory import SOURCE

_DEV_CA = SOURCE / "deploy" / "local" / "dev-ca"
_LEAF = """basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = {names}
subjectKeyIdentifier = hash
"""


def dev_ca(folder, *words):
    """Runs deploy/local/dev-ca."""
    _run(_DEV_CA, folder, *words)


def names_of(name):
    """What a certificate of Platen's parts calls itself here."""
    return f"DNS:{name}.platen.test, DNS:localhost, IP:127.0.0.1, URI:spiffe://platen.test/{name}"


def sign(folder, name, out, seconds=86400, names=None):
    """Makes OUT.crt and OUT.key, signed by the authority in `folder`, valid for so long from now."""
    folder, out = pathlib.Path(folder), pathlib.Path(out)
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    out.parent.mkdir(exist_ok=True)
    extensions = out.with_suffix(".cnf")
    extensions.write_text(_LEAF.format(names=names or names_of(name)))
    request = _request(folder, name, out)
    _run("openssl", "ca", "-batch", "-notext", "-config", folder / "issued" / "openssl.cnf", "-extfile", extensions, "-in", request,
         "-out", out.with_suffix(".crt"), "-enddate", until.strftime("%Y%m%d%H%M%SZ"))  # fmt: skip


def sign_itself(folder, name, out):
    """The same, by nobody but itself."""
    out = pathlib.Path(out)
    out.parent.mkdir(exist_ok=True)
    request = _request(pathlib.Path(folder), name, out)
    _run("openssl", "x509", "-req", "-in", request, "-signkey", out.with_suffix(".key"), "-days", "1", "-out", out.with_suffix(".crt"))


def _request(folder, name, out):
    _run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", out.with_suffix(".key"))
    request = out.with_suffix(".csr")
    _run("openssl", "req", "-new", "-key", out.with_suffix(".key"), "-subj", f"/O=Platen development/CN={name}", "-config",
         folder / "issued" / "openssl.cnf", "-out", request)  # fmt: skip
    return request


def served(port):
    """The certificate that a server shows now."""
    return ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", port), timeout=10))


def is_served(port, certificate):
    """Whether that is what stands in this file."""
    try:
        return served(port) == ssl.PEM_cert_to_DER_cert(pathlib.Path(certificate).read_text())
    except (OSError, ValueError):
        return False


class Mounted:
    """Files as Kubernetes mounts a secret: links into a directory that is exchanged whole."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self._versions = 0

    def put(self, files):
        """{name: bytes}: all of them at once, in place of those before."""
        self._versions += 1
        version = self.folder / f"..version-{self._versions}"
        version.mkdir()
        for name, content in files.items():
            (version / name).write_bytes(content)
            if not (self.folder / name).is_symlink():
                os.symlink(f"..data/{name}", self.folder / name)
        os.symlink(version.name, self.folder / "..next")
        os.rename(self.folder / "..next", self.folder / "..data")
        before = self.folder / f"..version-{self._versions - 1}"
        if before.exists():
            shutil.rmtree(before)

    def path(self, name):
        return str(self.folder / name)


def _run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{words[0]}: {(done.stderr or done.stdout).strip()}")
