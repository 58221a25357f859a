"""What LaTeX's commands look like."""
# ruff: noqa: RUF001 (characters that resemble Latin letters are the point)

from __future__ import annotations

import string


_GREEK = """
alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ kappa κ lambda λ mu μ nu ν xi ξ pi π
rho ρ sigma σ tau τ phi ϕ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Phi Φ
Psi Ψ Omega Ω infty ∞ partial ∂ nabla ∇ ell ℓ emptyset ∅ ldots … dots … cdots ⋯ top ⊤ imath ı prime ′
"""
_OPERATORS = """
le ≤ leq ≤ ge ≥ geq ≥ ne ≠ neq ≠ approx ≈ sim ∼ simeq ≃ equiv ≡ propto ∝ ll ≪ gg ≫ pm ± mp ∓ times × cdot ⋅
in ∈ notin ∉ subset ⊂ subseteq ⊆ cup ∪ cap ∩ setminus ∖ to → rightarrow → mapsto ↦ implies ⟹ iff ⟺ Rightarrow ⇒
Leftrightarrow ⇔ succ ≻ succeq ⪰ prec ≺ preceq ⪯ forall ∀ exists ∃ neg ¬ land ∧ lor ∨ wedge ∧ vee ∨ circ ∘
otimes ⊗ oplus ⊕ sum ∑ prod ∏ int ∫ langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ Vert ‖ mid ∣ parallel ∥
perp ⊥ angle ∠ star ⋆ ast ∗ colon : asymp ≍ lesssim ≲ gtrsim ≳ downarrow ↓ uparrow ↑ bullet • lVert ‖ rVert ‖
lvert | rvert | vert |
"""
_FUNCTIONS = """
log ln exp max min sup inf lim arg det dim ker sin cos tan sinh cosh tanh arcsin arccos arctan deg gcd Pr
"""
_SIZES = """
big bigl bigr bigg biggl biggr Big Bigl Bigr Bigg left right middle displaystyle textstyle limits nolimits
"""


def _pairs(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2]))


IDENTIFIERS = _pairs(_GREEK)
OPERATORS = _pairs(_OPERATORS) | {"{": "{", "}": "}", "|": "‖", "%": "%", "#": "#", "_": "_", "&": "&"}
FUNCTIONS = {name: name for name in _FUNCTIONS.split()} | {"limsup": "lim sup", "liminf": "lim inf"}
LIMITS = {
    f"\\{name}"
    for name in ("sum", "prod", "max", "min", "sup", "inf", "lim", "limsup", "liminf", "Pr", "det")
}
ACCENTS = _pairs("hat ^ widehat ^ bar ‾ overline ‾ tilde ~ widetilde ~ dot ˙ vec →")
BRACES = {"underbrace": ("munder", "⏟"), "overbrace": ("mover", "⏞")}
SPACES = {",": "0.17em", ":": "0.22em", ";": "0.28em", " ": "0.25em", "!": "-0.17em"} | {
    "quad": "1em",
    "qquad": "2em",
}
IGNORED = set(_SIZES.split())
FONTS = {
    "mathbb": _pairs("R ℝ C ℂ N ℕ Z ℤ Q ℚ P ℙ E 𝔼 1 𝟙 V 𝕍"),
    "mathcal": {letter: chr(0x1D49C + i) for i, letter in enumerate(string.ascii_uppercase)}
    | _pairs("B ℬ E ℰ F ℱ H ℋ I ℐ L ℒ M ℳ R ℛ"),
    "mathbf": {letter: chr(0x1D400 + i) for i, letter in enumerate(string.ascii_uppercase)}
    | {letter: chr(0x1D41A + i) for i, letter in enumerate(string.ascii_lowercase)},
}
"""Letters of the fonts, as characters of their own: browsers no longer read `mathvariant`."""
