"""Samples of a distribution as a file, or as a folder with splits, a card and checksums."""

from __future__ import annotations

from pathlib import Path

from gantheory.distributions import Distribution
from gantheory.files.card import CARD, NAMES, README, SUMS, card_of, checksums, hash_of, json_of, readme_of
from gantheory.files.formats import FORMATS
from gantheory.files.placing import Output, check_place, placed
from gantheory.files.recipe import Recipe
from gantheory.random import Key


def write_samples(
    distribution: Distribution,
    count: int,
    path: str | Path,
    *,
    dtype: str = "float32",
    format: str = "npy",
    splits: tuple[float, ...] = (0.8, 0.1, 0.1),
    force: bool = False,
    key: Key | None = None,
) -> Path:
    """Write ``count`` samples to a file, or to a folder with splits, a card and checksums.

    A path that ends in .csv, .npy, .npz, .parquet or .safetensors is a file, with columns x0, x1, ... or the
    array ``x``. A path without an ending is a folder: its files, of the given ``format``, are train, validation
    and test (of two ``splits`` train and test, of one train); `README.md` states every fact for people and
    `card.json` for programs, with the recipe by which `verify_samples` makes it all again; `SHA256SUMS` has
    the checksums.

    Samples are drawn and written in pieces, so the memory does not grow with ``count``. What is made
    appears whole or not at all. A ``key`` of `None` is ``Key(0)``; ``force`` replaces a file, or a folder
    that holds nothing but samples.

    Raises `ValueError` for wrong arguments and for what exists without ``force``, `OSError` for what does
    not fit or cannot be written.

    Example:
        >>> import gantheory as gt, tempfile
        >>> folder = write_samples(gt.Ring(), 1000, tempfile.mkdtemp() + "/ring")
        >>> sorted(path.name for path in folder.iterdir())
        ['README.md', 'SHA256SUMS', 'card.json', 'test.npy', 'train.npy', 'validation.npy']
        >>> gt.verify_samples(folder)
        ()
    """
    path, key = Path(path), Key() if key is None else key
    ending = path.suffix.lower().removeprefix(".")
    if not ending or path.is_dir():
        recipe = Recipe(distribution, count, key, dtype, format, tuple(map(float, splits)))
        return _write_folder(recipe, path, force)
    if ending not in FORMATS:
        raise ValueError(f"{path}: cannot write {path.suffix}: give one of {', '.join(FORMATS)}, or a folder")
    recipe = Recipe(distribution, count, key, dtype, ending)
    if path.exists() and not force:
        raise ValueError(f"{path} exists: --force (force=True) replaces it")
    check_place(path, need=recipe.bytes())
    with placed(path) as temporary, open(temporary, "xb") as file:
        recipe.write(Output(file), 0, count)
    return path


def _write_folder(recipe: Recipe, path: Path, force: bool) -> Path:
    found = {file.name for file in path.iterdir()} if path.is_dir() else set()
    if path.exists() and not force and (found or not path.is_dir()):
        raise ValueError(f"{path} exists: --force (force=True) replaces it")
    foreign = sorted(name for name in found if name not in NAMES)
    if foreign:
        raise ValueError(
            f"{path} holds {foreign[0]!r}, which no samples do: remove it, or take another folder"
        )
    if path.exists() and not path.is_dir():
        raise ValueError(f"{path} is a file: remove it, or take another name")
    check_place(path, need=recipe.bytes())
    with placed(path) as temporary:
        temporary.mkdir()
        sums = {}
        for name, (start, stop) in recipe.parts().items():
            with open(temporary / f"{name}.{recipe.format}", "xb") as file:
                output = Output(file)
                recipe.write(output, start, stop)
            sums[f"{name}.{recipe.format}"] = output.sha256
        card = card_of(recipe, sums)
        texts = {CARD: json_of(card), README: readme_of(card)}
        sums |= {name: hash_of(text) for name, text in texts.items()}
        for name, text in {**texts, SUMS: checksums(sums)}.items():
            (temporary / name).write_text(text, encoding="utf-8", newline="\n")
    return path
