"""Rows about certificates: that expire, are exchanged, revoked, or were never any good."""

import contextlib
import pathlib
import subprocess
import time

import certificates
from laboratory import Setup
from platen_local.processes import Child, ProcessError
from table import row

_REFUSED = "platen_tls_peers_refused_total"
_RELOADS = "platen_certificate_reloads_total"
# The policy forbids to use it: so does OpenSSL, unless told so.
_WEAK = ("-cipher", "DEFAULT@SECLEVEL=0")


@row(
    12, "the gateway's certificate expires while it runs", "the open stream is cut, nobody comes in, metric and readiness say why; C L",
    at_least=[("certificate expired", 1)],
)  # fmt: skip
def expire_certificate(lab):
    folder = pathlib.Path(lab.plan.path("ca"))
    seconds = 25
    certificates.sign(folder, "gateway", lab.folder / "short" / "gateway", seconds)
    began = time.monotonic()
    _exchange(lab.folder / "short" / "gateway", folder / "gateway")
    lab.wait(lambda: certificates.is_served(lab.plan.ports["gateway-grpc"], folder / "gateway.crt"), "the new certificate to be shown")
    lab.require(time.monotonic() - began < seconds, "the certificate had expired before it was shown")
    # An open connection goes on with what it was opened with: only a new one is opened with the short-lived one.
    lab.kill("relay")
    lab.start("relay")
    lab.ready("relay")
    lab.require(time.monotonic() - began < seconds, "the certificate had expired before the relay came")
    lab.wait(lambda: lab.metric("relay", _REFUSED, 'reason="expired"') > 0, "the relay to refuse the gateway")
    lab.faults["certificate expired"] += 1
    lab.figures["the open stream was cut, s after expiry"] = round(time.monotonic() - began - seconds)
    why = lab.wait(lambda: [why for why in lab.parts.readiness("relay") or [] if "expired" in why], "the relay's readiness to say why")
    lab.figures["the relay's readiness"] = why[0][:200]
    lab.wait(lambda: lab.metric("gateway", "platen_certificate_accepted") == 0, "the gateway to say that it will be refused")
    stored = len(lab.store.read().order)
    lab.go_on_between(2, 5)
    # What was on its way when the stream was cut may have come in; nothing new.
    lab.require(len(lab.store.read().order) - stored < 100, "events come in over a connection that nobody trusts")
    with contextlib.suppress(ProcessError):
        lab.control.devices()
        lab.require(False, "platenctl spoke to a gateway whose certificate has expired")
    certificates.dev_ca(folder, "issue", "gateway")
    lab.recovers("renewal")


@row(
    13, "certificates and their authority are exchanged under load, also for half a file and a key that does not fit",
    "no event fails; what can't be used is counted, and the former files stay; C L",
    Setup(devices=36), at_least=[("certificates exchanged", 3), ("authority exchanged", 2), ("half a file", 1), ("key of another", 1)],
)  # fmt: skip
def exchange_certificates(lab):
    folder = pathlib.Path(lab.plan.path("ca"))
    # An authority of another name: see docs/known-gaps.md for two of one name.
    certificates.dev_ca(folder, "faulty", "wrong-ca", "relay")
    other = folder / "other"
    mounts = _mount(lab, folder)
    lab.passes(300)
    reconnects = lab.metric("relay", "platen_relay_reconnects_total")
    former = {"ca.crt": (folder / "ca.crt").read_bytes(), "ca.crl": (folder / "ca.crl").read_bytes()}
    latter = {"ca.crt": (other / "ca.crt").read_bytes(), "ca.crl": (other / "ca.crl").read_bytes()}
    both = {name: former[name] + latter[name] for name in former}

    for number in range(lab.times(3, 1)):
        for name, mount in mounts.items():
            _put_anew(lab, mount, folder, name, former, f"renewal-{number}")
        lab.faults["certificates exchanged"] += 1
    _spoil(lab, mounts["gateway"], former)
    # Both are trusted, then all show the latter's, then only the latter is trusted.
    for name, mount in mounts.items():
        _put(lab, name, mount, {**_pair(mount), **both})
    for name, mount in mounts.items():
        _put_anew(lab, mount, other, name, both, "of-the-other")
    lab.faults["authority exchanged"] += 1
    lab.go_on_between(1, 3)
    for name in mounts:
        # Whoever looks at the gateway's certificate here has none itself, and hangs up.
        ours = sum(lab.metric(name, _REFUSED, f'reason="{reason}"') for reason in ("no_certificate", "handshake"))
        refused = lab.metric(name, _REFUSED) - ours
        lab.require(refused == 0, f"{name} refused a peer while certificates were exchanged in order", refused, ours)
    # Streams that were opened under the former authority are cut now, and opened anew.
    for name, mount in mounts.items():
        _put(lab, name, mount, {**_pair(mount), **latter})
    lab.faults["authority exchanged"] += 1
    lab.recovers("exchange of the authority")
    lab.figures["streams opened anew"] = int(lab.metric("relay", "platen_relay_reconnects_total") - reconnects)
    lab.require(lab.metric("relay", "platen_relay_refused_total") == 0, "the gateway refused events")
    # Behind this row, platenctl speaks for the former authority: give all of it back.
    for name, mount in mounts.items():
        _put(lab, name, mount, {**_pair(mount), **both})
    for name, mount in mounts.items():
        _put_anew(lab, mount, folder, name, both, "back")


