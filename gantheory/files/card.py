"""The card of a folder of samples: what they are, every fact about their law, and how they were made."""

from __future__ import annotations

import inspect
import json
import math
import platform
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from hashlib import sha256
from importlib.metadata import version
from typing import Any

import numpy as np
import torch

from gantheory.distributions import Facts
from gantheory.files.formats import FORMATS
from gantheory.files.recipe import SPLITS, Recipe
from gantheory.ops import native
from gantheory.random import DRAWS


CARD, README, SUMS = "card.json", "README.md", "SHA256SUMS"
NAMES = {CARD, README, SUMS, *(f"{name}.{ending}" for name in SPLITS[3] for ending in FORMATS)}
"""The names of all files that a folder of samples may hold."""


def card_of(recipe: Recipe, sums: Mapping[str, str], *, environment: Mapping | None = None) -> dict[str, Any]:
    """Return the card as plain values, of the recipe and the files' SHA-256."""
    law, item = recipe.distribution, recipe.numpy_dtype.itemsize
    files = {}
    for name, (start, stop) in recipe.parts().items():
        file = f"{name}.{recipe.format}"
        files[file] = {"rows": stop - start, "sha256": sums[file]}
    return {
        "distribution": repr(law),
        "summary": (inspect.getdoc(type(law)) or "").partition("\n\n")[0].replace("\n", " "),
        "dimension": law.dim,
        "numbers": f"{recipe.dtype}, {item} bytes, little-endian",
        "files": files,
        "facts": facts_of(law.facts()),
        "generate": {**recipe.block(), "environment": dict(environment or environment_of(recipe.format))},
    }


def environment_of(format: str) -> dict[str, str | int]:
    """Return what the bits of samples may depend on, beside their recipe.

    Keys draw the same bits everywhere, as long as ``draws`` is the same; functions such as the cosine are
    torch's, and the processor's instructions may change their last bit.
    """
    found: dict[str, str | int] = {
        "gantheory": version("gantheory"),
        "draws": DRAWS,
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "machine": platform.machine(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "backend": native.backend(),
    }
    return found | ({"pyarrow": version("pyarrow")} if format == "parquet" else {})


def facts_of(facts: Facts) -> dict[str, dict[str, Any]]:
    """Return every fact as plain values: its value with its error, or the reason why there is none."""
    found = {}
    for field in fields(facts):
        fact = getattr(facts, field.name)
        if fact.value is None:
            found[field.name] = {"value": None, "reason": fact.reason}
        else:
            found[field.name] = {"value": _plain(fact.value, field.name), "error": float(fact.error)}
            if fact.reason:
                found[field.name]["reason"] = fact.reason
    return found


def _plain(value: Any, name: str) -> Any:
    """Return a fact's value in JSON's terms; what has no number there is a text."""
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name), name) for field in fields(value)}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist(), name)
    if isinstance(value, (list, tuple)):
        return [_plain(item, name) for item in value]
    if callable(value):
        return f"a function: facts().{name}.value(...)"
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else str(float(value))
    return value.item() if isinstance(value, np.generic) else value


def json_of(card: Mapping[str, Any]) -> str:
    """Return the card's text for programs."""
    return json.dumps(card, indent=1, allow_nan=False) + "\n"


def hash_of(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal."""
    return sha256(text.encode()).hexdigest()


def checksums(sums: Mapping[str, str]) -> str:
    """Return checksums as ``sha256sum -c`` reads them."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))


def readme_of(card: Mapping[str, Any]) -> str:
    """Return the card's text for people."""
    made, count = card["generate"], sum(file["rows"] for file in card["files"].values())
    first = next(iter(card["files"]))
    splits = ",".join(map(repr, made["splits"]))
    command = f'gantheory sample "{made["expression"]}" -n {made["count"]} --seed {made["seed"]}'
    lines = [
        f"# {card['distribution']}",
        "",
        card["summary"],
        "",
        f"{count:,} independent samples in {card['dimension']} dimension(s), {card['numbers']}.",
        "",
        *_table("file", "rows", "SHA-256"),
        *(_row(name, f"{file['rows']:,}", file["sha256"]) for name, file in card["files"].items()),
        "",
        "## Facts",
        "",
        "An error of 0 means exact. Entropies are in nats. `card.json` has all values in full.",
        "",
        *_table("fact", "value", "error", "reason"),
        *(_row(name, *_cells(fact)) for name, fact in card["facts"].items()),
        "",
        "## How to read, and how it was made",
        "",
        f'    import gantheory as gt; points = gt.Empirical.read("{first}").points()',
        f"    {command} --dtype {made['dtype']} --format {made['format']} --splits {splits} -o FOLDER",
        "    gantheory sample --verify FOLDER    # makes it again and compares every bit",
        "",
    ]
    if made["path"] != "()":
        lines.insert(-3, f"    # (the key is Key({made['seed']}, {made['path']}), which only Python can say)")
    return "\n".join(lines)


def _cells(fact: Mapping[str, Any]) -> tuple[str, str, str]:
    if fact["value"] is None:
        return "", "", fact["reason"]
    text = fact["value"] if isinstance(fact["value"], str) else json.dumps(fact["value"])
    if len(text) > 80:
        text = f"{len(np.ravel(_numbers(fact['value'])))} numbers, in card.json"
    return text, f"{fact['error']:.2g}", fact.get("reason", "")


def _numbers(value: Any) -> list:
    if isinstance(value, Mapping):
        return [number for item in value.values() for number in _numbers(item)]
    return [number for item in value for number in _numbers(item)] if isinstance(value, list) else [value]


def _table(*names: str) -> tuple[str, str]:
    return _row(*names), _row(*("---" for _ in names))


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
