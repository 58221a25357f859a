"""The study of likelihood gaps: what it measures is a divergence, and its page says what was measured."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import gantheory as gt
from gantheory.study import cells_of, find


STUDY = Path(__file__).parents[2] / "studies" / "reproductions" / "likelihood_gaps.py"


def test_cells_and_findings():
    """Of a cheap cell of each kind: no divergence is below 0, and each is said in a finding of its own."""
    study = find(str(STUDY))
    cells = cells_of(study, "smoke")
    spline = type(cells[0])(gt.Moons(), gt.NSF(2, layers=1, hidden=(8,)), steps=20, seeds=2)
    rival = next(cell for cell in cells if "RealNVP(dim=2, layers=6" in repr(cell))
    planar = [cell for cell in cells if getattr(cell, "name", "") in ("planar 2", "planar 8")]
    results = [
        SimpleNamespace(cell=cell, values=study.measure(cell, gt.Key(0))) for cell in (spline, rival, *planar)
    ]
    for result in results:
        found = result.values.get("gap", result.values.get("divergence"))
        assert (found.interval(1 - 1e-7)[1] >= 0).all()
    laws, rivals, energies = study.findings(results)
    assert len(laws.table[1]) == len(rivals.table[1]) == 1 and len(energies.table[1]) == 2
    assert "of 1 comparisons" in energies.text


def test_every_density_of_the_plane_is_asked():
    study = find(str(STUDY))
    laws = {repr(cell.law) for cell in cells_of(study, "full") if hasattr(cell, "law")}
    assert {repr(gt.Moons.examples()[0]), repr(gt.Ring()), repr(gt.RezendeMohamed(3))} <= laws
    assert len(laws) >= 60


def test_families_without_an_example_in_the_plane_are_asked_there():
    """A law with a dimension takes that of the plane, one of the line is doubled, others stay out."""
    study = find(str(STUDY))
    laws = {cell.law for cell in cells_of(study, "small") if hasattr(cell, "law")}
    for family in (gt.ParetoRadial, gt.Student, gt.Tent, gt.UniformBox):
        assert sum(type(law) is family for law in laws) == 1
    steps = gt.Steps.examples()[0]
    assert gt.Product((steps, steps)) in laws
    assert not any(isinstance(law, (gt.SCurve, gt.StackedModes)) for law in laws)
    assert all(law.dim == 2 for law in laws)
