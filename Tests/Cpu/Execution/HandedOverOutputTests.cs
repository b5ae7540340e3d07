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
        var returned = Cases[name].Compile(new CompileOptions { Threads = 2 }).Run(Cases[name].Feeds);
        foreach (bool handsOver in (bool[])[false, true])
        {
            IExecutable executable = Cases[name].Compile(new CompileOptions { Threads = 2, HandsOutputsOver = handsOver });
            for (int run = 0; run < 2; run++)
                Assert.Equal(Bytes(returned), Bytes(Received(executable, Cases[name].Feeds)));
            Assert.Equal(Bytes(returned), Bytes(executable.Run(Cases[name].Feeds)));
            byte[][] buffers = [.. returned.Select(tensor => new byte[tensor.Bytes.Length])];
            executable.Run(Cases[name].Feeds, [.. buffers.Select(buffer => buffer.AsMemory())]);
            Assert.Equal(Bytes(returned), buffers);
        }
    }

    /// <summary>Memory of an output that was handed over holds what is computed next, where that was asked for.</summary>
    [Fact]
    public void Memory_does_not_grow_with_the_number_of_outputs()
    {
        const int Layers = 40;
        string graph = "r0 = Placeholder() {dtype=float, shape=(1,8,8,16)}\n" + string.Concat(Enumerable.Range(1, Layers).Select(i => $"r{i} = MaxPool(r{i - 1}) {{T=float, ksize=[1,3,3,1], strides=[1,1,1,1], padding=\"SAME\"}}\n"));
        string[] outputs = [.. Enumerable.Range(1, Layers).Select(i => $"r{i}")];
        Assert.InRange(ArenaBytes(handsOver: true), 1, 4 * (4096 + 128));
        Assert.InRange(ArenaBytes(handsOver: false), Layers * 4096, long.MaxValue);

        long ArenaBytes(bool handsOver)
        {
            var options = new CompileOptions { Threads = 1, HandsOutputsOver = handsOver };
            var cache = new PlanCache(Executable.Analyze(GraphText.Parse(graph), outputs, options, []), options);
            return cache.Find(new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["r0"] = Tensor.Create<float>(DataType.Float, TensorShape.Of(1, 8, 8, 16), new float[1024]) })!.Plan.ArenaBytes;
        }
    }

    private static byte[][] Bytes(IEnumerable<Tensor> tensors) => [.. tensors.Select(tensor => tensor.Bytes.ToArray())];

    private static Tensor[] Received(IExecutable executable, IReadOnlyDictionary<string, Tensor> feeds)
    {
        var received = new Tensor?[executable.Outputs.Length];
        executable.Run(feeds, (i, tensor) =>
        {
            Assert.Null(received[i]);
            received[i] = Tensor.FromContent(tensor.Type, tensor.Shape, tensor.Bytes.ToArray());
        });
        return received!;
    }
}
