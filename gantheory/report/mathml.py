"""Formulas: the LaTeX of claims as MathML, which browsers set without any script."""

from __future__ import annotations

import re
from html import escape

from gantheory.report.mathml_symbols import (
    ACCENTS,
    BRACES,
    FONTS,
    FUNCTIONS,
    IDENTIFIERS,
    IGNORED,
    LIMITS,
    OPERATORS,
    SPACES,
)


_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|[0-9]+(?:\.[0-9]+)?|[A-Za-z]|\s+|[^\s]", re.DOTALL)
THIN = '<mspace width="0.167em"/>'
_ORDINARY = re.compile(r"(</(mi|mn|msub|msup|msubsup|mfrac|msqrt|mrow|mover)>|[)\]]</mo>)$")
"""What ends as a symbol does: a function's name stands a thin space behind it."""
_APART = re.compile(r"\\?[A-Za-z0-9|{]")
"""What a function's name stands a thin space before, unlike a bracket, a relation or the end."""
_MATRICES = {"pmatrix": ("(", ")"), "bmatrix": ("[", "]"), "matrix": ("", ""), "cases": ("{", "")}


def mathml(latex: str) -> str:
    """Return a formula as a MathML element.

    Understood are scripts, fractions, roots, matrices and cases, Greek letters, accents, the usual functions,
    operators and fonts, ``\\text`` and spaces; sizes such as ``\\big`` are left to the browser.

    Raises `ValueError` for a command that is not understood and braces that do not match. So a claim's formula
    is tested to convert.

    Example:
        >>> mathml(r"x^2")
        '<math display="block"><msup><mi>x</mi><mrow><mn>2</mn></mrow></msup></math>'
    """
    reader = _Reader(latex)
    body = reader.row(until=None)
    return f'<math display="block">{body}</math>'


class _Reader:
    """Reads tokens from left to right; every method returns MathML."""

    def __init__(self, latex: str):
        self.latex = latex
        self.tokens = _TOKEN.findall(latex)
        self.at = 0

    def peek(self) -> str | None:
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def next(self) -> str:
        token = self.peek()
        if token is None:
            raise ValueError(f"the formula ends too early: {self.latex}")
        self.at += 1
        return token

    def row(self, *, until: str | None) -> str:
        """Read up to a closing token, or to the end."""
        parts: list[str] = []
        while (token := self.peek()) != until:
            if token is None or token == "}":
                raise ValueError(f"braces do not match in {self.latex}")
            if token in ("&", "\\\\"):
                return "".join(parts)
            if token[1:] in FUNCTIONS and parts and _ORDINARY.search(parts[-1]):
                parts.append(THIN)
            parts.append(self.scripted())
            after = self.peek() or ")"
            if token[1:] in FUNCTIONS and _APART.match(after) and after[1:] not in OPERATORS:
                parts.append(THIN)
        if until is not None:
            self.next()
        return "".join(parts)

    def group(self) -> str:
        """Read an argument: a group in braces or one token."""
        if self.peek() == "{":
            self.next()
            return f"<mrow>{self.row(until='}')}</mrow>"
        token = self.peek()
        if token is not None and token.isdigit():  # without braces an argument is one digit
            self.tokens[self.at : self.at + 1] = list(token)
        return self.atom()

    def words(self) -> str:
        """Read a group as text."""
        if self.next() != "{":
            raise ValueError(f"a text stands in braces: {self.latex}")
        end = self.tokens.index("}", self.at)
        text = "".join(self.tokens[self.at : end])
        self.at = end + 1
        return text

    def scripted(self) -> str:
        """Read an atom with what stands below and above it."""
        name = self.peek()
        base, scripts = self.atom(), {}
        while (mark := self.peek()) in ("_", "^", "'"):
            self.next()
            if mark == "'":
                scripts["^"] = scripts.get("^", "") + "<mo>\N{PRIME}</mo>"
            else:
                scripts[mark] = scripts.get(mark, "") + self.group()
        if not scripts:
            return base
        below, above = scripts.get("_"), scripts.get("^")
        tags = (
            ("munder", "mover", "munderover")
            if name in LIMITS or name in ("\\underbrace", "\\overbrace")
            else ("msub", "msup", "msubsup")
        )
        if below and above:
            return f"<{tags[2]}>{base}{_one(below)}{_one(above)}</{tags[2]}>"
        tag = tags[0] if below else tags[1]
        return f"<{tag}>{base}{_one(below or above or '')}</{tag}>"

    def atom(self) -> str:
        """Read one symbol, group or command with its arguments."""
        token = self.next()
        if token == "{":
            return f"<mrow>{self.row(until='}')}</mrow>"
        if token[0].isdigit():
            return f"<mn>{token}</mn>"
        if token.isalpha():
            return f"<mi>{token}</mi>"
        if token.startswith("\\"):
            return self.command(token[1:])
        if token in "-*":
            token = {"-": "\N{MINUS SIGN}", "*": "\N{ASTERISK OPERATOR}"}[token]
        form = ' stretchy="false"' if token in "()[]|" else ""
        if token == "|":  # which bar opens and which closes, none says
            form += ' lspace="0" rspace="0"'
        return f"<mo{form}>{escape(token)}</mo>"

    def command(self, name: str) -> str:
        if name in IGNORED:
            return self.atom() if self.peek() not in (None, "}") else ""
        if name in SPACES:
            return f'<mspace width="{SPACES[name]}"/>'
        if name in ("frac", "tfrac", "dfrac"):
            return f"<mfrac>{self.group()}{self.group()}</mfrac>"
        if name == "sqrt":
            return f"<msqrt>{self.group()}</msqrt>"
        if name in ACCENTS:
            return f'<mover accent="true">{self.group()}<mo>{ACCENTS[name]}</mo></mover>'
        if name in BRACES:
            tag, brace = BRACES[name]
            return f"<{tag}>{self.group()}<mo>{brace}</mo></{tag}>"
        if name in ("text", "mathrm", "operatorname"):
            tag = "mtext" if name == "text" else "mi"
            return f'<{tag} mathvariant="normal">{escape(self.words().replace(" ", chr(160)))}</{tag}>'
        if name in FONTS:
            text = self.words() if self.peek() == "{" else self.next()
            return f"<mi>{''.join(FONTS[name].get(letter, letter) for letter in text)}</mi>"
        if name == "begin":
            return self.environment()
        if name in FUNCTIONS:
            return f"<mi>{name}</mi>"
        if name in IDENTIFIERS:
            return f"<mi>{IDENTIFIERS[name]}</mi>"
        if name in OPERATORS:
            return f"<mo>{escape(OPERATORS[name])}</mo>"
        raise ValueError(f"\\{name} is not understood in the formula {self.latex}")

    def environment(self) -> str:
        name = self.words()
        if name not in _MATRICES:
            raise ValueError(f"the environment {name!r} is not understood in {self.latex}")
        rows, cells = [], []
        while True:
            cells.append(f"<mtd>{self.row(until=chr(92) + 'end')}</mtd>")
            before = self.tokens[self.at - 1]
            mark = self.peek() if before != "\\end" else None
            if mark == "&":
                self.next()
                continue
            rows.append(f"<mtr>{''.join(cells)}</mtr>")
            cells = []
            if mark != "\\\\":
                break
            self.next()
        self.words()
        opening, closing = (f"<mo>{mark}</mo>" if mark else "" for mark in _MATRICES[name])
        return f"<mrow>{opening}<mtable>{''.join(rows)}</mtable>{closing}</mrow>"


def _one(script: str) -> str:
    """Return a script as one element, for a prime and a power may share their place."""
    return f"<mrow>{script}</mrow>"
