import numpy as np

from engine.experiments.resource_meter import ResourceMeter


def test_the_peak_holds_what_was_given_back() -> None:
    with ResourceMeter() as small:
        pass
    with ResourceMeter() as large:
        block = np.ones(64 << 17)  # 64 MiB of float64, given back before the end
        while large.peak_bytes < small.peak_bytes + (48 << 20):
            pass
        del block
    assert large.peak_bytes >= small.peak_bytes + (48 << 20)
    assert large.seconds > 0
