"""What diagnostics have in common: a picture."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any


class Picture(ABC):
    """A result that can be drawn."""

    @abstractmethod
    def figure(self) -> dict[str, Any]:
        """Return plotly's JSON, ``{"data": [...], "layout": {...}}``, as findings and reports take it."""

    def plot(self):
        """Return a plotly figure."""
        import plotly.graph_objects as go

        figure = go.Figure(self.figure())
        return figure.update_layout(template="plotly_white")


def axis(title: str, **options: Any) -> dict[str, Any]:
    """Return an axis with its title."""
    return {"title": {"text": title}, **options}
