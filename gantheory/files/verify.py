"""Making samples again from their card, and comparing every bit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any

from gantheory.files.card import (
    CARD,
    README,
    SUMS,
    card_of,
    checksums,
    environment_of,
    hash_of,
    json_of,
    readme_of,
)
from gantheory.files.formats import head_of
from gantheory.files.placing import Output
from gantheory.files.recipe import Recipe


def verify_samples(folder: str | Path) -> tuple[str, ...]:
    """Make a folder of `write_samples` again, and return where it differs, a line each; ``()`` if nowhere.

    Samples are compared while they are drawn: that takes no disk and little memory. Raises `ValueError` for
    a card that cannot be read, `FileNotFoundError` without one.

    Example:
        >>> import gantheory as gt, tempfile
        >>> folder = gt.write_samples(gt.Grid(), 100, tempfile.mkdtemp() + "/grid", format="csv", splits=(1,))
        >>> file = folder / "train.csv"
        >>> _ = file.write_text(file.read_text()[:-5])
        >>> verify_samples(folder)
        ('train.csv: differs from byte ... on (row 100)',)
    """
    folder = Path(folder)
    stored = _stored_card(folder)
    made = stored["generate"]
    recipe = Recipe.from_block(made)
    differences, sums = [], {}
    for part, (start, stop) in recipe.parts().items():
        name = f"{part}.{recipe.format}"
        if not (folder / name).is_file():
            differences.append(f"{name}: is missing")
            continue
        with open(folder / name, "rb") as file:
            comparison = Comparison(file)
            recipe.write(comparison, start, stop)
            sums[name] = comparison.sha256
            at = comparison.first_difference()
        if at is not None:
            differences.append(f"{name}: differs from byte {at} on{_place(recipe, folder / name, at)}")
    if len(sums) == len(recipe.parts()):
        differences.extend(_compare_texts(folder, recipe, stored, sums))
    if differences:
        here = environment_of(recipe.format)
        then = made.get("environment", {})
        differences.extend(
            f"made with {name} {then.get(name)}, here it is {value}"
            for name, value in here.items()
            if then.get(name) != value
        )
    return tuple(differences)


class Comparison(Output):
    """Takes what a file should hold, and finds where it holds something else."""

    _differs: int | None = None

    def _take(self, data: memoryview) -> None:
        if self._differs is not None:
            return
        found = self._file.read(len(data))
        if found != data:
            same = min(len(found), len(data))
            at = next((i for i in range(same) if found[i] != data[i]), same)
            self._differs = self._at + at

    def first_difference(self) -> int | None:
        """Return the first byte that differs, or is missing or too many; `None` where the file is the same."""
        if self._differs is None and self._file.read(1):
            return self._at
        return self._differs


def _stored_card(folder: Path) -> dict[str, Any]:
    path = folder / CARD
    if not path.is_file():
        raise FileNotFoundError(f"{folder}: has no {CARD}, so it is no folder that `gantheory sample` wrote")
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as failure:
        raise ValueError(f"{path}: not a card: {failure}") from None
    if not isinstance(stored, dict) or not isinstance(stored.get("generate"), dict):
        raise ValueError(f"{path}: has no `generate` block, from which the samples could be made again")
    return stored


def _place(recipe: Recipe, path: Path, at: int) -> str:
    """Say which row, and where it can be told which column, a byte belongs to."""
    start, stop = recipe.parts()[path.stem]
    d, item = recipe.distribution.dim, recipe.numpy_dtype.itemsize
    if recipe.format == "csv":
        with path.open("rb") as file:
            return f" (row {sum(block.count(10) for block in _blocks(file, at))})"
    head = head_of(recipe.format, stop - start, d, recipe.numpy_dtype)
    if head is None or not head <= at < head + (stop - start) * d * item:
        return ""
    row, column = divmod((at - head) // item, d)
    return f" (row {row + 1}, column {column + 1})"


def _blocks(file, length: int) -> Iterator[bytes]:
    while length > 0 and (block := file.read(min(length, 1 << 20))):
        length -= len(block)
        yield block


def _compare_texts(folder: Path, recipe: Recipe, stored: Mapping, sums: Mapping[str, str]) -> Iterator[str]:
    """Yield where card, README and checksums are not those of the recipe."""
    card = card_of(recipe, sums, environment=stored["generate"].get("environment", {}))
    texts = {CARD: json_of(card), README: readme_of(card)}
    sums = {**sums, **{name: hash_of(text) for name, text in texts.items()}}
    for name, text in {**texts, SUMS: checksums(sums)}.items():
        if not (folder / name).is_file():
            yield f"{name}: is missing"
            continue
        found = (folder / name).read_text(encoding="utf-8", errors="replace")
        lines = zip_longest(found.splitlines(), text.splitlines())
        for number, (line, wanted) in enumerate(lines, 1):
            if line != wanted:
                yield f"{name}: line {number} is {line!r}, not {wanted!r}"
                break
