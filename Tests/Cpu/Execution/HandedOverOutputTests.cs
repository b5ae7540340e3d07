using TransformFramework.Cpu.Plans;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Execution;

/// <summary>Outputs that a run hands over one by one are those that it returns.</summary>
public sealed class HandedOverOutputTests
{
    private static readonly Dictionary<string, PlanCase> Cases = new(StringComparer.Ordinal)
    {
        ["inside a chain, in place, constant, fed, by reference kernels"] = new(
            """
            x = Placeholder() {dtype=float, shape=(1,6,7,20)}
            w = Const() {dtype=float, shape=(3,3,20,33)}
            b = Const() {dtype=float, shape=(33)}
            c = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="SAME"}
            a = BiasAdd(c, b) {T=float}
            r = Relu(a) {T=float}
            t = Rint(r) {T=float}
            same = Identity(a) {T=float}
            y = Mul(t, r) {T=float}
            """,
            "x", "c", "a", "same", "r", "t", "y", "b"),
        ["behind a branch"] = new(
            """
            x = Placeholder() {dtype=float, shape=(1,8)}
            zero = Const() {dtype=bool, value=bool{true}}
            s = Switch(x, zero) {T=float}
            p = Relu(s:1) {T=float}
            q = Neg(s) {T=float}
            y = Merge(p, q) {T=float, N=2}
            """,
            "y", "x"),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void They_are_those_that_are_returned(string name)
    {
        IExecutable executable = Cases[name].Compile(new CompileOptions { Threads = 2 });
        var returned = executable.Run(Cases[name].Feeds);
        for (int run = 0; run < 2; run++)
        {
            var received = new Tensor?[returned.Length];
            executable.Run(Cases[name].Feeds, (i, tensor) =>
            {
                Assert.Null(received[i]);
                received[i] = Tensor.FromContent(tensor.Type, tensor.Shape, tensor.Bytes.ToArray());
            });
            Assert.All(returned.Zip(received), pair => Assert.True(pair.First.ContentEquals(pair.Second!)));
        }
    }
}
