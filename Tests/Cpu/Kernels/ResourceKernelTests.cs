using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using static TransformFramework.Cpu.NodeRun;

namespace TransformFramework.Cpu.Kernels;

/// <summary>Kernels that reach by handles what a run keeps: variables, stacks, tables, arrays and lists of tensors.</summary>
public sealed class ResourceKernelTests
{
    private static readonly Tensor Zero = Tensor.Scalar(0);
    private static readonly Tensor One = Tensor.Scalar(1);
    private static readonly Tensor Flow = Tensor.Scalar(0f);
    private static readonly AttributeMap FloatElements = AttributeMap.Of(("dtype", DataType.Float), ("elem_type", DataType.Float));
    private static readonly AttributeMap FloatList = AttributeMap.Of(("element_dtype", DataType.Float));

    [Theory]
    [InlineData("ResourceScatterUpdate", 3f)]
    [InlineData("ResourceScatterSub", 6f)]
    [InlineData("ResourceScatterMul", 27f)]
    [InlineData("ResourceScatterDiv", 3f)]
    [InlineData("ResourceScatterMin", 3f)]
    [InlineData("ResourceScatterMax", 9f)]
    [InlineData("ResourceScatterNdUpdate", 3f)]
    [InlineData("ResourceScatterNdAdd", 12f)]
    [InlineData("ResourceScatterNdSub", 6f)]
    public void Scattered_values_change_one_row_of_a_variable(string op, float expected)
    {
        Tensor indices = op.Contains("Nd", StringComparison.Ordinal) ? Ints(1).Reshaped(1, 1) : Ints(1);
        var result = RunAll(
            [Vector(8, 9, 10), indices, Vector(3), Ints(2, 1, 0)],
            [
                Op("v", "VarHandleOp", "", AttributeMap.Of(("dtype", DataType.Float), ("shape", TensorShape.Of(3)))), Op("assign", "AssignVariableOp", "v c0"),
                Op("early", "VarIsInitializedOp", "v"), Op("scatter", op, "v c1 c2 ^assign ^early"), Op("late", "VarIsInitializedOp", "v ^assign"), Op("gather", "ResourceGather", "v c3 ^scatter"),
            ],
            "gather", "late");
        Assert.Equal([10f, expected, 8f], result[0].AsSpan<float>().ToArray());
        Assert.True(result[1].AsSpan<bool>()[0]);
    }

