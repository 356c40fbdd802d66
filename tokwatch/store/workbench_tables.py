"""The tables of the workbench: what token counts are calibrated with."""

from __future__ import annotations

from sqlalchemy import DOUBLE_PRECISION, Column, Integer
from sqlmodel import Field, SQLModel

from tokwatch.store.columns import big, text


def _double() -> Column[float]:
    return Column(DOUBLE_PRECISION, nullable=False)


class CalibrationRow(SQLModel, table=True):
    """How one user's billed tokens follow from counted ones, for a model or a family of them."""

    __tablename__ = "calibration"
    __table_args__ = ({"sqlite_with_rowid": False},)
    workspace: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    user_name: str = Field(sa_column=text(primary=True))
    model: str = Field(sa_column=text(primary=True))
    kind: str = Field(sa_column=text(primary=True))
    """"prompt" or "answer"."""
    encoding: str = Field(sa_column=text(primary=True))
    """In which tokens were counted, or "bytes/4"."""
    a: float = Field(sa_column=_double())
    b: float = Field(sa_column=_double())
    pairs: int = Field(sa_column=big())
    dropped: int = Field(sa_column=big())
    sessions: int = Field(sa_column=big())
    error: float = Field(sa_column=_double())
    p90: float = Field(sa_column=_double())
    raw_error: float = Field(sa_column=_double())
    fitted_ms: int = Field(sa_column=big())
