"""The text of one record: values written so that reading them gives back the same bits."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from gantheory.estimate import Estimate


@dataclass(frozen=True)
class Record:
    """One finished cell as it is stored: what was asked, what came out, and how.

    Everything is text or plain data: ``study``, ``cell`` and ``key`` are the nouns' texts and ``source``
    the file or module where their classes are. The name depends on study, version and cell alone.
    """

    study: str
    version: int
    cell: str
    key: str
    source: str
    values: Mapping[str, Any]
    seconds: float
    finished: str
    environment: Mapping[str, Any]

    @property
    def name(self) -> str:
        return record_name(self.study, self.version, self.cell)

    def to_text(self) -> str:
        """Return the JSON text; raises `ValueError` for a value that JSON cannot keep without loss."""
        fields = {f.name: encode(getattr(self, f.name)) for f in dataclasses.fields(self)}
        return json.dumps({"gantheory record": 1, **fields}, allow_nan=False, indent=1)

    @staticmethod
    def from_text(text: str) -> Record:
        """Read a record back; raises `ValueError` where the text is torn or is something else."""
        try:
            fields = json.loads(text)
            if fields.pop("gantheory record") != 1:
                raise ValueError("it was written by a newer gantheory")
            return Record(**{name: decode(value) for name, value in fields.items()})
        except (KeyError, TypeError, AttributeError) as failure:
            raise ValueError(f"not a record: {type(failure).__name__}: {failure}") from None


def record_name(study: str, version: int, cell: str) -> str:
    """Return the record's name: 20 hexadecimal digits of the SHA-256 of ``study/version/cell``."""
    return hashlib.sha256(f"{study}/{version}/{cell}".encode()).hexdigest()[:20]


def encode(value: Any) -> Any:
    """Return plain JSON data for a value; what JSON lacks becomes a dict with one ``$`` name."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"$float": repr(float(value))}
    if isinstance(value, complex):
        return {"$complex": [encode(value.real), encode(value.imag)]}
    if isinstance(value, Mapping):
        return _encode_mapping(value)
    if isinstance(value, list):
        return [encode(item) for item in value]
    if isinstance(value, tuple):
        return {"$tuple": [encode(item) for item in value]}
    if isinstance(value, Estimate):
        return {"$estimate": {name: encode(getattr(value, name)) for name in _ESTIMATE}}
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufcSU":
        return _encode_array(value)
    if isinstance(value, torch.Tensor):
        flat = value.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
        dtype = str(value.dtype).removeprefix("torch.")
        return {"$tensor": _encode_bytes(dtype, value.shape, flat.numpy().tobytes())}
    raise ValueError(
        f"a record cannot keep {value!r:.80} of type {type(value).__name__}: return estimates, numbers, "
        "texts, booleans, None, arrays, tensors, and lists, tuples and dicts of those"
    )


_ESTIMATE = ("value", "stderr", "n", "floor", "dof")


def _encode_mapping(value: Mapping) -> dict[str, Any]:
    strange = [key for key in value if not isinstance(key, str)]
    if strange:
        raise ValueError(f"a record's names must be texts, got {strange[0]!r}")
    items = {key: encode(item) for key, item in value.items()}
    marked = any(key.startswith("$") for key in items)
    return {"$dict": list(items.items())} if marked else items


def _encode_array(value: np.ndarray) -> dict[str, Any]:
    if value.ndim == 0 and value.dtype == np.float64:  # an estimate of one number stays readable
        return {"$number": encode(value.item())}
    return {"$array": _encode_bytes(value.dtype.str, value.shape, value.tobytes())}


def _encode_bytes(dtype: str, shape, data: bytes) -> dict[str, Any]:
    return {"dtype": dtype, "shape": list(shape), "data": base64.b64encode(data).decode("ascii")}


def decode(data: Any) -> Any:
    """Return the value that `encode` wrote, with its type, shape and bits."""
    if isinstance(data, list):
        return [decode(item) for item in data]
    if not isinstance(data, dict):
        return data
    mark = next(iter(data), "")
    if not mark.startswith("$"):
        return {key: decode(item) for key, item in data.items()}
    if mark not in _DECODERS:
        raise ValueError(f"unknown mark {mark!r} in a record: it was written by a newer gantheory")
    return _DECODERS[mark](data[mark])


def _decode_array(data: dict[str, Any]) -> np.ndarray:
    flat = np.frombuffer(base64.b64decode(data["data"], validate=True), dtype=np.dtype(data["dtype"]))
    return flat.reshape(data["shape"]).copy()


def _decode_tensor(data: dict[str, Any]) -> torch.Tensor:
    dtype, raw = getattr(torch, data["dtype"]), bytearray(base64.b64decode(data["data"], validate=True))
    flat = torch.frombuffer(raw, dtype=dtype) if raw else torch.empty(0, dtype=dtype)
    return flat.reshape(data["shape"])


def _decode_estimate(data: dict[str, Any]) -> Estimate:
    fields = {name: decode(data[name]) for name in _ESTIMATE}
    return Estimate(fields.pop("value"), fields.pop("stderr"), **fields)


_DECODERS = {
    "$float": float,
    "$complex": lambda parts: complex(decode(parts[0]), decode(parts[1])),
    "$number": lambda number: np.array(decode(number), dtype=np.float64),
    "$tuple": lambda items: tuple(decode(item) for item in items),
    "$dict": lambda items: {key: decode(item) for key, item in items},
    "$array": _decode_array,
    "$tensor": _decode_tensor,
    "$estimate": _decode_estimate,
}
