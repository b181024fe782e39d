"""Falsehoods that read into the form of a sentence what it does not imply."""

from evals.bench.falsehoods.place import NAME, Lie, by_rules

_OTHER = r"(?:and|but|which|who|so|while|although|because|where)"

FORM: dict[str, Lie] = {
    "list continued wrongly": by_rules(
        (r"\b(to) [a-z]+ [^,.]+? (?:and|for|of|with|in) (?=[a-z]{4,})", r"\1 "),
        (rf"\b(to) [a-z]+ [^,.]+, {_OTHER} (?=[a-z])", r"\1 "),
        (rf"\b(for|of|on) (?:the )?[a-z]+(?:tion|ment) [^,.]+, {_OTHER} (?=[a-z])", r"\1 "),
    ),
    "apposition moved": by_rules(
        (rf"^({NAME}), ((?:the |a )?[a-z][^,.]+), .*?(?<=[a-z] )({NAME}).*", r"\3 is \2."),
        (rf"^.*?({NAME}) (?:and|with|to|of) ({NAME}), ((?:the |a )?[a-z][^,.]+), .*", r"\1 is \3."),
        (
            rf"^({NAME}), ((?:the |a )?[a-z][^,.]+), (?:said|has|was|had|is) .*",
            r"\1 was never \2.",
        ),
        (rf"^.*?\b(?:in|at|from) ({NAME}), ((?:the |a )?[a-z][^,.]+), .*", r"\1 was \2."),
    ),
    "reason turned": by_rules(
        (r"^(.+), so (.+)\.$", r"\1 because \2."),
        (r"^(.+) because (.+)\.$", r"\1, so \2."),
        (r"^Because ([^,]+), (.+)\.$", r"\1 because \2."),
    ),
}
