"""Compiles the very .cu files of csrc/ for the CPU, against the execution model in this folder.

``python -m tests.cuda_host.build [--sanitize] [SOURCE.cu ...]`` prints the path of the shared library; further
sources are compiled in with it. Libraries are kept under build/ by the hash of all that went into them.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
FLAGS = [
    "-std=c++17",
    "-g1",
    "-fPIC",
    "-DGT_ISA=cuda",
    "-ffp-contract=off",
    "-Wall",
    "-Wextra",
    "-Wno-psabi",
    "-Wno-unknown-pragmas",
]
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"]


def build(*more: Path, sanitize: bool = False) -> Path:
    """Return the library's path; it is compiled unless it exists."""
    sources = [*sorted((ROOT / "csrc").rglob("*.cu")), HERE / "host.cpp", *more]
    headers = [p for folder in (ROOT / "csrc", HERE) for p in folder.rglob("*") if p.suffix in (".h", ".cuh")]
    compiler = os.environ.get("CXX", "g++")
    flags = [*FLAGS, *(["-O1", *SANITIZERS] if sanitize else ["-O2"])]
    flags += [f"-I{HERE / 'include'}", f"-I{ROOT / 'csrc'}"]
    folder = ROOT / "build" / "cuda_host"
    folder.mkdir(parents=True, exist_ok=True)

    def compile(source: Path) -> Path:
        read = b"".join(p.read_bytes() for p in [*sorted(headers), source])
        name = hashlib.sha256(read + repr([compiler, flags, str(source)]).encode()).hexdigest()[:20]
        made = folder / f"{name}.o"
        if not made.exists():
            run([compiler, *flags, "-x", "c++", "-c", str(source), "-o", f"{made}.{os.getpid()}"])
            os.replace(f"{made}.{os.getpid()}", made)
        return made

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        objects = [str(made) for made in pool.map(compile, sources)]
    library = folder / f"{hashlib.sha256(repr(objects).encode()).hexdigest()[:20]}.so"
    if not library.exists():
        linked = f"{library}.{os.getpid()}"
        run([compiler, *flags, "-shared", *objects, "-o", linked])
        os.replace(linked, library)
    return library


def sanitized() -> dict[str, str]:
    """Return the environment in which Python may load a sanitized library."""
    compiler = os.environ.get("CXX", "g++")
    names = ("libasan.so", "libstdc++.so.6")
    asked = [
        subprocess.run([compiler, f"-print-file-name={n}"], capture_output=True, text=True) for n in names
    ]
    preloaded = " ".join(done.stdout.strip() for done in asked)
    return os.environ | {"LD_PRELOAD": preloaded, "ASAN_OPTIONS": "detect_leaks=0", "OMP_NUM_THREADS": "1"}


def run(command: list[str]) -> None:
    """Run a compiler, with its words in the error where it fails."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode or "warning:" in done.stderr:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sanitize", action="store_true")
    parser.add_argument("sources", nargs="*", type=Path)
    arguments = parser.parse_args()
    print(build(*arguments.sources, sanitize=arguments.sanitize))


if __name__ == "__main__":
    main()
