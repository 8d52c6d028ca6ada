"""A difference in plain words: what is said of it, and in which words either side is shown."""

from __future__ import annotations

from measureharmony.comparison.axes import Axis
from measureharmony.comparison.differing import Differing
from measureharmony.comparison.form import ALL, ANY, Fact, Form
from measureharmony.measures.plain_words import listed, plain
from measureharmony.measures.words import Wording
from measureharmony.payers.words import ADDED, DROPPED, title

#: A text this short is repeated in full after "instead of"; of a longer one only what differs is.
_SHORT = 4
_SUBJECTS = ("criteria", "events", "numbers")
#: What is said of a part deeper than a population's own, by how it is joined to others: it came, or went.
_INSIDE = {
    ALL: ("now only if also", "no longer only if"),
    ANY: ("now also if", "no longer if"),
    "": ("now", "no longer"),
}
_WHO = {"female": "Women", "male": "Men"}


def subject_of(differing: Differing, population: str) -> str:
    """What a difference is about: the innermost named part that both sides have, else that of either."""
    way = differing.way
    both = [name for name in way.after if name in way.before]
    named = both or [name for name in way.after or way.before if name[0] in _SUBJECTS]
    return capital(plain(named[-1][1])) if named else title(population)


def said_of(differing: Differing, axis: Axis, population: str, who: str) -> str:
    """The difference in one sentence. ``who`` is looked at: women, men or people."""
    subject = subject_of(differing, population)
    old, new = differing.values
    if not differing.fact or old is None or new is None:
        return ""
    before, after = old.words(), new.words()
    kind = differing.form.kind
    match kind, differing.fact:
        case "age", "band" if axis is Axis.AGE and population in ("initial_population", "denominator"):
            return f"{who} of {after} instead of {before}"
        case (("age" | "age_then"), "band"):
            return f"{subject}: aged {after} instead of {before}"
        case "age", "at":
            return f"{subject}: age is taken on {after} instead of {before}"
        case _, ("codes" | "kinds" | "words" | "benefits"):
            column = str(differing.form.fact("column") or "")
            return f"{subject}: {_of_many(old, new, before, after, plain(column))}"
        case "bound", "inclusive":
            return f"{subject}: {after}"
        case _:
            return f"{subject}: {instead(before, after)}"


def _of_many(old: Fact, new: Fact, before: str, after: str, column: str) -> str:
    """What came to a list of words or codes (of a ``column``), and what went."""
    was, is_ = (tuple(fact.key) if isinstance(fact.key, tuple) else () for fact in (old, new))
    came = [plain_code(str(word)) for word in is_ if word not in was]
    went = [plain_code(str(word)) for word in was if word not in is_]
    if not is_ or not was or len(came) == len(is_):
        return instead(before, after)
    of = f"{column} " if column else ""
    parts = [f"also {of}{listed(came)}"] if came else []
    parts += [f"no longer {of}{listed(went)}"] if went else []
    return ", ".join(parts)


def plain_code(word: str) -> str:
    """A value set's name or a status in words, a single code as it is."""
    return word if "|" in word else plain(word) or "not stated"


def instead(before: str, after: str) -> str:
    """``after`` instead of ``before``; what both say is said once.

    >>> instead("ending from 15 months before the first day", "ending from 12 months before the first day")
    'ending from 12 (instead of 15) months before the first day'
    """
    was, is_ = before.split(), after.split()
    head = _common(was, is_)
    tail = _common(was[head:][::-1], is_[head:][::-1])
    old, new = was[head : len(was) - tail], is_[head : len(is_) - tail]
    if not (old and new) or head + tail < max(len(old), len(new)) or len(was) <= _SHORT:
        return f"{after or 'nothing'} instead of {before or 'nothing'}"
    return " ".join([*is_[:head], *new, f"(instead of {' '.join(old)})", *is_[len(is_) - tail :]])


def _common(one: list[str], other: list[str]) -> int:
    """How many words two lists begin with alike."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def about_part(differing: Differing, population: str, says: tuple[Wording, Wording], *, nested: bool) -> str:
    """A whole part that came, went, or became another: in one sentence. ``nested``: deeper than the population."""
    old, new = differing.before, differing.after
    if old is not None and new is not None:
        before, after = written_out(old, says[0]), written_out(new, says[1])
        return f"{subject_of(differing, population)}: {instead(before, after)}"
    form, say = (new, says[1]) if new is not None else (old, says[0])
    assert form is not None  # one of the two is there
    words = in_words(form, say)
    if nested:
        way = differing.way.before if new is None else differing.way.after
        outer = [name for name in way[: len(way) - len(form.names)] if name[0] in _SUBJECTS]
        subject = capital(plain(outer[-1][1])) if outer else title(population)
        return f"{subject}: {_INSIDE[differing.way.within][new is None]} {words}"
    return f"{(ADDED if new is not None else DROPPED)[population]}: {words}"


def in_words(form: Form | None, say: Wording) -> str:
    """A part by its name, or else written out."""
    if form is None:
        return ""
    return plain(form.names[-1][1]) if form.names else written_out(form, say)


def written_out(form: Form, say: Wording) -> str:
    """What a part says."""
    source = form.source
    if source is None:
        return (" and " if form.kind == ALL else " or ").join(in_words(part, say) for part in form.parts) or plain(
            form.kind
        )
    return say.part(source)


def who_is_counted(population: Form) -> str:
    """``Women`` where only women can be in a population."""
    words = {str(part.fact("word")) for part in (population, *population.members) if part.kind == "person"}
    return _WHO.get(words.pop(), "People") if len(words) == 1 else "People"


def capital(text: str) -> str:
    """``text`` with a capital first letter."""
    return text[:1].upper() + text[1:]


__all__ = ["about_part", "capital", "in_words", "instead", "said_of", "subject_of", "who_is_counted", "written_out"]
