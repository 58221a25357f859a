"""Builds gantheory._native (C++, no torch) and, where nvcc is found, gantheory/_cuda.so.

Environment: CXX, MAX_JOBS, FORCE_NATIVE=1 (a failing build is an error), CUDA_HOME,
FORCE_CUDA=0|1 (never, or fail without nvcc), TORCH_CUDA_ARCH_LIST ("all", or "8.0;9.0+PTX"),
NVCC_APPEND_FLAGS (read by nvcc itself).
"""

import os
import platform
import re
import runpy
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pybind11
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.modified import newer_group


ROOT = Path(__file__).resolve().parent
CSRC = ROOT / "csrc"
mark = runpy.run_path(str(ROOT / "gantheory" / "ops" / "sources.py"))["mark"]
NOTE = "_native_error.txt"
CXX_FLAGS = [
    "-std=c++17",
    "-O3",
    "-g0",
    "-ffp-contract=off",  # the same bits from every instruction set; fused operations are explicit
    "-fno-math-errno",
    "-fvisibility=hidden",
    "-Wall",
    "-Wextra",
    "-Wno-psabi",  # vectors never cross a translation unit
    "-Wno-maybe-uninitialized",  # g++ 12 suspects its own AVX-512 header
]
ISA_FLAGS = {
    "baseline": [],
    "avx2": ["-mavx2", "-mfma"],
    "avx512": ["-mavx512f", "-mavx512dq", "-mavx512vl", "-mavx512bw", "-mfma"],
}


def jobs() -> int:
    return int(os.environ.get("MAX_JOBS") or os.cpu_count() or 1)


def relative(paths) -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in paths)


class Build(build_ext):
    """Compiles every csrc/<family>/cpu.cpp once per instruction set, then the CUDA library."""

    def run(self):
        note = self.package_folder() / NOTE
        note.unlink(missing_ok=True)
        try:
            super().run()
        except (Exception, SystemExit) as error:  # distutils leaves some failures as SystemExit
            if os.environ.get("FORCE_NATIVE") == "1":
                raise
            for stale in note.parent.glob("_native.*.so"):
                stale.unlink()
            self.give_up(note, "The native kernels", f"{type(error).__name__}: {error}")
        else:
            self.build_cuda(note)

    def give_up(self, note: Path, what: str, reason: str):
        """Say it loudly, and leave the reason where `gantheory info` finds it."""
        reason = f"{what} of gantheory were not built ({reason.strip()}; pip install -v shows more)\n"
        note.parent.mkdir(parents=True, exist_ok=True)
        with note.open("a") as file:
            file.write(reason)
        bar = "*" * 88
        print(f"{bar}\n{reason}The install goes on; plain torch is used instead.\n{bar}", file=sys.stderr)

    def package_folder(self) -> Path:
        if self.inplace:
            return ROOT / "gantheory"
        return Path(self.get_ext_fullpath("gantheory._native")).parent

    def build_extension(self, ext):
        target = Path(self.get_ext_fullpath(ext.name))
        sources = mark(CSRC, "cpu")
        newer = newer_group([*ext.sources, *ext.depends], str(target))
        if not self.force and not newer and carries(target, sources):
            return
        target.unlink(missing_ok=True)
        openmp = ["-fopenmp"] if self.accepts(["-fopenmp"], link=True) else []
        isas = [isa for isa, flags in ISA_FLAGS.items() if self.usable(isa, flags)]
        macros = [(f"GT_HAS_{isa.upper()}", "1") for isa in isas]
        marked = [*macros, ("GT_SOURCES", f'"{sources}"')]
        tasks = [("csrc/bindings.cpp", "bindings", [*CXX_FLAGS, *openmp], marked)]
        for source in relative(CSRC.glob("*/cpu.cpp")):
            for isa in isas:
                tasks.append((source, isa, [*CXX_FLAGS, *openmp, *ISA_FLAGS[isa]], [("GT_ISA", isa)]))
        with ThreadPoolExecutor(jobs()) as pool:
            objects = list(pool.map(lambda task: self.compile(ext, *task), tasks))
        self.compiler.link_shared_object(objects, str(target), extra_postargs=openmp, target_lang="c++")

    def compile(self, ext, source, folder, flags, macros):
        (compiled,) = self.compiler.compile(
            [source],
            output_dir=str(Path(self.build_temp) / folder),
            macros=macros,
            include_dirs=ext.include_dirs,
            extra_postargs=flags,
        )
        return compiled

    def usable(self, isa: str, flags: list[str]) -> bool:
        x86 = platform.machine().lower() in ("x86_64", "amd64", "i686")
        return isa == "baseline" or (x86 and self.accepts(flags))

    def accepts(self, flags: list[str], *, link=False) -> bool:
        """Whether the compiler (and linker) takes these flags."""
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "probe.cpp")
            source.write_text("int probe() { return 0; }\n")
            try:
                objects = self.compiler.compile([str(source)], output_dir=folder, extra_postargs=flags)
                if link:
                    target = str(Path(folder, "probe.so"))
                    self.compiler.link_shared_object(objects, target, extra_postargs=flags, target_lang="c++")
            except Exception:  # each compiler class has its own
                return False
        return True

    def build_cuda(self, note: Path):
        target = self.package_folder() / "_cuda.so"
        forced = os.environ.get("FORCE_CUDA")
        nvcc = None if forced == "0" else find_nvcc()
        if nvcc is None:
            target.unlink(missing_ok=True)
            if forced == "1":
                raise RuntimeError("FORCE_CUDA=1, but no nvcc in CUDA_HOME or PATH")
            return
        sources = relative(CSRC.glob("**/*.cu"))
        inputs = [*CSRC.glob("**/*.cu"), *CSRC.glob("**/*.cuh"), *CSRC.glob("**/*.h"), Path(__file__)]
        newest = max(path.stat().st_mtime for path in inputs)
        made_from = mark(CSRC, "cuda")
        if not self.force and carries(target, made_from) and target.stat().st_mtime > newest:
            return
        target.unlink(missing_ok=True)
        command = [nvcc, "-std=c++17", "-O3", "-fmad=false", "-cudart", "static", "-shared", "-Icsrc"]
        command += [
            f'-DGT_SOURCES="{made_from}"',
            "-Xcompiler",
            "-fPIC,-fvisibility=default",
            f"--threads={jobs()}",
        ]
        command += [*architecture_flags(nvcc), *sources, "-o", str(target)]
        print(" ".join(command))
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        print(done.stdout + done.stderr, end="")
        if done.returncode == 0:
            return
        if forced == "1":
            raise RuntimeError(f"nvcc failed:\n{done.stderr}")
        self.give_up(note, "The CUDA kernels", done.stderr)


