"""The encoder as an ONNX graph: token numbers [texts, tokens] in, two unit vectors of each text out.

MPNet (Song et al. 2020): twelve layers of attention and a feed-forward part, each added to its input and normalised
after; one bias by distance between tokens, shared by all layers. A vector is the mean over a text's tokens, scaled to
length 1: first that of the last layer, which is the published one, then that of a middle layer. All texts of one call
have the same number of tokens, so nothing is padded and there is no mask.

`ExactGraph` computes in float32, `QuantisedGraph` what is large in eight bits.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from bot.nlu.encoder_quantise import quantise
from bot.nlu.encoder_recipe import (
    BUCKETS,
    FARTHEST,
    GIVEN_LAYERS,
    HEADS,
    LAYERS,
    MIDDLE,
    NORM_EPSILON,
    PAD_ID,
    TOKENS_AT_MOST,
    WIDE_CHANNELS,
    WIDE_NEURONS,
    WIDTH,
)
from bot.nlu.encoder_weights import Floats, Weights

INPUT, OUTPUT = "input_ids", "vector"
OPSET, FUSED_OPSET, FILE_VERSION = 18, 1, 8
FUSED = "com.microsoft"
"""ONNX Runtime's own operators: https://onnxruntime.ai, "Contrib operators"."""

_WORDS = "embeddings.word_embeddings.weight"
_POSITIONS = "embeddings.position_embeddings.weight"
_DISTANCES = "encoder.relative_attention_bias.weight"


