import os

import pytest
import torch

from tests.cuda_host.device import as_asked


# What CUDA kernels on the host leave out, by the test's name.
_ON_THE_PROCESSOR = {
    "test_bits_do_not_depend_on_threads": "about the processor's threads",
    "test_bits_of_many_points_do_not_depend_on_threads": "about the processor's threads",
    "test_instruction_sets_agree": "about the processor's instruction sets",
    "test_kernels_release_the_interpreter_lock": "10^7 pairs and more, at the pace of the host",
    "test_memory_of_a_sum_is_not_that_of_the_matrix": "about another process",
    "test_pairs_left_out_change_no_bit": "10^7 pairs and more, at the pace of the host",
    "test_plain_torch_backend_gives_the_same": "about other processes",
    "test_shapes_of_cuvs": "10^7 pairs and more, at the pace of the host",
}


def pytest_collection_modifyitems(items):
    if not os.environ.get("GANTHEORY_CUDA_HOST"):
        return
    for item in items:
        reason = _ON_THE_PROCESSOR.get(getattr(item, "originalname", item.name))
        if reason is not None:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session", autouse=True)
def _cuda_kernels_on_the_host():
    """Under GANTHEORY_CUDA_HOST these tests are those of the CUDA kernels."""
    with as_asked():
        yield


@pytest.fixture
def two_threads():
    """Two threads for the test (which may change the number), the old number after it."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)
