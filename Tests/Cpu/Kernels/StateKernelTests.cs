using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using static TransformFramework.Cpu.NodeRun;

namespace TransformFramework.Cpu.Kernels;

/// <summary>Kernels that read or write what the nodes of a run share: printed lines, variables, tables, lists.</summary>
public sealed class StateKernelTests
{
    private static readonly Dictionary<string, Tensor> NoFeeds = [];

    [Fact]
    public void PrintsAsTheOriginalDoes()
    {
        var lines = new List<string>();
        var graph = new Graph(
        [
            Constant("x", Floats(TensorShape.Of(2, 2), -2.4313571f, 0.5f, 1e10f, 3f)),
            new Node("print", "Print", [new("x"), new("x"), new("x")], AttributeMap.Of(("message", ";x__print__;"), ("summarize", 3))),
        ]);
        new CpuBackend().Compile(graph, ["print"], CompileOptions.Default with { Print = lines.Add }).Run(NoFeeds);
        Assert.Equal([";x__print__;[[-2.43135715 0.5][1e+10...]...][[-2.43135715 0.5][1e+10...]...]"], lines);
    }

    [Fact]
    public void AssertRefusesWithItsData()
    {
        var graph = new Graph(
        [
            Constant("no", Tensor.Create<bool>(DataType.Bool, TensorShape.Scalar, [false])),
            Constant("data", Ints(1, 2, 3, 4)),
            new Node("assert", "Assert", [new("no"), new("data")]),
            new Node("out", "Identity", [new("data"), new("^assert")]),
        ]);
        var error = Assert.Throws<ExecutionException>(() => new CpuBackend().Compile(graph, ["out"], CompileOptions.Default).Run(NoFeeds));
        Assert.Equal(StatusKind.InvalidArgument, error.Kind);
        Assert.Contains("assertion failed: [1 2 3...]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AVariableHoldsWhatWasAssigned()
    {
        var graph = new Graph(
        [
            new Node("v", "VarHandleOp", [], AttributeMap.Of(("dtype", DataType.Float), ("shape", TensorShape.Of(2)))),
            Constant("init", Floats(TensorShape.Of(2), 1f, 2f)),
            Constant("row", Ints(1)),
            Constant("delta", Floats(TensorShape.Of(1), 10f)),
            new Node("assign", "AssignVariableOp", [new("v"), new("init")]),
            new Node("add", "ResourceScatterAdd", [new("v"), new("row"), new("delta"), new("^assign")]),
            new Node("read", "ReadVariableOp", [new("v"), new("^add")]),
        ]);
        Assert.Equal([1f, 12f], new CpuBackend().Compile(graph, ["read"], CompileOptions.Default).Run(NoFeeds)[0].AsSpan<float>().ToArray());
    }

    [Fact]
    public void ReadingAnUnassignedVariableFails()
    {
        var graph = new Graph(
        [
            new Node("v", "VariableV2", [], AttributeMap.Of(("dtype", DataType.Float), ("shape", TensorShape.Of(2)))),
            new Node("read", "Identity", [new("v")], AttributeMap.Of(("T", DataType.Float))),
        ]);
        var error = Assert.Throws<ExecutionException>(() => new CpuBackend().Compile(graph, ["read"], CompileOptions.Default).Run(NoFeeds));
        Assert.Equal(StatusKind.FailedPrecondition, error.Kind);
    }

    [Fact]
    public void ATableFindsWhatWasPutIn()
    {
        var graph = new Graph(
        [
            new Node("table", "HashTableV2", [], AttributeMap.Of(("key_dtype", DataType.String), ("value_dtype", DataType.Int64))),
            Constant("keys", Words("a", "b")),
            Constant("values", Longs(TensorShape.Of(2), 7, 8)),
            Constant("wanted", Words("b", "x", "a")),
            Constant("default", Longs(TensorShape.Scalar, -1)),
            new Node("init", "InitializeTableV2", [new("table"), new("keys"), new("values")]),
            new Node("find", "LookupTableFindV2", [new("table"), new("wanted"), new("default"), new("^init")]),
            new Node("size", "LookupTableSizeV2", [new("table"), new("^init")]),
            new Node("early", "LookupTableSizeV2", [new("table")]),
        ]);
        var found = new CpuBackend().Compile(graph, ["find", "size"], CompileOptions.Default).Run(NoFeeds);
        Assert.Equal([8L, -1L, 7L], found[0].AsSpan<long>().ToArray());
        Assert.Equal(2L, found[1].AsSpan<long>()[0]);
        var error = Assert.Throws<ExecutionException>(() => new CpuBackend().Compile(graph, ["early"], CompileOptions.Default).Run(NoFeeds));
        Assert.Equal(StatusKind.FailedPrecondition, error.Kind);
    }

    [Fact]
    public void AListIsAValue()
    {
        var graph = new Graph(
        [
            Constant("shape", Ints(2)),
            Constant("count", Tensor.Scalar(2)),
            Constant("zero", Tensor.Scalar(0)),
            Constant("item", Floats(TensorShape.Of(2), 1f, 2f)),
            new Node("list", "TensorListReserve", [new("shape"), new("count")], AttributeMap.Of(("element_dtype", DataType.Float))),
            new Node("set", "TensorListSetItem", [new("list"), new("zero"), new("item")]),
            new Node("stack", "TensorListStack", [new("set"), new("shape")]),
            new Node("before", "TensorListStack", [new("list"), new("shape"), new("^set")]),
        ]);
        var stacked = new CpuBackend().Compile(graph, ["stack", "before"], CompileOptions.Default).Run(NoFeeds);
        Assert.Equal([1f, 2f, 0f, 0f], stacked[0].AsSpan<float>().ToArray());
        Assert.Equal([0f, 0f, 0f, 0f], stacked[1].AsSpan<float>().ToArray());
    }

    private static Node Constant(string name, Tensor value) => new(name, "Const") { Attributes = AttributeMap.Of(("dtype", value.Type), ("value", value)) };
}
