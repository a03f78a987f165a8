"""What moved, as cells."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from detectors import cells
from detectors.geometry import masked_cells

MASKS = arrays.arrays(np.bool_, (90, 160))
LEFT = ((0.0, 0.0), (0.503, 0.0), (0.503, 1.0), (0.0, 1.0))


@given(MASKS)
def test_a_cell_is_on_when_three_of_its_pixels_moved(mask):
    rows = cells.cells_of(mask)
    for row in range(18):
        for column in range(32):
            moved = int(mask[row * 5 : row * 5 + 5, column * 5 : column * 5 + 5].sum())
            assert bool(rows[row] >> np.uint32(31 - column) & 1) == (moved >= 3)


@given(arrays.arrays(np.bool_, (18, 32)))
def test_rows_are_packed_and_unpacked(grid):
    rows = cells.packed(grid)
    assert np.array_equal(cells.unpacked(rows), grid)
    assert cells.count(rows) == grid.sum()
    assert np.array_equal(cells.unpacked(np.stack([rows, rows])), np.stack([grid, grid]))


def test_a_second_is_all_that_moved_in_it():
    second = cells.Second(np.zeros(18, np.uint32))
    assert second.take() is None
    for at in (0, 155):
        mask = np.zeros((90, 160), np.bool_)
        mask[:5, at : at + 5] = True
        second.add(mask)
    rows = second.take()
    assert rows is not None
    assert (int(rows[0]), cells.count(rows)) == (1 << 31 | 1, 2)
    assert second.take() is None


@given(MASKS, st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=3, max_size=6))
def test_masked_cells_never_come_on(mask, outline):
    """The detector leaves masked pixels out; what they leave of a cell may move, and what they cover never does."""
    hidden = cells.blind([outline])
    second = cells.Second(hidden)
    second.add(mask)
    rows = second.take()
    assert rows is None or not (rows & hidden).any()
    honest = mask & ~masked_cells([outline], 90, 160)
    assert not (cells.cells_of(honest) & hidden).any()
    assert not (hidden & ~cells.touched([outline])).any()


def test_a_cell_that_is_masked_in_part_is_not_blind():
    blind, touched = cells.blind([LEFT]), cells.touched([LEFT])
    assert int(blind[0]) == 0xFFFF0000
    assert int(touched[0]) == 0xFFFF8000
