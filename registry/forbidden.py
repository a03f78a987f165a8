"""What the hub refuses to know of people: face, gait, re-identification, emotion, ethnicity (L11).

From the rules on face recognition (in force 2025-06-01), PIPL 28 and AI Act 5: not shipped, and refused from others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORDS = re.compile(
    r"""
    (?<![a-z]) (?: faces? | face[ _-]?id | facial | gaits? | emotions? | emotional | races? | racial ) (?![a-z])
    | skin[ _-]?colou?r
    | face[ _-]?(?:recog|match|embed|net|detect) | (?:arc|cos|deep|sphere|retina)face
    | (?<![a-z]) re[ _-]?id (?![a-z]) | (?<![a-z]) re[ _-]?ident | ethni
    | 人脸 | 面部 | 步态 | 重识别 | 情绪 | 表情 | 民族 | 种族 | 肤色
    """,
    re.VERBOSE | re.IGNORECASE,
)


def named(texts: Iterable[str]) -> str | None:
    """The first text that names such a thing (a model's or its label's name), or None."""
    return next((text for text in texts if _WORDS.search(text)), None)
