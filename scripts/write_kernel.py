"""Write what numba lowers the loop to: `python -m scripts.write_kernel [--check]`, from the top of the project.

The file lies beside the sources, so that who runs them first need not wait for numba, see `kernel.lowered`. Write it
anew after a change of the kernel; with `--check` nothing is written, and the status is 1 if it would have changed. The
same sources, versions and kind of machine give the same bytes.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from typing import Any, Final

import llvmlite
import llvmlite.binding as llvm
import numba

from strategy_orchestrator.kernel import lower_kernel, lowered

_SEED: Final = "0"


def _simplified(bitcode: bytes) -> bytes:
    # Variables in memory become values, and what then says nothing goes: a fifth of the size is left, and nothing that
    # tells one process from another.
    module: Any = llvm.parse_bitcode(bitcode)
    llvm.initialize_native_target()
    anyone = llvm.Target.from_default_triple().create_target_machine()
    builder = llvm.create_pass_builder(anyone, llvm.create_pipeline_tuning_options(speed_level=1))
    passes = llvm.create_new_module_pass_manager()
    passes.add_sroa_pass()
    passes.add_instruction_combine_pass()
    passes.add_simplify_cfg_pass()
    passes.add_global_dead_code_eliminate_pass()
    passes.add_strip_dead_prototype_pass()
    passes.run(module, builder)
    return bytes(module.as_bitcode())


def main(arguments: list[str]) -> int:
    """Write the file, or compare it."""
    parser = argparse.ArgumentParser(prog="python -m scripts.write_kernel", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; the status is 1 if it would have changed")
    options = parser.parse_args(arguments)
    if os.environ.get("PYTHONHASHSEED") != _SEED:
        # numba goes through sets of names.
        command = [sys.executable, "-m", "scripts.write_kernel", *arguments]
        return subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": _SEED}, check=False).returncode
    bitcode = _simplified(lower_kernel())
    if options.check:
        # What it was packed with may differ, and the patch release of Python.
        if bitcode == lowered.kept():
            return 0
        print(f"{lowered.PATH.name} is not what the sources come to: python -m scripts.write_kernel", file=sys.stderr)
        return 1
    versions = {"python": platform.python_version(), "numba": numba.__version__, "llvmlite": llvmlite.__version__}
    contents = lowered.packed(bitcode, versions)
    lowered.PATH.write_bytes(contents)
    print(f"Written: {lowered.PATH.name}, {len(contents):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