def distance_buckets(tokens: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The bucket [tokens, tokens] of the distance from each token (row) to each other (column).

    Half of the buckets are for what follows. Of each half the first half are distances of their own; the others grow
    with the logarithm up to `FARTHEST` (T5, Raffel et al. 2020).
    """
    half, single = BUCKETS // 2, BUCKETS // 4
    ahead = np.arange(tokens)[None, :] - np.arange(tokens)[:, None]
    distance = np.abs(ahead)
    steps = np.log(np.maximum(distance, 1) / single) / np.log(FARTHEST / single) * (half - single)
    far = np.minimum(single + steps.astype(np.int64), half - 1)
    return np.where(ahead > 0, half, 0) + np.where(distance < single, distance, far)


class _Graph:
    """Nodes and constants as they are added, and the parts that both graphs share."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def model(self) -> onnx.ModelProto:
        """The whole graph."""
        shape = self.node("Shape", INPUT)
        length = self.node("Slice", shape, self.numbers("one", [1]), self.numbers("two", [2]))
        self._texts_shape = self.node("Concat", shape, self.numbers("width", [WIDTH]), axis=0)
        self._bias = self._distance_bias(length)
        self.before_layers(shape)
        states = self._embeddings(length)
        after: list[str] = []
        for number in range(LAYERS):
            states = self._layer(f"encoder.layer.{number}", number, states)
            after.append(states)
        given = [self._mean(after[LAYERS - 1]), self._mean(after[MIDDLE - 1])]
        self._nodes.append(helper.make_node("Concat", given, [OUTPUT], axis=-1))
        graph = helper.make_graph(
            self._nodes,
            "sentence_encoder",
            [helper.make_tensor_value_info(INPUT, TensorProto.INT64, ["texts", "tokens"])],
            [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["texts", GIVEN_LAYERS * WIDTH])],
            list(self._constants.values()),
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, FUSED_OPSET)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=FILE_VERSION)

    def node(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Add a node with one output; gives the output's name."""
        name = f"{operator}_{len(self._nodes)}"
        self._nodes.append(
            helper.make_node(operator, list(inputs), [name], name=name, domain=domain, **attributes)
        )
        return name

    def fused(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add one of ONNX Runtime's own nodes with one output; gives the output's name."""
        return self.node(operator, *inputs, domain=FUSED, **attributes)

    def split(self, value: str, parts: int) -> list[str]:
        """Split a value into equal parts along its last axis; gives their names."""
        names = [f"Split_{len(self._nodes)}_{part}" for part in range(parts)]
        self._nodes.append(helper.make_node("Split", [value], names, axis=-1, num_outputs=parts))
        return names

    def constant(self, name: str, value: Any) -> str:
        """Add a constant, once by its name; gives the name."""
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def numbers(self, name: str, values: list[int]) -> str:
        """Add a constant of whole numbers; gives its name."""
        return self.constant(name, np.asarray(values, np.int64))

    def outside(self, name: str) -> str:
        """Refer to a tensor in the file of the weights, which has to stand beside the graph's; gives its name."""
        tensor = self.weights.tensor(name)
        reference = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=tensor.shape)
        reference.data_location = TensorProto.EXTERNAL
        place = {"location": self.weights.file.name, "offset": tensor.offset, "length": 4 * tensor.count}
        for key, value in place.items():
            reference.external_data.add(key=key, value=str(value))
        self._constants[name] = reference
        return name

    def _mean(self, states: str) -> str:
        states = self.node("Reshape", states, self._texts_shape)
        mean = self.node("ReduceMean", states, self.numbers("one", [1]), keepdims=0)
        return self.node("LpNormalization", mean, axis=-1, p=2)

    # Shapes: texts × tokens are one axis, "rows", but for the embeddings and inside attention.

    def _embeddings(self, length: str) -> str:
        first = PAD_ID + 1
        positions = self.constant(_POSITIONS, self.weights[_POSITIONS][first : first + TOKENS_AT_MOST])
        positions = self.node("Slice", positions, self.numbers("zero", [0]), length)
        states = self.node("Add", self.word_vectors(), positions)
        states = self.node("Reshape", states, self.numbers("rows", [-1, WIDTH]))
        return self.node(
            "LayerNormalization",
            states,
            *self._norm("embeddings.LayerNorm"),
            axis=-1,
            epsilon=NORM_EPSILON,
        )

    def _distance_bias(self, length: str) -> str:
        table = self.weights[_DISTANCES][distance_buckets(TOKENS_AT_MOST)].transpose(2, 0, 1)[None]
        return self.node(
            "Slice",
            self.constant("distances", table),
            self.numbers("zeros", [0, 0]),
            self.node("Concat", length, length, axis=0),
            self.numbers("last_axes", [2, 3]),
        )

    def _layer(self, layer: str, number: int, states: str) -> str:
        mixed = self.fused(
            "MultiHeadAttention",
            *self.queries_keys_values(layer, states),
            self._attention_bias(layer),
            "",
            self._bias,
            num_heads=HEADS,
        )
        mixed = self.node("Reshape", mixed, self.numbers("rows", [-1, WIDTH]))
        mixed = self.attention_output(f"{layer}.attention.attn.o", mixed)
        states = self._add_and_normalise(
            mixed, states, f"{layer}.attention.LayerNorm", f"{layer}.attention.attn.o"
        )
        further = self.feed_forward(layer, number, states)
        return self._add_and_normalise(further, states, f"{layer}.output.LayerNorm", f"{layer}.output.dense")

    def _attention_bias(self, layer: str) -> str:
        biases = [self.weights[f"{layer}.attention.attn.{each}.bias"] for each in "qkv"]
        return self.constant(f"{layer}.attention.bias", np.concatenate(biases))

    def _add_and_normalise(self, states: str, earlier: str, norm: str, linear: str) -> str:
        return self.fused(
            "SkipLayerNormalization",
            states,
            earlier,
            *self._norm(norm),
            self.bias(linear),
            epsilon=NORM_EPSILON,
        )

    def _norm(self, name: str) -> tuple[str, str]:
        weight, bias = f"{name}.weight", f"{name}.bias"
        return self.constant(weight, self.weights[weight]), self.constant(bias, self.weights[bias])

    def bias(self, linear: str) -> str:
        """Add the bias of a product; gives its name."""
        return self.constant(f"{linear}.bias", self.weights[f"{linear}.bias"])

    # What the two graphs do differently.

    def before_layers(self, shape: str) -> None:
        """Add what the layers share; `shape` is the input's."""

    def word_vectors(self) -> str:
        """Add the look-up of the words; gives [texts, tokens, width]."""
        raise NotImplementedError

    def queries_keys_values(self, layer: str, states: str) -> list[str]:
        """Add a layer's three products for attention, without their biases; gives three of [texts, tokens, width]."""
        raise NotImplementedError

    def attention_output(self, linear: str, mixed: str) -> str:
        """Add the product after attention, without its bias; gives [rows, width]."""
        raise NotImplementedError

    def feed_forward(self, layer: str, number: int, states: str) -> str:
        """Add a layer's feed-forward part, without its last bias; gives [rows, width]."""
        raise NotImplementedError


class ExactGraph(_Graph):
    """In float32, with the weights read from their own file."""

    def word_vectors(self) -> str:
        return self.node("Gather", self.outside(_WORDS), INPUT)

    def queries_keys_values(self, layer: str, states: str) -> list[str]:
        products = [self._product(f"{layer}.attention.attn.{each}", states) for each in "qkv"]
        return [self.node("Reshape", product, self._texts_shape) for product in products]

    def attention_output(self, linear: str, mixed: str) -> str:
        return self._product(linear, mixed)

    def feed_forward(self, layer: str, number: int, states: str) -> str:
        inner = self._product(f"{layer}.intermediate.dense", states)
        inner = self.fused("BiasGelu", inner, self.bias(f"{layer}.intermediate.dense"))
        return self._product(f"{layer}.output.dense", inner)

    def _product(self, linear: str, states: str) -> str:
        return self.node("Gemm", states, self.outside(f"{linear}.weight"), transB=1)


class QuantisedGraph(_Graph):
    """The large products in eight bits: each row of states by its own largest number, so that no text's vector depends
    on another's; each output's weights by a scale of their own. What is too wide for that stays float32, see
    `WIDE_CHANNELS` and `WIDE_NEURONS`. Words are float16.
    """

    CENTRE, FULL = 128, 255
    """States of both signs are rounded to 1…255 around the centre."""
    INNER_CENTRE = 16
    """GELU gives at least −0.17, so that after it all but 16 of the 256 steps are for what is positive."""
    GELU_AT_LEAST = -0.17

    def before_layers(self, shape: str) -> None:
        row_count = self.node("ReduceProd", shape, keepdims=1)
        self._centres = self.node("Expand", self.constant("centre", np.uint8(self.CENTRE)), row_count)
        self._inner_centres = self.node(
            "Expand", self.constant("inner_centre", np.uint8(self.INNER_CENTRE)), row_count
        )
        self._three_shape = self.node("Concat", shape, self.numbers("three_widths", [3 * WIDTH]), axis=0)
        narrow = np.ones(WIDTH, np.float32)
        narrow[list(WIDE_CHANNELS)] = 0
        self._narrow = self.constant("narrow_channels", narrow)

    def word_vectors(self) -> str:
        words = self.constant(_WORDS, self.weights[_WORDS].astype(np.float16))
        return self.node("Cast", self.node("Gather", words, INPUT), to=TensorProto.FLOAT)

    def queries_keys_values(self, layer: str, states: str) -> list[str]:
        matrices = [self._matrix(f"{layer}.attention.attn.{each}") for each in "qkv"]
        product = self._of_states(f"{layer}.attention", np.concatenate(matrices, axis=1), states)
        return self.split(self.node("Reshape", product, self._three_shape), 3)

    def attention_output(self, linear: str, mixed: str) -> str:
        return self._both_signs(linear, self._matrix(linear), mixed, mixed)

    def feed_forward(self, layer: str, number: int, states: str) -> str:
        up, down = self._matrix(f"{layer}.intermediate.dense"), self._matrix(f"{layer}.output.dense")
        bias = np.array(self.weights[f"{layer}.intermediate.dense.bias"])
        wide = list(WIDE_NEURONS[number])
        few = self.node("MatMul", states, self.constant(f"{layer}.wide.up", up[:, wide]))
        few = self.fused("BiasGelu", few, self.constant(f"{layer}.wide.bias", bias[wide]))
        few_down = self.constant(f"{layer}.wide.down", down[wide])
        up[:, wide], bias[wide], down[wide] = 0, 0, 0  # so that they give GELU(0) = 0 below

        inner = self._of_states(f"{layer}.intermediate.dense", up, states)
        inner = self.fused("BiasGelu", inner, self.constant(f"{layer}.intermediate.bias", bias))
        return self.node("Gemm", few, few_down, self._after_gelu(f"{layer}.output.dense", down, inner))

    def _matrix(self, linear: str) -> Floats:
        """Weights [inputs, outputs], to be changed at will."""
        return np.array(self.weights[f"{linear}.weight"].T, order="C")

    def _of_states(self, name: str, matrix: Floats, states: str) -> str:
        """The product of a layer's input: its wide channels in float32, the others in eight bits."""
        wide = list(WIDE_CHANNELS)
        few = self.node("Gather", states, self.numbers("wide_channels", wide), axis=1)
        few_weights = self.constant(f"{name}.wide", matrix[wide])
        matrix[wide] = 0
        narrow = self.node("Mul", states, self._narrow)
        return self.node("Gemm", few, few_weights, self._both_signs(name, matrix, states, narrow))

    def _both_signs(self, name: str, matrix: Floats, states: str, narrow: str) -> str:
        """A product in eight bits whose rows are scaled by the largest of `narrow`; what exceeds it is cut off."""
        largest = self.node("ReduceMax", self.node("Abs", narrow), self.numbers("last", [-1]), keepdims=0)
        step = np.float32(1 / (self.FULL - self.CENTRE))
        scale = self.node("Mul", largest, self.constant("step", step))
        rounded = self.node("QuantizeLinear", states, scale, self._centres, axis=0)
        return self._product(name, matrix, rounded, scale, "centre")

    def _after_gelu(self, name: str, matrix: Floats, states: str) -> str:
        largest = self.node("ReduceMax", states, self.numbers("last", [-1]), keepdims=0)
        step = np.float32(1 / (self.FULL - self.INNER_CENTRE))
        scale = self.node("Mul", largest, self.constant("inner_step", step))
        finest = np.float32(-self.GELU_AT_LEAST / self.INNER_CENTRE)
        scale = self.node("Max", scale, self.constant("inner_finest_step", finest))
        rounded = self.node("QuantizeLinear", states, scale, self._inner_centres, axis=0)
        return self._product(name, matrix, rounded, scale, "inner_centre")

    def _product(self, name: str, matrix: Floats, rounded: str, scale: str, centre: str) -> str:
        weights, scales = quantise(matrix)
        product = self.fused(
            "MatMulIntegerToFloat",
            rounded,
            self.constant(f"{name}.rounded", weights),
            self.constant("unit", np.float32(1)),
            self.constant(f"{name}.scales", scales),
            centre,
        )
        return self.node("Mul", product, self.node("Unsqueeze", scale, self.numbers("one", [1])))


def write_exact(weights: Weights, to: Path) -> None:
    """Write the graph in float32 into the folder of the weights, which it reads its numbers from."""
    onnx.save_model(ExactGraph(weights).model(), str(to))


def write_quantised(weights: Weights, to: Path) -> None:
    """Write the graph in eight bits; it needs no other file."""
    onnx.save_model(QuantisedGraph(weights).model(), str(to))
