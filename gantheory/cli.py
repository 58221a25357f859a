"""The command line: every verb is one call of the Python API, which is imported when a verb runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, CycloptsError, Parameter

import gantheory as gt
from gantheory.cli_simulate import simulate


app = App(
    name="gantheory",
    help="A laboratory for the theory of generative models.",
    version=gt.__version__,
    help_format="plaintext",
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)
app.command(simulate)
Preset = Literal["smoke", "small", "full"]


@app.command
def run(
    file: str | None = None,
    /,
    *,
    data: Path | None = None,
    preset: Preset = "small",
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    jobs: Annotated[int | None, Parameter(name=["--jobs", "-j"])] = None,
    seed: int = 0,
    dry_run: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Run a study, or resume it, and write its report; without FILE, the built-in tour.

    Parameters
    ----------
    file
        The study's Python file.
    data
        Your own points (CSV, npy, npz, parquet; one a row), for a study with a field `data`.
    preset
        How much to run: seconds, minutes, or all of it.
    output
        The folder of records and report; outputs/NAME by default. The same folder resumes.
    jobs
        Cells measured at the same time, each in a process of its own; as many as there are cores by default.
    seed
        The seed of the run's key.
    dry_run
        Print the cells, which of them are finished, and how long the rest may take.
    """
    from gantheory.study import Store, cells_of, find, with_data

    jobs = len(os.sched_getaffinity(0)) if jobs is None else jobs
    if jobs < 1:
        raise ValueError(f"jobs must be at least 1, got {jobs}")
    study = find(file)
    if data is not None:
        points = gt.Empirical.read(data)
        points.replace(part="test").points()  # too few rows to hold some out is said before anything runs
        study = with_data(study, points)
    folder = output or Path("outputs") / type(study).__name__.lower()
    if dry_run:
        from gantheory.cli_show import plan

        plan(Store(folder).read(study, cells_of(study, preset)), jobs)
        return 0
    results = gt.run(study, preset=preset, output=folder, jobs=jobs, key=gt.Key(seed))
    for note in results.notes:
        _complain(note)
    if results.failures:
        cells = "1 cell" if len(results.failures) == 1 else f"{len(results.failures)} cells"
        _complain(f"{cells} failed: the report has the reasons, the same command tries again")
    print(gt.write_report(study, results, folder / "report.html"))
    return 1 if results.failures else 0


@app.command
def status(folder: Path, /) -> int:
    """Show what an output folder holds: studies, finished cells, failures, the process that runs.

    Parameters
    ----------
    folder
        The folder that `gantheory run` wrote to.
    """
    from gantheory.cli_show import folder_status
    from gantheory.study import status as read_status

    folder_status(read_status(folder))
    return 0


@app.command
def report(
    folder: Path,
    /,
    *,
    preset: Preset | None = None,
    study: str | None = None,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
) -> int:
    """Write the report again, from the records alone.

    Parameters
    ----------
    folder
        The folder that `gantheory run` wrote to.
    preset
        The cells to report; by default the preset that is nearest to complete.
    study
        The study's Python file, where it is no longer where it was.
    output
        The page's path; report.html in the folder by default.
    """
    from gantheory.report import rebuild

    print(rebuild(folder, preset=preset, source=study, path=output))
    return 0


