"""Writes the little YAML that configuration files need: mappings, lists, scalars. Strings are quoted as JSON does."""

import json


def to_yaml(value, indent=0):
    """Text of a mapping or a list, with a line end."""
    pad = " " * indent
    lines = []
    if isinstance(value, dict):
        for key, inner in value.items():
            lines.append(f"{pad}{key}:{_after(inner, indent)}")
    else:
        for inner in value:
            if isinstance(inner, dict):
                lines.append(f"{pad}- {to_yaml(inner, indent + 2).lstrip().rstrip()}")
            else:
                lines.append(f"{pad}- {_scalar(inner)}")
    return "\n".join(lines) + "\n"


def _after(value, indent):
    if isinstance(value, (dict, list)):
        return "\n" + to_yaml(value, indent + 2).rstrip("\n") if value else (" {}" if isinstance(value, dict) else " []")
    return " " + _scalar(value)


def _scalar(value):
    return json.dumps(str(value) if not isinstance(value, (bool, int, float, str)) else value, ensure_ascii=False)
