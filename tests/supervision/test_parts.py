"""When a part that ended is started again."""

from tunemeld_pipeline.supervision.parts import BackOff


def test_each_failure_in_a_row_waits_longer_up_to_half_a_minute() -> None:
    back_off = BackOff()
    assert [back_off.delay(0.1) for _ in range(8)] == [1, 2, 4, 8, 16, 30, 30, 30]


def test_a_stable_minute_begins_anew() -> None:
    back_off = BackOff()
    assert [back_off.delay(ran) for ran in (1, 1, 1, 61, 1)] == [1, 2, 4, 1, 2]


def test_it_is_given_up_after_so_many_failures_in_a_row() -> None:
    back_off = BackOff(most=2)
    assert [back_off.delay(ran) for ran in (1, 61, 1, 1)] == [1, 1, 2, None]