def _mount(lab, folder):
    """Leads gateway and relay to their certificates as Kubernetes mounts them; {part: Mounted}."""
    mounts = {}
    for name in ("gateway", "relay"):
        mounts[name] = certificates.Mounted(lab.folder / f"mounted-{name}")
        mounts[name].put(
            {"tls.crt": (folder / f"{name}.crt").read_bytes(), "tls.key": (folder / f"{name}.key").read_bytes(),
             "ca.crt": (folder / "ca.crt").read_bytes(), "ca.crl": (folder / "ca.crl").read_bytes()}
        )  # fmt: skip
        config = lab.parts.config(name)
        files = {"cert_file": "tls.crt", "key_file": "tls.key", "ca_file": "ca.crt", "crl_file": "ca.crl"}
        config["tls"] |= {field: mounts[name].path(file) for field, file in files.items()}
        lab.parts.configure(name, config)
        lab.require(lab.parts.stop(name) == 0, f"{name} did not stop in order")
        lab.start(name)
        lab.ready(name)
    return mounts


def _pair(mount):
    return {name: pathlib.Path(mount.path(name)).read_bytes() for name in ("tls.crt", "tls.key")}


def _put(lab, name, mount, files):
    """Exchanges all files at once; returns when the part has taken them over."""
    before = lab.metric(name, _RELOADS, 'result="taken"')
    mount.put(files)
    lab.wait(lambda: lab.metric(name, _RELOADS, 'result="taken"') > before, f"{name} to take new files over")
    if name == "gateway":
        shown = mount.path("tls.crt")
        lab.wait(lambda: certificates.is_served(lab.plan.ports["gateway-grpc"], shown), "the gateway to show its new certificate")


def _put_anew(lab, mount, authority, name, trusted, word):
    """The same with a new certificate of this authority."""
    made = lab.folder / word / name
    certificates.sign(authority, name, made)
    _put(lab, name, mount, {"tls.crt": made.with_suffix(".crt").read_bytes(), "tls.key": made.with_suffix(".key").read_bytes(), **trusted})


def _spoil(lab, mount, trusted):
    """What can't be used changes nothing, and is counted."""
    shown = certificates.served(lab.plan.ports["gateway-grpc"])
    good = _pair(mount)
    certificates.sign(lab.plan.path("ca"), "gateway", lab.folder / "unfit" / "gateway")
    unfit = (lab.folder / "unfit" / "gateway.key").read_bytes()
    half = {**good, "tls.crt": good["tls.crt"][: lab.random.randrange(40, len(good["tls.crt"]) - 40)]}
    for fault, files in (("half a file", half), ("key of another", {**good, "tls.key": unfit})):
        before = lab.metric("gateway", _RELOADS, 'result="refused"')
        mount.put({**files, **trusted})
        lab.wait(lambda begin=before: lab.metric("gateway", _RELOADS, 'result="refused"') > begin, f"{fault} to be refused")
        lab.faults[fault] += 1
        lab.require(certificates.served(lab.plan.ports["gateway-grpc"]) == shown, f"{fault}: the former certificate is not shown any more")
        lab.recovers(fault)
    mount.put({**good, **trusted})


