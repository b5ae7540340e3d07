using static TransformFramework.Quantization.Tests.CalibratedTest;

namespace TransformFramework.Quantization.Tests;

/// <summary>Graphs that several tests quantize.</summary>
internal static class QuantizeGraphs
{
    public const string Window = "strides=[1,1,1,1], padding=\"SAME\", data_format=\"NHWC\"";

    public static string Multiplication =>
        $$"""
        x = Placeholder() {dtype=float, shape=(3,6)}
        w = {{Floats("5,6", 1)}}
        v = {{Floats("5,4", 2)}}
        m = MatMul(x, w) {T=float, transpose_a=false, transpose_b=true}
        r = Relu(m) {T=float}
        y = MatMul(r, v) {T=float, transpose_a=false, transpose_b=false}
        """;

    public static string Chain =>
        $$"""
        x = Placeholder() {dtype=float, shape=(1,5,5,3)}
        w1 = {{Floats("3,3,3,4", 1)}}
        w2 = {{Floats("1,1,4,4", 2)}}
        first = Conv2D(x, w1) {T=float, {{Window}} }
        r1 = Relu(first) {T=float}
        second = Conv2D(r1, w2) {T=float, {{Window}} }
        r2 = Relu(second) {T=float}
        third = Conv2D(r2, w2) {T=float, {{Window}} }
        y = Identity(third) {T=float}
        """;

    public static string Residual(string add, string inputs, string activation) =>
        $$"""
        x = Placeholder() {dtype=float, shape=(1,5,5,3)}
        w1 = {{Floats("1,1,3,4", 1)}}
        w2 = {{Floats("3,3,4,4", 2, 0.3f)}}
        c = Conv2D(x, w1) {T=float, {{Window}} }
        r = Relu(c) {T=float}
        e = Conv2D(r, w2) {T=float, {{Window}} }
        f = Relu(e) {T=float}
        d = Conv2D(f, w2) {T=float, {{Window}} }
        s = {{add}}({{inputs}}) {T=float}
        t = {{activation}}(s) {T=float}
        y = Conv2D(t, w2) {T=float, {{Window}} }
        """;
}
