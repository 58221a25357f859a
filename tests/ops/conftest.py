import pytest
import torch


@pytest.fixture
def two_threads():
    """Two threads for the test (which may change the number), the old number after it."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)
