"""Every noun is named by its text."""

from __future__ import annotations

import ast
import builtins
import dataclasses
import doctest
import inspect
import pickle

import pytest

import gantheory as gt
from gantheory import Noun, parse
from tests.contracts.find import concrete, examples, modules, name


FAMILIES = (
    gt.Distribution,
    gt.Map,
    gt.Model,
    gt.Normalisation,
    gt.Game,
    gt.Objective,
    gt.Penalty,
    gt.Rule,
    gt.Step,
    gt.Claim,
)
NOUNS = [noun for family in FAMILIES for noun in examples(family)]


@pytest.mark.parametrize("noun", NOUNS, ids=name)
def test_text_reads_back(noun):
    assert parse(repr(noun)) == noun
    assert repr(parse(repr(noun))) == repr(noun)
    assert hash(parse(repr(noun))) == hash(noun)


@pytest.mark.parametrize("noun", NOUNS, ids=name)
def test_frozen_and_portable(noun):
    assert pickle.loads(pickle.dumps(noun)) == noun
    fields = dataclasses.fields(noun)
    if fields:
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(noun, fields[0].name, None)


# cells of a study are read with the names of the study's own module
PUBLIC = [cls for cls in concrete(Noun) if issubclass(cls, gt.Study) or ".study." not in cls.__module__]


@pytest.mark.parametrize("cls", PUBLIC, ids=lambda cls: cls.__name__)
def test_every_noun_is_exported_and_documented(cls):
    assert cls.__name__ in gt.__all__
    assert getattr(gt, cls.__name__) is cls
    assert cls.__doc__ and len(cls.__doc__) > 40


def test_public_names_exist_and_are_documented():
    assert modules()
    for exported in gt.__all__:
        value = getattr(gt, exported)
        assert value.__doc__, exported
    assert len(set(gt.__all__)) == len(gt.__all__)


def _unknown(shown):
    """The names that the example of a docstring uses and neither makes nor imports."""
    lines = [part.source for part in doctest.DocTestParser().get_examples(inspect.getdoc(shown) or "")]
    nodes = list(ast.walk(ast.parse("".join(lines))))
    made = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    made |= {node.name for node in nodes if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
    made |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    imports = [node for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom))]
    made |= {name.asname or name.name.split(".")[0] for node in imports for name in node.names}
    return {node.id for node in nodes if isinstance(node, ast.Name)} - made - set(dir(builtins))


def test_examples_of_docstrings_run_when_pasted_alone():
    """A reader who has imported what `help` shows needs nothing that the example does not import."""
    missing = {name: _unknown(getattr(gt, name)) - {name} for name in gt.__all__}
    assert not {name: names for name, names in missing.items() if names}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda cls: cls.__name__)
def test_every_family_has_members_with_examples(family):
    assert concrete(family)
    for cls in concrete(family):
        assert list(cls.examples()), cls
