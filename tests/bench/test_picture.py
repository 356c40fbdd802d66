"""What a terminal's output showed, and when."""

from __future__ import annotations

from bench.latency import first_bytes
from bench.picture import costs_shown, history_read_at, painted_at
from bench.terminal import Piece, plain

ROW = (
    "\x1b[20;1H\x1b[38;2;1;2;3m│ ▌ words\x1b[0m  {name}    bench-1  ╸──  7%"
    "  \x1b[1m${cost}\x1b[0m  $12.00"
)


def piece(at: float, *rows: tuple[str, str]) -> Piece:
    return Piece(at, "".join(ROW.format(name=name, cost=cost) for name, cost in rows).encode())


def test_a_cost_counts_from_the_first_paint_that_shows_it() -> None:
    shown = costs_shown(
        [
            piece(1.0, ("live-0", "100.00"), ("live-1", "100.00")),
            piece(2.0, ("live-1", "1,101.00")),
            piece(3.0, ("live-1", "1,101.00")),
        ]
    )
    assert shown == {"live-0": [(1.0, 100.0)], "live-1": [(1.0, 100.0), (2.0, 1101.0)]}
    assert painted_at(shown, "live-1", 101.0) == 2.0
    assert painted_at(shown, "live-0", 101.0) is None
    assert painted_at(shown, "live-7", 1.0) is None


def test_a_row_that_arrives_in_two_pieces_counts_from_the_second() -> None:
    whole = piece(1.0, ("live-0", "101.00")).data
    cut = whole.index(b"101") + 1
    assert costs_shown([Piece(1.0, whole[:cut]), Piece(2.0, whole[cut:])]) == {
        "live-0": [(2.0, 101.0)]
    }


def test_history_is_read_when_its_bar_is_drawn_no_more() -> None:
    bar = b"\x1b[35;1H\x1b[2m reading history \x1b[0m 10% of 1.0 GB"
    assert history_read_at([Piece(1.0, bar), Piece(2.0, bar), Piece(3.0, b"x")]) == 2.0
    assert history_read_at([Piece(3.0, b"x")]) is None


def test_only_appends_into_silence_have_a_first_byte() -> None:
    drawn = [Piece(1.0, b"a"), Piece(2.03, b"b"), Piece(2.1, b"c")]
    assert [round(each) for each in first_bytes([2.0, 2.05, 9.0], drawn)] == [30]


def test_controls_are_not_text() -> None:
    drawn = b"\x1b[?2026h\x1b]2;title $9\x07\x1b[1;31mre\x1b[0md\x1bP+q\x1b\\\x1b(B"
    assert plain(drawn) == "red"
