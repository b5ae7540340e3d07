using System.Globalization;
using TransformFramework.Generated;
using TransformFramework.Graphs;
using TransformFramework.Graphs.Text;

namespace TransformFramework.Benchmarks.Networks;

/// <summary>Recurrent layers with hashed weights, as loops that Keras writes: the cells of Hochreiter and Schmidhuber 1997 and of Cho et al. 2014, the latter with the reset after the product.</summary>
internal static class RecurrentNets
{
    public const string Input = "x";

    private const int Steps = 32;
    private const int Width = 128;
    private const int Units = 256;

    private const string Lstm =
        """
        xw = MatMul(item:item:0, wx) {T=float, transpose_a=false, transpose_b=false}
        hw = MatMul(h, wh) {T=float, transpose_a=false, transpose_b=false}
        both = AddV2(xw:product:0, hw:product:0) {T=float}
        z = BiasAdd(both:z:0, b) {T=float, data_format="NHWC"}
        parts = Split(axis:output:0, z:output:0) {T=float, num_split=4}
        i = Sigmoid(parts:output:0) {T=float}
        f = Sigmoid(parts:output:1) {T=float}
        g = Tanh(parts:output:2) {T=float}
        o = Sigmoid(parts:output:3) {T=float}
        kept = Mul(f:y:0, c) {T=float}
        added = Mul(i:y:0, g:y:0) {T=float}
        c_next = AddV2(kept:z:0, added:z:0) {T=float}
        squashed = Tanh(c_next:z:0) {T=float}
        h_next = Mul(o:y:0, squashed:y:0) {T=float}
        """;

    private const string Gru =
        """
        xw = MatMul(item:item:0, wx) {T=float, transpose_a=false, transpose_b=false}
        xb = BiasAdd(xw:product:0, b) {T=float, data_format="NHWC"}
        hw = MatMul(h, wh) {T=float, transpose_a=false, transpose_b=false}
        hb = BiasAdd(hw:product:0, b) {T=float, data_format="NHWC"}
        xs = Split(axis:output:0, xb:output:0) {T=float, num_split=3}
        hs = Split(axis:output:0, hb:output:0) {T=float, num_split=3}
        zs = AddV2(xs:output:0, hs:output:0) {T=float}
        z = Sigmoid(zs:z:0) {T=float}
        rs = AddV2(xs:output:1, hs:output:1) {T=float}
        r = Sigmoid(rs:z:0) {T=float}
        gated = Mul(r:y:0, hs:output:2) {T=float}
        ns = AddV2(xs:output:2, gated:z:0) {T=float}
        n = Tanh(ns:z:0) {T=float}
        one = Const() {dtype=float, value=float{1}}
        rest = Sub(one:output:0, z:y:0) {T=float}
        kept = Mul(z:y:0, h) {T=float}
        added = Mul(rest:z:0, n:y:0) {T=float}
        h_next = AddV2(kept:z:0, added:z:0) {T=float}
        """;

    private const string Arguments =
        """
        input t {type=int32}
        input read {type=variant}
        input written {type=variant}
        input wx {type=float}
        input wh {type=float}
        input b {type=float}
        """;

    /// <summary>A layer of 256 units over 32 steps of 128 values.</summary>
    public static Network OfLstm() => Of("lstm_256", Lstm, 4, ["h", "c"]);

    /// <inheritdoc cref="OfLstm"/>
    public static Network OfGru() => Of("gru_256", Gru, 3, ["h"]);

    private static Network Of(string name, string cell, int gates, string[] states)
    {
        Graph loop = GraphText.Parse(Loop(cell, states));
        Node[] weights =
        [
            Node.Constant("zeros", Tensor.Create<float>(DataType.Float, TensorShape.Of(1, Units), new float[Units])),
            Node.Constant("wx", HashedWeights.Of("wx", TensorShape.Of(Width, gates * Units), Width)),
            Node.Constant("wh", HashedWeights.Of("wh", TensorShape.Of(Units, gates * Units), 4 * Units)),
            Node.Constant("b", HashedWeights.Of("b", TensorShape.Of(gates * Units), 800)),
        ];
        return new(name, loop.WithNodes([.. loop.Nodes, .. weights]), Input, TensorShape.Of(Steps, 1, Width), "y");
    }

    private static string Loop(string cell, string[] states) => string.Create(CultureInfo.InvariantCulture, $$$"""
        x = Placeholder() {dtype=float, shape=({{{Steps}}},1,{{{Width}}})}
        zero = Const() {dtype=int32, value=int32{0}}
        steps = Const() {dtype=int32, value=int32{{{{Steps}}}}}
        element = Const() {dtype=int32, value=int32[2]{-1,{{{Width}}}}}
        result = Const() {dtype=int32, value=int32[2]{1,{{{Units}}}}}
        read = TensorListFromTensor(x, element) {element_dtype=float, shape_type=int32}
        written = TensorListReserve(result, steps) {element_dtype=float, shape_type=int32}
        loop = StatelessWhile(zero, read, written, wx, wh, b{{{Repeated(states, _ => ", zeros")}}}) {T=[int32,variant,variant,float,float,float{{{Repeated(states, _ => ",float")}}}], cond=@more, body=@step}
        y = TensorListStack(loop:2, result) {element_dtype=float, num_elements=-1}
        function more {
          {{{Arguments}}}
          {{{Repeated(states, state => $"input {state} {{type=float}}\n")}}}
          output z {type=bool}
          steps = Const() {dtype=int32, value=int32{{{{Steps}}}}}
          less = Less(t, steps:output:0) {T=int32}
          return z = less:z:0
        }
        function step {
          {{{Arguments}}}
          {{{Repeated(states, state => $"input {state} {{type=float}}\n")}}}
          output t_next {type=int32}
          output read_next {type=variant}
          output written_next {type=variant}
          output wx_next {type=float}
          output wh_next {type=float}
          output b_next {type=float}
          {{{Repeated(states, state => $"output {state}_out {{type=float}}\n")}}}
          axis = Const() {dtype=int32, value=int32{1}}
          step = Const() {dtype=int32, value=int32{1}}
          sum = AddV2(t, step:output:0) {T=int32}
          element = Const() {dtype=int32, value=int32[2]{1,{{{Width}}}}}
          item = TensorListGetItem(read, t, element:output:0) {element_dtype=float}
          {{{cell}}}
          set = TensorListSetItem(written, t, h_next:z:0) {element_dtype=float}
          return t_next = sum:z:0
          return read_next = read
          return written_next = set:output_handle:0
          return wx_next = wx
          return wh_next = wh
          return b_next = b
          {{{Repeated(states, state => $"return {state}_out = {state}_next:z:0\n")}}}
        }
        """);

    private static string Repeated(string[] states, Func<string, string> text) => string.Concat(states.Select(text));
}
