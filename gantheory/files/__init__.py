"""Samples as files: formats, folders with cards, and their verification."""

from gantheory.files.samples import write_samples
from gantheory.files.verify import verify_samples


__all__ = ["verify_samples", "write_samples"]