@app.command
def sample(
    expression: str | None = None,
    /,
    *,
    count: Annotated[int | None, Parameter(name=["--count", "-n"])] = None,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    seed: int = 0,
    dtype: Literal["float32", "float64"] = "float32",
    format: Literal["csv", "npy", "npz", "parquet", "safetensors"] = "npy",
    splits: str = "0.8,0.1,0.1",
    force: Annotated[bool, Parameter(negative=())] = False,
    verify: Path | None = None,
) -> int:
    """Draw samples of a distribution into a file, or into a folder with splits, a card and checksums.

    Parameters
    ----------
    expression
        The distribution as it prints itself, such as "Ring(modes=8)".
    count
        The number of samples.
    output
        A file, whose ending says what it is: .csv, .npy, .npz, .parquet or .safetensors; or a folder, a name
        without an ending.
    seed
        The seed of the key.
    dtype
        The kind of numbers.
    format
        The format of a folder's files.
    splits
        The shares of a folder's train, validation and test files; of two: train and test; of one: train.
    force
        Replace what exists.
    verify
        Make the samples of such a folder again, from its card, and say where any bit differs.
    """
    if verify is not None:
        if expression is not None or count is not None or output is not None:
            raise ValueError("--verify takes a folder and nothing else: its card says what to draw")
        differences = gt.verify_samples(verify)
        for line in differences:
            _complain(f"{verify}: {line}")
        if not differences:
            print(f"{verify}: every bit is the same")
        return 1 if differences else 0
    if expression is None or count is None or output is None:
        raise ValueError('sample needs a distribution, -n and -o, as in: sample "Ring()" -n 1000 -o ring.npy')
    law, shares = gt.parse(expression), tuple(_share(text) for text in splits.split(","))
    options = {"dtype": dtype, "format": format, "splits": shares, "force": force}
    print(gt.write_samples(law, count, output, **options, key=gt.Key(seed)))
    return 0


def _share(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(
            f"--splits must be numbers with commas, such as 0.8,0.1,0.1, but has {text!r}"
        ) from None


@app.command
def check(
    names: Sequence[str] = (),
    /,
    *,
    examples: int = 200,
    part: str = "",
    html: Path | None = None,
    jobs: Annotated[int | None, Parameter(name=["--jobs", "-j"])] = None,
    seed: int = 0,
) -> int:
    """Hunt for counterexamples of the claims, and check that their known-false neighbours fail.

    Parameters
    ----------
    names
        Classes of claims, or Python files of your own; all of the library's by default.
    examples
        The instances tried for each.
    part
        A part of the catalogue, such as B or B07.
    html
        Write the verdicts as a page, too.
    jobs
        Claims checked at the same time; as many as there are cores by default.
    seed
        The seed of the hunt.
    """
    from gantheory.cli_check import check_claims

    jobs = len(os.sched_getaffinity(0)) if jobs is None else jobs
    if jobs < 1:
        raise ValueError(f"jobs must be at least 1, got {jobs}")
    return check_claims(names, part=part, examples=examples, key=gt.Key(seed), jobs=jobs, html=html)


Kind = Literal[
    "distributions",
    "maps",
    "models",
    "normalisations",
    "games",
    "objectives",
    "penalties",
    "rules",
    "steps",
    "schedules",
    "ages",
    "metrics",
    "claims",
]


@app.command(name="list")
def list_names(kind: Kind | None = None, /) -> int:
    """List what there is, each with one line.

    Parameters
    ----------
    kind
        One kind; all by default.
    """
    from gantheory.cli_show import names_of

    names_of(kind)
    return 0


@app.command
def info() -> int:
    """Show versions, machine, and which kernels compute and why."""
    from gantheory.cli_show import machine

    machine()
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code: 0, 1 (a cell, claim or comparison failed), 2 (a user's error).

    75, 130 and 143 say that it was asked to stop. GANTHEORY_DEBUG=1 shows the traceback of an error.
    """
    try:
        return app(sys.argv[1:] if arguments is None else arguments, exit_on_error=False) or 0
    except CycloptsError:  # cyclopts has printed it
        return 2
    except KeyboardInterrupt as interrupt:
        _complain(str(interrupt) or "killed: the same command resumes")
        return getattr(interrupt, "exit_code", 130)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (ValueError, OSError, ImportError, MemoryError) as failure:
        if os.environ.get("GANTHEORY_DEBUG") == "1":
            raise
        _complain(" ".join(str(failure).split()))
        return 2


def _complain(text: str) -> None:
    print(f"gantheory: {text}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