def carries(library: Path, sources: str) -> bool:
    """Whether a library was made from these sources: times lie after a checkout or a copy."""
    return library.exists() and sources.encode() in library.read_bytes()


def find_nvcc() -> str | None:
    home = os.environ.get("CUDA_HOME")
    return (home and shutil.which(str(Path(home, "bin", "nvcc")))) or shutil.which("nvcc")


def architecture_flags(nvcc: str) -> list[str]:
    """-gencode flags for TORCH_CUDA_ARCH_LIST, the GPU present, or sm_90 with PTX."""
    wanted = os.environ.get("TORCH_CUDA_ARCH_LIST", "").strip()
    if wanted == "all":
        listed = subprocess.run([nvcc, "--list-gpu-arch"], capture_output=True, text=True, check=True).stdout
        numbers = sorted({int(n) for n in re.findall(r"compute_(\d+)\b", listed) if int(n) >= 80})
        names = [str(n) for n in numbers[:-1]] + [f"{numbers[-1]}+PTX"]
    elif wanted:
        names = [name.replace(".", "") for name in re.split(r"[;,\s]+", wanted) if name]
    else:
        names = present_gpus() or ["90+PTX"]
    flags = []
    for name in names:
        number = name.removesuffix("+PTX")
        if not re.fullmatch(r"\d+[af]?", number):
            raise RuntimeError(f'TORCH_CUDA_ARCH_LIST must be "all" or like "8.0;9.0+PTX", not {wanted!r}')
        codes = [f"sm_{number}"] + ([f"compute_{number}"] if name.endswith("+PTX") else [])
        flags += ["-gencode", f"arch=compute_{number},code=[{','.join(codes)}]"]
    return flags


def present_gpus() -> list[str]:
    query = ["nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader"]
    try:
        found = subprocess.run(query, capture_output=True, text=True, check=True, timeout=20).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    return sorted({line.strip().replace(".", "") for line in found.splitlines() if line.strip()})


setup(
    ext_modules=[
        Extension(
            "gantheory._native",
            sources=["csrc/bindings.cpp", *relative(CSRC.glob("*/cpu.cpp"))],
            depends=["setup.py", *relative(CSRC.glob("**/*.h"))],
            include_dirs=["csrc", pybind11.get_include()],
            language="c++",
        )
    ],
    cmdclass={"build_ext": Build},
)
