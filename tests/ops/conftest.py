import pytest
import torch

from tests.cuda_host.device import as_asked


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
