"""What each service of a local installation is told: its configuration file (proto/platen/config/v1), as dictionaries."""


def kafka(plan):
    """The broker, as every service is told of it."""
    return {"bootstrap_servers": f"127.0.0.1:{plan.ports['kafka']}"}


def tls(plan, name):
    """Certificate of `name` and who it trusts."""
    return {
        "cert_file": plan.path("ca", f"{name}.crt"),
        "key_file": plan.path("ca", f"{name}.key"),
        "ca_file": plan.path("ca", "ca.crt"),
        "crl_file": plan.path("ca", "ca.crl"),
        "reload_interval": "2s",
    }


def _common(plan, name):
    return {
        "admin": {"listen": f"127.0.0.1:{plan.ports[name]}"},
        "log": {"format": "text", "level": "info"},
        "drain_timeout": "10s",
    }


def gateway(plan):
    """Registry, store and partner API."""
    return {
        "instance": "gateway",
        "listen": f"127.0.0.1:{plan.ports['gateway-grpc']}",
        "tls": tls(plan, "gateway"),
        "store": {"sqlite_file": plan.path("gateway", "gateway.sqlite")},
        "clients": [
            {"name": "relay", "role": "relay", "installation": "default"},
            {"name": "platenctl", "role": "administrator"},
            {"name": "partner", "role": "partner"},
        ],
        "acknowledge_page": {"listen": f"127.0.0.1:{plan.ports['links']}", "key_file": plan.path("secrets", "link-keys")},
        **_common(plan, "gateway"),
    }


def relay(plan):
    """One route, to the gateway."""
    return {
        "instance": "relay",
        "installation": "default",
        "kafka": kafka(plan),
        "routes": [
            {"name": "default", "gateway": f"localhost:{plan.ports['gateway-grpc']}", "directives": True},
        ],
        "tls": tls(plan, "relay"),
        "state_dir": plan.path("relay"),
        **_common(plan, "relay"),
    }


def notifier(plan):
    """One mailbox and one webhook, told of everything, or by the plan's rules; then with a mailbox for supplies."""
    by_rules = {"rules_file": plan.rules_file, "contact_receiver": "service-desk"} if plan.rules_file else {}
    return {
        "instance": "notifier",
        "kafka": kafka(plan),
        "state_dir": plan.path("notifier"),
        "receivers": [
            _mailbox(plan, "service-desk"),
            *([_mailbox(plan, "replenishment")] if plan.rules_file else []),
            {
                "name": "ticket-system",
                "webhook": {
                    "url": f"http://127.0.0.1:{plan.ports['webhooks']}/tickets",
                    "signing_key": {"secret_file": plan.path("secrets", "webhook-key")},
                    "allow_plaintext": True,
                    "allow_private_addresses": True,
                },
            },
        ],
        "acknowledge_links": {
            "url": f"http://127.0.0.1:{plan.ports['links']}",
            "key_file": plan.path("secrets", "link-keys"),
        },
        **by_rules,
        **_common(plan, "notifier"),
    }


def _mailbox(plan, name):
    return {
        "name": name,
        "email": {
            "server": f"smtp://127.0.0.1:{plan.ports['mail']}",
            "from": "Platen <platen@platen.test>",
            "to": [f"{name}@platen.test"],
            "allow_plaintext": True,
        },
    }


def collector(plan, name):
    """A poller of the one group."""
    notifications = {"notifications": {"listen": f"127.0.0.1:{plan.ports[name]}"}} if plan.notifications else {}
    return {
        "instance": name,
        "kafka": kafka(plan),
        "state_dir": plan.path(name),
        "profiles_dir": str(plan.root / "profiles"),
        "credentials": {"default": {"secret_file": plan.path("secrets", "snmp-community")}},
        "snmp_users": {
            "default": {
                "name": "fleet",
                "authentication": "sha256",
                "authentication_password": {"secret_file": plan.path("secrets", "snmp-auth")},
                "privacy": "aes128",
                "privacy_password": {"secret_file": plan.path("secrets", "snmp-priv")},
            }
        },
        "schedule": dict(plan.schedule),
        **notifications,
        **_common(plan, name),
    }


def platenctl(plan):
    """Context of an administrator's platenctl."""
    return {
        "gateway": f"localhost:{plan.ports['gateway-grpc']}",
        "tls": tls(plan, "platenctl"),
        "kafka": kafka(plan),
        "tenant": "acme",
        "site": "headquarters",
    }