def _exchange(made, place):
    """Puts OUT.key and OUT.crt in place of others; between the two they do not fit, and the former stay."""
    for suffix in (".key", ".crt"):
        made.with_suffix(suffix).replace(place.with_suffix(suffix))


# --- who is refused -------------------------------------------------------------------------------------------------------------


@row(
    14, "revoked, expired, foreign, self-signed, weak, old or no certificates, on either side; a revocation list that "
    "is stale, missing, gone",
    "S: each is refused and counted; a connected peer is cut; others go on; C",
    at_least=[
        ("clients refused", 9), ("gateways refused", 7), ("connected peer revoked", 1), ("stale list", 1), ("missing list", 1),
        ("list's file removed", 1),
    ],
)  # fmt: skip
def refuse_strangers(lab):
    folder = pathlib.Path(lab.plan.path("ca"))
    pairs = _strangers(lab, folder)
    lab.go_on(3)  # Files are looked at every 2 s: the gateway knows by then who is revoked.
    stored = len(lab.store.read().order)
    for kind, (pair, reasons, words) in pairs.items():
        _come_as(lab, kind, pair, reasons, words)
    lab.require(len(lab.store.read().order) > stored, "nothing came in while strangers knocked")
    _ask_as_stranger(lab, folder)
    lab.recovers("strangers")
    _revoke_relay(lab, folder)
    _age_list(lab, folder)
    _miss_list(lab, folder)
    for kind, (pair, reasons, words) in _false_gateways(lab, folder, pairs).items():
        _serve_as(lab, kind, pair, reasons, words)
    lab.start("gateway")
    lab.ready("gateway")
    lab.recovers("false gateways")


def _strangers(lab, folder):
    """{kind: (pair, reasons that may be counted, words for openssl)}."""
    made = {}
    reasons = {"expired": "expired", "revoked": "revoked", "wrong-ca": "untrusted", "sha1": "weak_signature", "rsa1024": "weak_key"}
    for kind, reason in reasons.items():
        certificates.dev_ca(folder, "faulty", kind, "relay")
        # What is weak, OpenSSL may end in the handshake, before our own judge comes to it.
        others = ("handshake",) if reason.startswith("weak") else ()
        made[kind] = (folder / f"relay.{kind}", (reason, *others), _WEAK)
    certificates.sign_itself(folder, "relay", lab.folder / "strangers" / "itself")
    made["self-signed"] = (lab.folder / "strangers" / "itself", ("untrusted",), _WEAK)
    made["no certificate"] = (None, ("no_certificate",), ())
    made["TLS 1.0"] = (folder / "platenctl", ("no_common_version",), ("-tls1", *_WEAK))
    made["TLS 1.1"] = (folder / "platenctl", ("no_common_version",), ("-tls1_1", *_WEAK))
    return made


def _come_as(lab, kind, pair, reasons, words):
    before = {reason: lab.metric("gateway", _REFUSED, f'reason="{reason}"') for reason in reasons}
    shown = ["-cert", _with(pair, ".crt"), "-key", _with(pair, ".key")] if pair else []
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{lab.plan.ports['gateway-grpc']}", "-alpn", "h2", *shown, *words]
    client = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        # Its own end: the gateway hangs up, whatever is not said.
        lab.wait(lambda: client.poll() is not None, f"the gateway to hang up on {kind}")
        lab.wait(lambda: any(lab.metric("gateway", _REFUSED, f'reason="{reason}"') > before[reason] for reason in reasons),
                 f"{kind} to be counted as refused for {reasons}")  # fmt: skip
    finally:
        client.kill()
        client.communicate()
    lab.faults["clients refused"] += 1


def _ask_as_stranger(lab, folder):
    """Whose certificate is good and names nobody that the gateway knows."""
    certificates.dev_ca(folder, "issue", "stranger")
    context = lab.folder / "stranger.yaml"
    text = (lab.plan.state / "platenctl.yaml").read_text()
    context.write_text(text.replace("/platenctl.", "/stranger."))
    command = [lab.plan.program("platenctl"), "--context", context, "devices", "list"]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    lab.require(done.returncode != 0 and "stranger" in done.stderr, "a stranger with a good certificate was let in", done.stderr[:300])
    lab.faults["clients refused"] += 1


