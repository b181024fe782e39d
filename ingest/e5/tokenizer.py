"""The tokenizer of XLM-RoBERTa (a SentencePiece unigram model) as a `tokenizers` file."""

import json
from collections.abc import Sequence

import numpy as np

from ingest.e5.source import Floats

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
UNKNOWN = SPECIAL.index("<unk>")
UNKNOWN_PENALTY = 10
"""SentencePiece's kUnkPenalty: an unknown letter costs this more than the rarest piece."""
DROPPED = r"[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]"
SPACES = r"[\s\x{1680}\x{200b}-\x{200f}\x{2028}\x{2029}\x{2581}\x{feff}\x{fffd}]"
"""SentencePiece's nmt_nfkc is NFKC, these two, and one space where there are several."""


def tokenizer_json(pieces: Sequence[str], scores: Floats) -> str:
    """Return the file's text, byte for byte the same for the same pieces."""
    file = {
        "version": "1.0",
        "added_tokens": [_added(name, pieces.index(name)) for name in SPECIAL],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                _replace(DROPPED, ""),
                _replace(SPACES, " "),
                {"type": "NFKC"},
                _replace(" {2,}", " "),
                {"type": "Strip", "strip_left": False, "strip_right": True},
            ],
        },
        "pre_tokenizer": {
            "type": "Metaspace",
            "replacement": "▁",
            "prepend_scheme": "always",
            "split": True,
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [_special("<s>"), _text("A"), _special("</s>")],
            "pair": [_text("A"), _text("B")],
            "special_tokens": {
                name: {"id": name, "ids": [pieces.index(name)], "tokens": [name]}
                for name in ("<s>", "</s>")
            },
        },
        "model": {
            "type": "Unigram",
            "unk_id": UNKNOWN,
            "vocab": [[piece, float(score)] for piece, score in zip(pieces, scores, strict=True)],
            "byte_fallback": False,
        },
    }
    return json.dumps(file, ensure_ascii=False, separators=(",", ":"))


def surprisal(scores: Floats) -> Floats:
    """Return minus the log probability of each piece."""
    costs = -scores
    costs[UNKNOWN] = costs.max() + UNKNOWN_PENALTY
    return np.asarray(costs, dtype=np.float32)


def _replace(pattern: str, content: str) -> dict[str, object]:
    return {"type": "Replace", "pattern": {"Regex": pattern}, "content": content}


def _special(name: str) -> dict[str, object]:
    return {"SpecialToken": {"id": name, "type_id": 0}}


def _text(name: str) -> dict[str, object]:
    return {"Sequence": {"id": name, "type_id": 0}}


def _added(name: str, number: int) -> dict[str, object]:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": number, "content": name, **flags, "special": True}
