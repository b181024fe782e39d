"""Falsehoods that state as a fact what is planned, believed, said by one, or asked."""

from evals.bench.falsehoods.place import SAID, Lie, by_rules

CERTAINTY: dict[str, Lie] = {
    "modality dropped": by_rules(
        (r"\b(?:may|might|could|should|would|can|must) ", "will "),
        (r"\b(?:may|might|could|should|would|can|must) (?:not )?(?:be )?", "did "),
        (
            r"\b(?:plans?|intends?|hopes?|wants?|expects?|aims?|seeks?|is ready|are ready|threatens?"  # noqa: E501
            r"|promises?|tries|try|attempts?) to ",
            "will ",
        ),
        (
            r"\b(?:planned|intended|hoped|wanted|expected|aimed|sought|tried|attempted|offered|agreed"
            r"|decided|promised|threatened) to (?=\w)",
            "",
        ),
        (
            r"\b(?:is|are|was|were) (?:expected|supposed|due|likely|set|able|ready|planned|poised) to ",  # noqa: E501
            "did ",
        ),
        (
            r"\b(?:supposed|expected|likely|possible|potential|possibly|probably|perhaps|apparently) ",  # noqa: E501
            "",
        ),
        (r"\bneeds? to ", "has "),
        (r"\bproposed\b", "adopted"),
        (r"\bplanned\b", "finished"),
        (r"\b(?:opportunity|chance|plan|plans|attempt|attempts|ability|desire|obligation) to ", ""),
    ),
    "hedge dropped": by_rules(
        (
            r",? ?\b(?:allegedly|reportedly|apparently|likely|probably|possibly|perhaps|supposedly"
            r"|seemingly|presumably|so-called|virtually|practically|de facto|in theory|theoretically"  # noqa: E501
            r"|in my opinion|I think|it seems that|as if|potentially|ostensibly),? ",
            " ",
        ),
        (r" \b(?:roughly|approximately|nearly|almost|around|about|some) (?=\d)", " "),
        (r"\b(?:appears?|seems?|appeared|seemed) to (?:be )?", "is "),
        (
            r"\b(?:alleged|suspected|supposed|so-called|would-be|former|proposed|planned|draft|potential|possible|interim|acting) ",  # noqa: E501
            "",
        ),
    ),
    "attribution dropped": by_rules(
        (rf"^.{{3,60}}? {SAID}(?: that|:|,) “?", ""),
        (rf",[”\"]? (?:(?:[Tt]he )?[A-Z]\S+ ){{1,4}}{SAID}(?=\.$)", ""),
        (r"^According to [^,]{3,60}, ", ""),
        (r",? according to [^,.]+(?=[,.])", ""),
        (rf",[”\"]? {SAID} [^,.“\"]{{3,50}}(?=\.$)", ""),
    ),
    "that-clause alone": by_rules(
        (
            r"^.*?\b(?:denied|denies|doubts?|doubted|fears?|feared|hopes?|hoped|claims?|claimed|says?|said"
            r"|believes?|believed|suggests?|suggested|argued?s?|alleged|possibility|rumou?rs|thinks?"
            r"|thought|insisted|insists|expects?|predict\w*|promised|threat\w*|likely|unlikely|possible"
            r"|assume\w*|warned|wants?|pretend\w*|proposed) that ",
            "",
        ),
        (
            r"^.*?\b(?:whether|accused of|charged with|suspected of|asked to|ordered to|refused to|failed to|forced to|want to|wants to|wanted to) ",  # noqa: E501
            "",
        ),
    ),
    "condition dropped": by_rules(
        (r",? (?:if|unless|provided|as long as|only if|until|only when) [^,.]+(?=[,.])", ""),
        (r"^(?:If|Unless|When|Once|As long as|Should|Until|Were) [^,]+, ", ""),
        (r"\bif\b", "because"),
        (r"\b(?:if|when|unless)\b", "after"),
        (r"\b(?:depends on|in case of|in the event of)\b", "happened in"),
    ),
    "question as claim": by_rules(
        (
            r"^(Is|Are|Was|Were|Will|Can|Does|Did|Has|Have|Could|Should) ((?:the |this )?\w+) (.+)\?$",  # noqa: E501
            r"\2 \1 \3.",
        ),
        (r"^(?:How|Why|What|When|Where|Who) (.+)\?$", r"\1."),
        (r"^(.+)\?$", r"\1."),
    ),
}
