"""The encoder as an ONNX graph, from word vectors to hidden states; its matrices in int8.

A matrix is quantized per output channel to 7 bits: so two products of an activation (8 bits,
quantized for each text) and a weight always fit in the 16 bits in which older processors add them,
and every processor computes the same. With 8 bits the vectors are no nearer to fp32 (cosine .9969
against .9965 on passages of the corpus) and it is no faster.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

from ingest.e5.source import Floats, Source

OPSET, IR_VERSION = 20, 9
Attribute = int | float | list[int]
LARGEST = 63
"""Of a weight of 7 bits with a sign."""


@dataclass
class _Graph:
    """Nodes and constants as they are added; a value is known by its name."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, name: str, value: npt.ArrayLike) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def several(self, kind: str, *inputs: str, count: int, **attributes: Attribute) -> list[str]:
        name = f"{kind}{len(self.nodes)}"
        outputs = [f"{name}.{number}" for number in range(count)]
        node = helper.make_node(kind, inputs, outputs, name)
        node.attribute.extend(helper.make_attribute(*item) for item in sorted(attributes.items()))
        self.nodes.append(node)
        return outputs

    def add(self, kind: str, *inputs: str, **attributes: Attribute) -> str:
        return self.several(kind, *inputs, count=1, **attributes)[0]


class _Encoder:
    """A BERT encoder, normalized after each step, over one text."""

    def __init__(self, source: Source, *, quantized: bool) -> None:
        self.source, self.shape, self.quantized = source, source.shape, quantized
        self.graph = _Graph()
        head = self.shape.hidden // self.shape.heads
        self.heads = self.graph.constant("heads", np.array([0, 0, self.shape.heads, head]))
        self.joined = self.graph.constant("joined", np.array([0, 0, self.shape.hidden]))
        self.scale = self.graph.constant("scale", np.float32(head**-0.5))

    def build(self) -> bytes:
        hidden = self.embed("word_vectors")
        for number in range(self.shape.layers):
            hidden = self.layer(hidden, f"l{number}")
        self.graph.nodes[-1].output[0] = "hidden_states"
        shape: list[str | int | None] = [1, "tokens", self.shape.hidden]
        ends = (
            helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
            for name in ("word_vectors", "hidden_states")
        )
        inputs, outputs = ([end] for end in ends)
        model = helper.make_model(
            helper.make_graph(self.graph.nodes, "e5", inputs, outputs, self.graph.constants),
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
        )
        return bytes(model.SerializeToString(deterministic=True))

    def embed(self, word_vectors: str) -> str:
        """Add to each word vector that of its position, and of the one kind of text there is."""
        graph, hidden = self.graph, self.shape.hidden
        positions = self.source.floats("emb.pos").reshape(-1, hidden)
        kinds = self.source.floats("emb.type").reshape(-1, hidden)
        table = graph.constant("positions", positions + kinds[0])
        zero, one, two = (graph.constant(f"axis{n}", np.array([n])) for n in range(3))
        length = graph.add("Slice", graph.add("Shape", word_vectors), one, two)
        return self.normalize(
            graph.add("Add", word_vectors, graph.add("Slice", table, zero, length, zero)), "emb.ln"
        )

    def layer(self, hidden: str, name: str) -> str:
        """Attention, then the feed-forward network."""
        attended = self.attend(hidden, name)
        hidden = self.normalize(self.graph.add("Add", hidden, attended), f"{name}.aln")
        (inner,) = self.linear(hidden, [f"{name}.fi"])
        (outer,) = self.linear(self.graph.add("Gelu", inner), [f"{name}.fo"])
        return self.normalize(self.graph.add("Add", hidden, outer), f"{name}.oln")

    def attend(self, hidden: str, name: str) -> str:
        graph = self.graph
        query, key, value = (
            graph.add("Reshape", part, self.heads)
            for part in self.linear(hidden, [f"{name}.{part}" for part in "qkv"])
        )
        query = graph.add("Transpose", graph.add("Mul", query, self.scale), perm=[0, 2, 1, 3])
        key = graph.add("Transpose", key, perm=[0, 2, 3, 1])
        value = graph.add("Transpose", value, perm=[0, 2, 1, 3])
        weights = graph.add("Softmax", graph.add("MatMul", query, key), axis=-1)
        mixed = graph.add("Transpose", graph.add("MatMul", weights, value), perm=[0, 2, 1, 3])
        (out,) = self.linear(graph.add("Reshape", mixed, self.joined), [f"{name}.ao"])
        return out

    def normalize(self, hidden: str, name: str) -> str:
        weight, bias = (
            self.graph.constant(f"{name}.{part}", self.source.floats(f"{name}.{part}"))
            for part in "wb"
        )
        return self.graph.add(
            "LayerNormalization", hidden, weight, bias, axis=-1, epsilon=self.shape.epsilon
        )

    def linear(self, values: str, names: Sequence[str]) -> list[str]:
        """Multiply by each named matrix and add its bias; the values are quantized once."""
        if self.quantized:
            codes, step, zero = self.graph.several("DynamicQuantizeLinear", values, count=3)
        products = []
        for name in names:
            bias = self.source.floats(f"{name}.b")
            matrix = self.source.matrix(f"{name}.w", self._columns(name)).T
            if self.quantized:
                product = self.product(codes, step, zero, name, matrix)
            else:
                product = self.graph.add("MatMul", values, self.graph.constant(name, matrix))
            products.append(self.graph.add("Add", product, self.graph.constant(f"{name}.b", bias)))
        return products

    def product(self, codes: str, step: str, zero: str, name: str, matrix: Floats) -> str:
        """Multiply whole numbers, and bring the sums back to scale."""
        steps = np.abs(matrix).max(axis=0) / np.float32(LARGEST)
        weights = self.graph.constant(name, np.rint(matrix / steps).astype(np.int8))
        sums = self.graph.add("MatMulInteger", codes, weights, zero)
        scale = self.graph.add("Mul", step, self.graph.constant(f"{name}.steps", steps))
        floats = self.graph.add("Cast", sums, to=onnx.TensorProto.FLOAT)
        return self.graph.add("Mul", floats, scale)

    def _columns(self, name: str) -> int:
        return self.shape.feed_forward if name.endswith(".fo") else self.shape.hidden


def encoder(source: Source, *, quantized: bool = True) -> bytes:
    """Return the ONNX file: `word_vectors` to `hidden_states`, each (1, tokens, dimensions)."""
    return _Encoder(source, quantized=quantized).build()
