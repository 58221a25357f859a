"""Makes an operation of a native kernel: one that autograd, `torch.func` and `torch.compile` take.

It has two halves. The raw operation, registered with torch, has a kernel, a fake for tracing and a
vmap rule, and knows nothing of gradients: under `torch.func.grad` it would return a zero gradient with no
more than a warning. So it is private, and the other half, an `autograd.Function` around it, is what the
public functions call.

All tensor arguments and results share their leading axes; vmap adds one more in front.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable

import torch
from torch import Tensor

from gantheory.ops import native


_library = torch.library.Library("gantheory", "DEF")


def define_op(
    schema: str, kernel: Callable, fake: Callable, pullback: Callable, *, auxiliary: int = 0
) -> Callable:
    """Define ``gantheory::name(...)`` and return its differentiable form.

    ``schema`` is torch's, tensors first; ``kernel(*arguments)`` computes and ``fake`` gives
    empty results of the right shape. ``pullback(gradients, inputs, indices, wanted)`` returns the
    gradients of the tensor inputs (None where ``wanted`` is False), made of differentiable operations;
    ``gradients`` has one for every result, ``indices`` are the results that carry none: the integer ones,
    and the last ``auxiliary`` of all.
    """
    name = schema.partition("(")[0]
    _library.define(schema)
    for device in ("CPU", "CUDA"):
        _library.impl(name, kernel, device)
    torch.library.register_fake(f"gantheory::{name}", fake, lib=_library)
    raw = getattr(torch.ops.gantheory, name).default
    torch.library.register_vmap(f"gantheory::{name}", _vmap_rule(raw), lib=_library)
    operation = _function(raw, pullback, auxiliary)
    operation.__name__ = operation.__qualname__ = f"gantheory_{name}"
    # torch.compile counts the parameters to tell whether forward takes a context.
    operation.forward.__signature__ = inspect.signature(kernel)

    def run(*arguments):
        return kernel(*arguments) if _nobody_watches(arguments) else operation.apply(*arguments)

    return run


def gradient_op(operation: Callable, reference: Callable) -> Callable:
    """Return an operation that may serve in another's pullback.

    torch.compile unpacks an operation that it meets in a backward pass down to the raw one, and loses its
    gradient without a word: there the plain-torch reference steps in, which has gradients of every order.
    """

    def choose(*arguments):
        return (reference if torch.compiler.is_compiling() else operation)(*arguments)

    return choose


def in_transform() -> bool:
    """Whether a transform of `torch.func` or torch.compile is at work."""
    return torch.compiler.is_compiling() or native._in_transform()


def _nobody_watches(arguments: tuple) -> bool:
    """Whether the kernel may be called straight away, which saves most of a small call's time: plain
    tensors without gradients, no transform, no dispatch mode, no compiler."""
    if in_transform():
        return False
    tensors = [a for a in arguments if isinstance(a, Tensor)]
    return (
        all(type(t) in (Tensor, torch.nn.Parameter) and native.has_kernels(t) for t in tensors)
        and not (torch.is_grad_enabled() and any(t.requires_grad for t in tensors))
        and torch._C._len_torch_dispatch_stack() == 0
        and torch.autograd.forward_ad._current_level < 0
    )


def _function(raw: Callable, pullback: Callable, auxiliary: int) -> type[torch.autograd.Function]:
    class Operation(torch.autograd.Function):
        @staticmethod
        def forward(*arguments):
            return raw(*arguments)

        @staticmethod
        def setup_context(ctx, inputs, output):
            outputs = output if isinstance(output, tuple) else (output,)
            tensors = [a for a in inputs if isinstance(a, Tensor)]
            last = len(outputs) - auxiliary
            indices = [o for k, o in enumerate(outputs) if k >= last or not o.is_floating_point()]
            if indices:
                ctx.mark_non_differentiable(*indices)
            ctx.save_for_backward(*tensors, *indices)
            ctx.constants = inputs[len(tensors) :]
            ctx.tensors = len(tensors)

        @staticmethod
        def backward(ctx, *gradients):
            saved, constants = ctx.saved_tensors, ctx.constants
            inputs, indices = saved[: ctx.tensors], saved[ctx.tensors :]
            wanted = ctx.needs_input_grad[: ctx.tensors]
            found = pullback(gradients, (*inputs, *constants), indices, wanted)
            return (*found, *(None for _ in constants))

        @staticmethod
        def vmap(info, in_dims, *arguments):
            output = Operation.apply(*_lead(info.batch_size, in_dims, arguments))
            return output, _out_dims(output)

    return Operation


def _vmap_rule(raw: Callable) -> Callable:
    def rule(info, in_dims, *arguments):
        output = raw(*_lead(info.batch_size, in_dims, arguments))
        return output, _out_dims(output)

    return rule


def _lead(batch_size: int, in_dims: tuple, arguments: tuple) -> list:
    """Move vmap's axis to the front of every tensor, and give those without it one."""

    def lead(a, dim):
        if not isinstance(a, Tensor):
            return a
        return a.expand(batch_size, *a.shape) if dim is None else a.movedim(dim, 0)

    return [lead(a, dim) for a, dim in zip(arguments, in_dims, strict=True)]


def _out_dims(output: Tensor | tuple[Tensor, ...]):
    return tuple(0 for _ in output) if isinstance(output, tuple) else 0