def _revoke_relay(lab, folder):
    """While it is connected. It goes on with a new certificate, without a restart."""
    certificates.dev_ca(folder, "revoke", "relay")
    began = time.monotonic()
    lab.wait(lambda: lab.metric("gateway", _REFUSED, 'reason="revoked"') > 0 and lab.metric("relay", "platen_relay_stream_up") == 0,
             "the revoked relay to be cut")  # fmt: skip
    took = time.monotonic() - began
    lab.figures["a revoked peer was cut after, s (files are looked at every 2)"] = round(took, 1)
    lab.require(took < 60, "a revoked peer was not cut within a minute")
    lab.faults["connected peer revoked"] += 1
    lab.go_on_between(1, 3)
    certificates.dev_ca(folder, "issue", "relay")
    lab.recovers("revocation")


def _age_list(lab, folder):
    certificates.dev_ca(folder, "crl", "stale")
    lab.wait(lambda: lab.metric("gateway", _REFUSED, 'reason="crl_stale"') > 0, "the gateway to refuse all with a stale list")
    lab.wait(lambda: lab.metric("relay", "platen_relay_stream_up") == 0, "streams to be cut")
    lab.faults["stale list"] += 1
    lab.go_on_between(1, 3)
    certificates.dev_ca(folder, "crl")
    lab.recovers("stale list")


def _miss_list(lab, folder):
    """A list of another authority says nothing of ours: everybody is refused. Without a file the former list stays."""
    list_ = folder / "ca.crl"
    former = list_.read_bytes()
    list_.write_bytes((folder / "other" / "ca.crl").read_bytes())
    lab.wait(lambda: lab.metric("gateway", _REFUSED, 'reason="crl_missing"') > 0, "the gateway to refuse all without a list")
    lab.wait(lambda: lab.metric("relay", "platen_relay_stream_up") == 0, "streams to be cut")
    lab.faults["missing list"] += 1
    list_.write_bytes(former)
    lab.recovers("missing list")
    before = lab.metric("gateway", _RELOADS, 'result="refused"')
    list_.unlink()
    lab.wait(lambda: lab.metric("gateway", _RELOADS, 'result="refused"') > before, "the gateway to count that its list is gone")
    lab.faults["list's file removed"] += 1
    lab.recovers("removal of the list's file")
    list_.write_bytes(former)


def _false_gateways(lab, folder, strangers):
    made = {kind: strangers[kind] for kind in ("expired", "revoked", "wrong-ca", "sha1", "rsa1024", "self-signed")}
    certificates.sign(folder, "elsewhere", lab.folder / "strangers" / "elsewhere", names="DNS:elsewhere.platen.test")
    made["another name"] = (lab.folder / "strangers" / "elsewhere", ("wrong_name",), ())
    made["TLS 1.1"] = (folder / "gateway", ("no_common_version", "handshake"), ("-tls1_1", *_WEAK))
    return made


def _serve_as(lab, kind, pair, reasons, words):
    """In the gateway's place listens who shows this."""
    if lab.parts.is_running("gateway"):
        lab.kill("gateway")
    before = {reason: lab.metric("relay", _REFUSED, f'reason="{reason}"') for reason in reasons}
    command = ["openssl", "s_server", "-accept", lab.plan.ports["gateway-grpc"], "-alpn", "h2", "-quiet", "-cert", _with(pair, ".crt"),
               "-key", _with(pair, ".key"), "-Verify", "1", "-CAfile", lab.plan.path("ca", "ca.crt"), *words]  # fmt: skip
    server = Child(f"false-gateway-{kind}", command, lab.folder / "false-gateways.log.txt")
    try:
        lab.wait(lambda: any(lab.metric("relay", _REFUSED, f'reason="{reason}"') > before[reason] for reason in reasons),
                 f"the relay to refuse a gateway: {kind}, for {reasons}")  # fmt: skip
        # What the relay shows of itself is up to a second old: it may be the stream to the gateway that was killed.
        lab.wait(lambda: lab.metric("relay", "platen_relay_stream_up") == 0, f"the relay to have no stream to a false gateway: {kind}")
    finally:
        server.kill()
    lab.faults["gateways refused"] += 1


def _with(pair, suffix):
    """Names have dots: with_suffix() would eat a kind."""
    return f"{pair}{suffix}"
