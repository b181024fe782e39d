"""Every benchmark on made-up data in the formats of the public files, with the real system."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from evals.bench import (
    chunking,
    clapnq,
    cleaning,
    mtragun,
    multihoprag,
    nomiracl,
    qacc,
    realtimeqa,
    rgb,
    squad,
    sweep,
)
from evals.bench.__main__ import BENCHMARKS, main
from evals.bench.data import SOURCES, MissingDataError, read_json_lines
from evals.bench.figures import Row, Table
from evals.bench.refusal import FITTED
from evals.bench.system import DENSE, IBID, WORDS, Setting
from ingest.errors import BadInputError

pytestmark = pytest.mark.slow

HARBOUR = (
    "The harbour of Port Alder was dredged in 1974. The work cost nine million crowns. "
    "Its lighthouse is painted red and stands 31 metres tall."
)
ORCHARD = (
    "The orchard at Lindow grows pears and quinces. Margaret Hale planted the first quince trees "
    "in 1889. The harvest begins in late September."
)
RAILWAY = (
    "The narrow railway to Tarn carried slate until 1951. Its last engine, the Merlin, is kept in "
    "the museum of Esk. Volunteers run trains on Sundays."
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def setting(tmp_path: Path, data: Path) -> Setting:
    return Setting(data, tmp_path / "cache")


def write(data: Path, name: str, *records: Any) -> None:
    lines = name.endswith(".jsonl.gz")
    text = "\n".join(map(json.dumps, records)) if lines else json.dumps(records[0])
    (data / name).write_bytes(gzip.compress(text.encode()))


def rows(table: Table) -> dict[str, Row]:
    return {item.system: item for item in table.rows}


def value(table: Table, system: str, column: str) -> float | None:
    return rows(table)[system].figures[column].value


def excerpt(text: str, words: str) -> dict[str, Any]:
    start = text.index(words)
    return {"content": words, "start_index": start, "end_index": start + len(words)}


def write_chunking(data: Path) -> None:
    write(data, "chroma_chunkeval_corpora.json.gz", {"harbour": HARBOUR, "orchard": ORCHARD})
    write(
        data, "chroma_chunkeval_questions_A.jsonl.gz",
        {"i": 0, "question": "When was the harbour of Port Alder dredged?",
         "corpus_id": "harbour", "references": [excerpt(HARBOUR, "dredged in 1974")]},
        {"i": 1, "question": "Who planted the first quince trees?",
         "corpus_id": "orchard", "references": [excerpt(ORCHARD, "Margaret Hale planted")]},
    )  # fmt: skip


def squad_paragraph(text: str, question: str, answer: str | None) -> dict[str, Any]:
    answers = [{"text": answer, "answer_start": text.index(answer)}] if answer else []
    item = {"id": question, "question": question, "is_impossible": not answer, "answers": answers}
    return {"context": text, "qas": [item]}


def write_squad(data: Path) -> None:
    pages = [
        {"title": "Port_Alder", "paragraphs": [
            squad_paragraph(HARBOUR, "When was the harbour dredged?", "1974")]},
        {"title": "Lindow", "paragraphs": [
            squad_paragraph(ORCHARD, "What grows in the orchard at Lindow?", "pears"),
            squad_paragraph("Lindow is small.", "Who rules Lindow?", None)]},
        {"title": "Tarn", "paragraphs": [
            squad_paragraph(RAILWAY, "What did the railway to Tarn carry?", "slate")]},
    ]  # fmt: skip
    write(data, "squad2_dev_A.json.gz", {"data": pages})
    other = {"title": "Prime_number", "paragraphs": ["A prime number has two divisors."]}
    write(data, "squad2_distractor_paragraphs.json.gz", [other])


def test_chunking(setting: Setting) -> None:
    write_chunking(setting.data)
    [table] = chunking.run(setting)
    assert set(rows(table)) == {IBID, WORDS, DENSE}
    assert value(table, IBID, "recall@5") == 1
    precision = value(table, IBID, "precision@5")
    assert precision is not None
    assert 0 < precision < 0.2


def test_realtimeqa(setting: Setting) -> None:
    def article(url: str, text: str) -> dict[str, Any]:
        return {"url": url, "title": "News", "source": "x", "date": "2022-06-01", "text": text}

    texts = {"https://a": HARBOUR, "https://b": ORCHARD, "https://c": RAILWAY}
    write(
        setting.data, "rtqa_articles_2022.jsonl.gz",
        *(article(url, text) for url, text in texts.items()), article("https://d", "Short. Text."),
    )  # fmt: skip
    write(
        setting.data, "rtqa_questions_A.jsonl.gz",
        {"id": "1", "question": "Which engine is kept in the museum?", "gold_urls": ["https://c"]},
        {"id": "2", "question": "Nothing known", "gold_urls": []},
        {"id": "3", "question": "Gone", "gold_urls": ["https://elsewhere"]},
    )  # fmt: skip
    [table] = realtimeqa.run(setting)
    for system in (IBID, WORDS, DENSE):
        assert value(table, system, "R@1") == 1
    assert rows(table)[IBID].figures["R@1"].count == 1


def test_squad(setting: Setting) -> None:
    write_squad(setting.data)
    paragraph, sentence, near_miss, removed = squad.run(setting)
    assert value(paragraph, IBID, "R@1") == 1
    assert rows(paragraph)[IBID].figures["R@1"].count == 3
    assert value(sentence, f"{IBID}, all questions", "top@1") == 1
    assert {*rows(near_miss)} == {*rows(removed)} == {IBID, FITTED, WORDS, DENSE}


def test_a_page_is_taken_away(setting: Setting) -> None:
    write_squad(setting.data)
    collection = squad.read(setting.data)
    asked = squad.without_page(collection.questions[1:2], collection)
    assert asked[0].articles == ("squad_open-0_0", "squad_open-2_0", "squad_open-3_0")
    assert not asked[0].answerable


def test_nomiracl(setting: Setting) -> None:
    def record(n: int, relevant: bool, output: str) -> dict[str, Any]:
        question = "When was the harbour of Port Alder dredged?"
        passages = [f"Port Alder: {HARBOUR if relevant else RAILWAY}", f"Lindow: {ORCHARD}"]
        subset = "relevant" if relevant else "non_relevant"
        return {"query_id": n, "q": question, "ps": passages, "subset": subset,
                "llm_outputs": {"model": output}}  # fmt: skip

    write(
        setting.data, "nomiracl_en_test_A.jsonl.gz",
        record(0, True, "Yes, answer is present"), record(1, True, "I don't know"),
        record(2, False, "I don't know"), record(3, False, "Yes, answer is present"),
    )  # fmt: skip
    held_out, everything = nomiracl.run(setting)
    assert value(everything, "model", "balanced accuracy") == 0.5
    assert value(held_out, "model", "error") == 1
    assert value(held_out, "model", "hallucination") == 1
    assert value(everything, IBID, "error") == 0
    assert rows(held_out)[IBID].figures["AUROC"].count == 2


def test_clapnq(setting: Setting) -> None:
    def record(n: int, text: str, answer: str | None) -> dict[str, Any]:
        output = {"answer": answer or "", "selected_sentences": [answer] if answer else []}
        return {"id": str(n), "input": "When does the harvest begin?", "answerable": bool(answer),
                "passages": [{"title": "Lindow", "text": text}], "output": [output]}  # fmt: skip

    answer = "The harvest begins in late September."
    write(
        setting.data, "clapnq_dev_A.jsonl.gz",
        record(0, ORCHARD, answer), record(1, ORCHARD, answer), record(2, RAILWAY, None),
        record(3, RAILWAY, None),
    )  # fmt: skip
    wording, refusal, sentence = clapnq.run(setting)
    ours = value(wording, IBID, "ROUGE-L")
    assert ours is not None
    assert ours > 0.4
    assert value(wording, "the whole passage", "ROUGE-L") == pytest.approx(
        2 * 6 / (6 + 24), abs=0.1
    )
    assert value(sentence, IBID, "top@3") == 1
    assert set(rows(refusal)) == {IBID, FITTED, WORDS, DENSE}


def test_rgb(setting: Setting) -> None:
    record = {
        "id": 0,
        "query": "When was the harbour dredged?",
        "answer": [["1974", "in 1974"]],
        "fakeanswer": "1980",
        "positive": ["Port Alder's harbour was dredged in 1974.", "It was 1974."],
        "positive_wrong": ["It was 1980."],
        "negative": [f"Noise number {n} about slate." for n in range(6)],
    }
    write(setting.data, "rgb_en_fact_A.jsonl.gz", record)
    *noisy, rejection = rgb.run(setting)
    assert [value(table, IBID, "top@1") for table in noisy] == [1.0] * len(rgb.NOISE)
    assert rows(rejection)[IBID].figures["error"].count == 1
    snippets = rgb.read(setting.data)
    with setting.open(snippets.collection) as measured:
        [clean] = rgb.with_noise(snippets, measured, 0)
        [noise] = rgb.with_noise(snippets, measured, 1)
        [right] = rgb.only_right(snippets, measured)
    assert sum("positive" in name for name in clean.articles) == 2
    assert len(clean.articles) == len(noise.articles) == rgb.SNIPPETS
    assert not noise.answerable
    assert len(right.articles) == 2


def test_mtragun(setting: Setting) -> None:
    def record(n: int, kind: str, texts: list[str], *turns: str) -> dict[str, Any]:
        contexts = [{"document_id": text[:12], "text": text} for text in texts]
        speakers = ("user", "agent") * len(turns)
        said = [{"speaker": s, "text": t} for s, t in zip(speakers, turns, strict=False)]
        return {"task_id": str(n), "Collection": "towns", "contexts": contexts, "input": said,
                "answerability": [kind]}  # fmt: skip

    write(
        setting.data, "mtragun_tasks_A.jsonl.gz",
        record(0, "ANSWERABLE", [HARBOUR, RAILWAY], "When was the harbour dredged?"),
        record(1, "ANSWERABLE", [RAILWAY], "Tell me of the railway to Tarn.", "It is narrow.",
               "What did it carry?"),
        record(2, "UNANSWERABLE", [], "How many goals did Pelé score?"),
        record(3, "UNDERSPECIFIED", [], "Why?"),
    )  # fmt: skip
    answered, with_history, _, found = mtragun.run(setting)
    assert value(answered, f"{IBID}, with the history", "answerable") == 1
    assert rows(answered)[f"{IBID}, with the history"].figures["unanswerable"].count == 1
    assert value(found, f"{IBID}, with the history", "R@1") == 1
    assert rows(with_history)[IBID].figures["balanced accuracy"].count == 3


def test_qacc(setting: Setting) -> None:
    def record(question: str, second: str | None, *contexts: str) -> dict[str, Any]:
        return {"question": question, "contexts": contexts, "sources": ["a.org"] * len(contexts),
                "firstAnswer": "1974", "secondAnswerExist": "A" if second else "B",
                "secondAnswer": second, "annotation_task_id": 0}  # fmt: skip

    question = "When was the harbour of Port Alder dredged?"
    write(
        setting.data, "qacc_conflicts_train_dev.jsonl.gz",
        record(question, "1976", "The harbour of Port Alder was dredged in 1974.",
               "Port Alder had its harbour dredged in the year 1976.", ""),
        record(question, None, "The harbour of Port Alder was dredged in 1974."),
    )  # fmt: skip
    [table] = qacc.run(setting)
    assert value(table, IBID, "any value") == 1
    assert rows(table)[IBID].figures["recall"].count == 1
    assert value(table, f"{DENSE}, best 3 sentences", "both values") == 1


def test_multihoprag_checks_its_metric_and_the_corpus(setting: Setting, tmp_path: Path) -> None:
    fact = {"fact": "dredged in 1974"}
    found = {"query": "?", "question_type": "inference_query", "gold_list": [fact],
             "retrieval_list": [{"text": "nothing"}, {"text": HARBOUR}]}  # fmt: skip
    null = {**found, "question_type": "null_query"}
    write(setting.data, "multihoprag_author_output_8q.json.gz", [found, null])
    [check] = multihoprag.run(setting)
    assert value(check, "their llm-embedder", "MRR@10") == 0.5
    assert "--corpus" in check.note
    corpus = tmp_path / "corpus.json"
    with pytest.raises(MissingDataError, match="huggingface"):
        multihoprag.read(setting.data, corpus)
    corpus.write_text("[]")
    with pytest.raises(BadInputError, match="sha256"):
        multihoprag.read(setting.data, corpus)


def test_multihoprag_over_articles(setting: Setting) -> None:
    articles = [
        {"title": "Port Alder", "body": HARBOUR, "published_at": "2023-09-26T17:01:22+00:00"},
        {"title": "Lindow", "body": ORCHARD, "published_at": "2023-10-22T18:00:00+00:00"},
    ]
    query = {"id": "0", "query": "When was the harbour dredged?", "question_type": "x",
             "evidence_list": [{"fact": "dredged in 1974"}]}  # fmt: skip
    null = {**query, "question_type": "null_query"}
    collection = multihoprag.make_collection(articles, [query, null])
    table = multihoprag.measure(setting, collection)
    assert value(table, IBID, "Hits@4") == 1
    assert rows(table)[IBID].figures["MAP@10"].count == 1


def test_sweep(setting: Setting) -> None:
    write_squad(setting.data)
    excerpts = sweep.squad_pages(setting.data)
    shares = sweep.by_share(excerpts, setting)
    assert value(shares, "BM25 1", "recall@5") == 1
    sizes = sweep.by_size(excerpts, setting, sweep.VARIANTS[:1])
    assert value(sizes, "150/0", f"recall@{sweep.BUDGET} tokens") == 1
    assert (setting.cache / "squad_pages-150-0" / "library.sqlite").is_file()


def test_a_limited_collection_keeps_what_its_questions_need(setting: Setting) -> None:
    write_squad(setting.data)
    limited = squad.read(setting.data).limited(2)
    assert limited.name == "squad_open-2"
    assert [question.gold for question in limited.questions] == [
        ("squad_open-2-0_0",), ("squad_open-2-1_1",)
    ]  # fmt: skip
    assert {"0_0", "1_1"} <= limited.documents.keys()


def test_a_finished_benchmark_is_not_run_again(
    setting: Setting, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write_chunking(setting.data)
    options = ["--data", str(setting.data), "--cache", str(setting.cache)]
    saved = tmp_path / "out" / "bench.json"
    assert main([*options, "--save", str(saved), "chunking"]) == 0
    first = json.loads(saved.read_text())["chunking"]
    assert "recall@5" in capsys.readouterr().out
    kept = setting.cache / "results" / "chunking.json"
    kept.write_text(json.dumps({**first, "seconds": 4711.0, "code": "of another day"}))
    assert main([*options, "--save", str(saved), "chunking"]) == 0
    assert json.loads(saved.read_text())["chunking"]["seconds"] == 4711
    assert "other code" in capsys.readouterr().out
    assert main([*options, "--again", "--save", str(saved), "chunking"]) == 0
    again = json.loads(saved.read_text())["chunking"]
    assert again["tables"] == first["tables"]
    assert again["seconds"] < 4711


def test_a_missing_file_is_named_with_its_source(
    setting: Setting, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--data", str(setting.data), "--cache", str(setting.cache)]
    assert main([*options, "clapnq"]) == 2
    said = capsys.readouterr().err
    assert "clapnq_dev_A.jsonl.gz" in said
    assert "https://github.com/primeqa/clapnq" in said


def test_a_broken_file_is_said_to_be_broken(setting: Setting) -> None:
    (setting.data / "nomiracl_en_test_A.jsonl.gz").write_bytes(b"not gzip")
    with pytest.raises(BadInputError, match="Fetch it again"):
        nomiracl.run(setting)


def test_an_unknown_name_is_refused(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--data", str(setting.data), "chunkin"])
    assert "there are chunking" in capsys.readouterr().err


def test_every_file_and_benchmark_is_documented() -> None:
    text = (Path(__file__).parents[1] / "docs" / "benchmarks.md").read_text("utf-8")
    assert not [name for name in (*SOURCES, *BENCHMARKS) if name not in text]


def test_line_separators_within_a_record_end_no_line(data: Path) -> None:
    text = json.dumps({"text": "one\u2028two"}, ensure_ascii=False)
    (data / "x.jsonl.gz").write_bytes(gzip.compress(f"{text}\n\n".encode()))
    assert list(read_json_lines(data, "x.jsonl.gz")) == [{"text": "one\u2028two"}]


def test_cleaning_on_pages_whose_article_is_known(data: Path, capsys: Any) -> None:
    story = "".join(f"<p>{text}</p>" for text in (HARBOUR, ORCHARD, RAILWAY))
    page = f"<html><body><nav><a href=/>Home</a></nav><h1>News</h1>{story}</body></html>"
    (data / "html").mkdir()
    for name, content in (("good", page), ("none", "<html><body></body></html>")):
        (data / "html" / f"{name}.html.gz").write_bytes(gzip.compress(content.encode()))
    known = {"articleBody": f"{HARBOUR} {ORCHARD} {RAILWAY}"}
    (data / "ground-truth.json").write_text(json.dumps({"good": known, "none": known}))
    table = cleaning.measure(cleaning.load(data))
    (ours, *_) = table.rows
    assert ours.figures["precision"].value == 1
    assert ours.figures["recall"].value == 0.5
    assert table.note == "refused by Ibid: 1\n  none"
    assert cleaning.main(["--data", str(data), "--half", "even"]) == 0
    assert "100.0" in capsys.readouterr().out


def test_cleaning_on_pages_of_which_snippets_are_known(data: Path) -> None:
    story = "".join(f"<p>{text}</p>" for text in (HARBOUR, ORCHARD, RAILWAY))
    (data / "tests" / "eval").mkdir(parents=True)
    (data / "tests" / "eval" / "a.html").write_text(f"<nav>Home</nav><h1>News</h1>{story}")
    known = {"file": "a.html", "with": ["dredged in 1974", "not there"], "without": ["Home"]}
    (data / "tests" / "evaldata.json").write_text(json.dumps({"https://a.example": known}))
    (ours, *_) = cleaning.measure(cleaning.load(data)).rows
    assert (ours.figures["kept"].value, ours.figures["dropped"].value) == (0.5, 1)


def test_cleaning_without_pages_says_what_is_missing(tmp_path: Path, capsys: Any) -> None:
    assert cleaning.main(["--data", str(tmp_path)]) == 2
    assert "evaldata.json" in capsys.readouterr().err