    [Theory]
    [InlineData("Variable")]
    [InlineData("TemporaryVariable")]
    public void Reference_variables_are_read_after_their_assignment(string op)
    {
        var nodes = new[]
        {
            Op("v", op, "", AttributeMap.Of(("dtype", DataType.Float), ("shape", TensorShape.Of(2)))), Op("assign", "Assign", "v c0", AttributeMap.Of(("T", DataType.Float))),
            Op("read", "RefIdentity", "v ^assign", AttributeMap.Of(("T", DataType.Float))),
        };
        Assert.Equal([1f, 2], RunAll([Vector(1, 2)], nodes, "read")[0].AsSpan<float>().ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("V2")]
    public void Stacks_give_back_what_came_last(string version)
    {
        var nodes = new[]
        {
            Op("stack", "Stack" + version, version.Length > 0 ? "c2" : "", FloatElements), Op("first", "StackPush" + version, "stack c0"), Op("second", "StackPush" + version, "stack c1 ^first"),
            Op("last", "StackPop" + version, "stack ^second", FloatElements), Op("before", "StackPop" + version, "stack ^last", FloatElements), Op("close", "StackClose" + version, "stack ^before"),
            Op("closed", "Identity", "before ^close"), Op("none", "StackPop" + version, "stack ^before", FloatElements),
        };
        Tensor[] constants = [Vector(1), Vector(2, 3), Tensor.Scalar(9)];
        var popped = RunAll(constants, nodes, "last", "closed");
        Assert.Equal([2f, 3], popped[0].AsSpan<float>().ToArray());
        Assert.Equal([1f], popped[1].AsSpan<float>().ToArray());
        Assert.Throws<ExecutionException>(() => RunAll(constants, nodes, "none"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("V2")]
    public void Mutable_tables_take_give_and_forget(string version)
    {
        var types = AttributeMap.Of(("key_dtype", DataType.Int64), ("value_dtype", DataType.String), ("Tkeys", DataType.Int64), ("Tvalues", DataType.String));
        var nodes = new[]
        {
            Op("table", "MutableHashTable" + version, "", types), Op("insert", "LookupTableInsert" + version, "table c0 c1"), Op("full", "LookupTableSize" + version, "table ^insert"),
            Op("export", "LookupTableExport" + version, "table ^insert", types), Op("import", "LookupTableImport" + version, "table c2 c3 ^export ^full"),
            Op("find", "LookupTableFind" + version, "table c0 c4 ^import"), Op("remove", "LookupTableRemoveV2", "table c2 ^find"), Op("empty", "LookupTableSize" + version, "table ^remove"),
        };
        var found = RunAll([Longs(TensorShape.Of(2), 7, 8), Words("seven", "eight"), Longs(TensorShape.Of(1), 8), Words("acht"), Words(TensorShape.Scalar, "-")], nodes, "full", "export:0", "export:1", "find", "empty");
        Assert.Equal(2, found[0].AsSpan<long>()[0]);
        Assert.Equal(["7 seven", "8 eight"], found[1].AsSpan<long>().ToArray().Zip(found[2].Strings(), (key, value) => $"{key} {value}").Order(StringComparer.Ordinal));
        Assert.Equal(["-", "acht"], found[3].Strings());
        Assert.Equal(0, found[4].AsSpan<long>()[0]);
    }

    [Theory]
    [InlineData("", "TensorArrayPack", "TensorArrayUnpack")]
    [InlineData("", "TensorArrayGather", "TensorArrayScatter")]
    [InlineData("V2", "TensorArrayGatherV2", "TensorArrayScatterV2")]
    [InlineData("V3", "TensorArrayGatherV3", "TensorArrayScatterV3")]
    public void Arrays_are_filled_and_read_by_rows(string version, string gather, string scatter)
    {
        bool isWhole = gather == "TensorArrayPack";
        var nodes = new[]
        {
            Op("array", "TensorArray" + version, "c0", FloatElements.With("clear_after_read", false)), Op("scatter", scatter, isWhole ? "array c2 c3" : "array c1 c2 c3"),
            Op("read", "TensorArrayRead" + version, "array c4 scatter", FloatElements), Op("gather", gather, isWhole ? "array scatter" : "array c1 scatter", FloatElements),
            Op("size", "TensorArraySize" + version, "array scatter"), Op("close", "TensorArrayClose" + version, "array ^read ^gather ^size"), Op("end", "Identity", "size ^close"),
        };
        Tensor rows = Vector(1, 2, 3, 4).Reshaped(2, 2);
        var read = RunAll([Tensor.Scalar(2), Ints(0, 1), rows, Flow, One], nodes, "read", "gather", "end");
        Assert.Equal([3f, 4], read[0].AsSpan<float>().ToArray());
        Assert.True(rows.ContentEquals(read[1]));
        Assert.Equal(2, read[2].AsSpan<int>()[0]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("V2")]
    [InlineData("V3")]
    public void Arrays_are_split_overwritten_nowhere_and_joined(string version)
    {
        var nodes = new[]
        {
            Op("array", "TensorArray" + version, "c0", FloatElements.With("dynamic_size", true)), Op("split", "TensorArraySplit" + version, "array c1 c2 c3"), Op("write", "TensorArrayWrite" + version, "array c4 c5 split"),
            Op("join", "TensorArrayConcat" + version, "array write", FloatElements), Op("again", "TensorArrayWrite" + version, "array c4 c5 write"),
        };
        Tensor[] constants = [Tensor.Scalar(3), Vector(1, 2, 3), Longs(TensorShape.Of(2), 1, 2), Flow, Tensor.Scalar(2), Vector(4)];
        var joined = RunAll(constants, nodes, "join:0", "join:1");
        Assert.Equal([1f, 2, 3, 4], joined[0].AsSpan<float>().ToArray());
        Assert.Equal([1L, 2, 1], joined[1].AsSpan<long>().ToArray());
        Assert.Equal(StatusKind.InvalidArgument, Assert.Throws<ExecutionException>(() => RunAll(constants, nodes, "again")).Kind);
    }

    [Fact]
    public void Lists_grow_shrink_and_are_read()
    {
        var nodes = new[]
        {
            Op("rows", "TensorListFromTensor", "c0 c1", FloatList), Op("more", "TensorListPushBack", "rows c2", FloatList), Op("length", "TensorListLength", "more"),
            Op("second", "TensorListGetItem", "more c3 c1", FloatList), Op("gather", "TensorListGather", "more c4 c1", FloatList), Op("pop", "TensorListPopBack", "more c1", FloatList),
            Op("popped", "TensorListLength", "pop:0"), Op("none", "EmptyTensorList", "c1 c3", FloatList), Op("empty", "TensorListPopBack", "none c1", FloatList),
        };
        Tensor[] constants = [Vector(1, 2, 3, 4).Reshaped(2, 2), Ints(2), Vector(5, 6), One, Ints(2, 0)];
        var read = RunAll(constants, nodes, "length", "second", "gather", "pop:1", "popped");
        Assert.Equal((3, 2), (read[0].AsSpan<int>()[0], read[4].AsSpan<int>()[0]));
        Assert.Equal([3f, 4], read[1].AsSpan<float>().ToArray());
        Assert.Equal([5f, 6, 1, 2], read[2].AsSpan<float>().ToArray());
        Assert.Equal([5f, 6], read[3].AsSpan<float>().ToArray());
        Assert.Equal(StatusKind.InvalidArgument, Assert.Throws<ExecutionException>(() => RunAll(constants, nodes, "empty")).Kind);
    }

    [Fact]
    public void A_printed_string_is_a_line()
    {
        var lines = new List<string>();
        var graph = new Graph([Op("c", "Const", "", AttributeMap.Of(("value", Words(TensorShape.Scalar, "x = 1")))), Op("print", "PrintV2", "c"), Op("end", "Identity", "c ^print")]);
        new CpuBackend().Compile(graph, ["end"], CompileOptions.Default with { Print = lines.Add }).Run(new Dictionary<string, Tensor>());
        Assert.Equal(["x = 1"], lines);
    }

    private static Tensor Vector(params float[] values) => Floats(TensorShape.Of(values.Length), values);
}
