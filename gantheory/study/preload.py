"""What every worker needs, imported once by the fork server; nothing here may start a thread."""

from __future__ import annotations

import torch._dynamo
import torch.optim  # noqa: F401

import gantheory.study.workers  # noqa: F401
