using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.SavedModel.Tests;

/// <summary>Variables of a graph in text form, from a checkpoint.</summary>
public sealed class FreezeVariablesTests
{
    private const string Resource =
        """
        x = Placeholder() {dtype=float, shape=(2,1)}
        v = VarHandleOp() {dtype=float, shape=(2,1)}
        r = ReadVariableOp(v) {dtype=float}
        y = AddV2(x, r) {T=float}

        """;

    private const string Saver =
        """
        save/names = Const() {dtype=string, value=string[1]{"key"}}
        save/slices = Const() {dtype=string, value=string[1]{"SLICE"}}
        save/Const = Placeholder() {dtype=string, shape=()}
        save/RestoreV2 = RestoreV2(save/Const, save/names, save/slices) {dtypes=[float]}
        save/Assign = AssignVariableOp(v, save/RestoreV2) {dtype=float}

        """;

    [Fact]
    public void A_read_becomes_the_constant_of_the_restored_tensor()
    {
        Graph frozen = Run(Resource + Saver.Replace("SLICE", "", StringComparison.Ordinal), new CheckpointFiles().Add("key", 1, 2), "y");
        Assert.Equal(["x", "v", "r", "y"], frozen.Nodes.Select(node => node.Name));
        Assert.Equal([1f, 2f], frozen.Find("v")!.TensorAttribute("value")!.AsSpan<float>().ToArray());
        Assert.Equal("r = Identity(v)", frozen.Find("r")!.ToString());
    }

    [Fact]
    public void A_slice_is_cut_out() =>
        Assert.Equal([3f, 4f], Run(Resource + Saver.Replace("SLICE", "4 1 2,2:-", StringComparison.Ordinal), new CheckpointFiles().Add("key", 1, 2, 3, 4), "y").Find("v")!.TensorAttribute("value")!.AsSpan<float>().ToArray());

    [Fact]
    public void Without_a_saver_the_name_is_the_key() =>
        Assert.Equal([5f, 6f], Run(Resource, new CheckpointFiles().Add("v", 5, 6), "y").Find("v")!.TensorAttribute("value")!.AsSpan<float>().ToArray());

    [Fact]
    public void Without_a_checkpoint_the_initial_constant_counts() =>
        Assert.Equal([7f, 7f], Run(Resource + "c = Const() {dtype=float, value=float[2,1] values{7}}\ni = AssignVariableOp(v, c) {dtype=float}", null, "y").Find("v")!.TensorAttribute("value")!.AsSpan<float>().ToArray());

    [Fact]
    public void A_reference_variable_becomes_a_constant()
    {
        Graph frozen = Run("v = VariableV2() {dtype=float, shape=(2,1)}\nr = Identity(v) {T=float, _class=[\"loc:@v\"]}\ny = Neg(r) {T=float}", new CheckpointFiles().Add("v", 5, 6), "y");
        Assert.Equal("Const", frozen.Find("v")!.Op);
    }

    [Fact]
    public void A_gathered_variable_is_gathered_from_a_constant()
    {
        Graph frozen = Run("i = Placeholder() {dtype=int64}\nv = VarHandleOp() {dtype=float, shape=(2,1)}\ny = ResourceGather(v, i) {dtype=float, Tindices=int64, batch_dims=0}", new CheckpointFiles().Add("v", 5, 6), "y");
        Assert.Equal("y = GatherV2(v, i, y/axis)", frozen.Find("y")!.ToString());
    }

    [Fact]
    public void A_handle_is_followed_into_loops_and_calls()
    {
        const string Loop =
            """
            function below {
              input i {type=int32}
              input h {type=resource}
              output o {type=bool}
              limit = Const() {dtype=int32, value=int32[] values{4}}
              l = Less(i, limit:output:0) {T=int32}
              return o = l:z:0
            }
            function turn {
              input i {type=int32}
              input h {type=resource}
              output i2 {type=int32}
              output h2 {type=resource}
              c = StatefulPartitionedCall(h) {f=@read, Tin=[resource], Tout=[int32]}
              n = AddV2(i, c:output:0) {T=int32}
              return i2 = n:z:0
              return h2 = h
            }
            function read {
              input h {type=resource}
              output o {type=int32}
              r = ReadVariableOp(h) {dtype=float}
              s = Squeeze(r:value:0) {T=float}
              k = Cast(s:output:0) {SrcT=float, DstT=int32}
              return o = k:y:0
            }
            zero = Const() {dtype=int32, value=int32[] values{0}}
            v = VarHandleOp() {dtype=float, shape=(1,1)}
            w = While(zero, v) {T=[int32, resource], cond=@below, body=@turn, output_shapes=[(), ()]}
            y = Identity(w) {T=int32}
            """;
        Graph frozen = Run(Loop, new CheckpointFiles().Add("v", 3), "y");
        Assert.Equal(AttributeValue.Types(DataType.Int32, DataType.Float), frozen.Find("w")!.Attributes["T"]);
        Assert.Equal("[1,1]", ((ShapeValue)((ListValue)frozen.Find("w")!.Attributes["output_shapes"]).Items[1]).Value.ToString());
        Assert.All(frozen.Functions.Functions.SelectMany(function => function.Signature.Inputs), argument => Assert.NotEqual(DataType.Resource, argument.Type));
        Assert.Equal(6, new Cpu.CpuBackend().Compile(frozen, ["y"], Execution.CompileOptions.Default).Run(new Dictionary<string, Tensor>())[0].AsSpan<int>()[0]);
    }

    [Fact]
    public void Functions_whose_types_are_attributes_are_made_for_each_type()
    {
        const string Calls =
            """
            function read {
              input h {type=resource}
              input a {type_attr="T"}
              output o {type_attr="T"}
              attribute T {type="type"}
              r = ReadVariableOp(h) {dtype=$T}
              s = AddV2(a, r:value:0) {T=$T}
              return o = s:z:0
            }
            function outer {
              input h {type=resource}
              input a {type_attr="T"}
              output o {type_attr="T"}
              attribute T {type="type"}
              c = PartitionedCall(h, a) {f=@read{T=$T}, Tin=[resource, float], Tout=[float]}
              return o = c:output:0
            }
            x = Placeholder() {dtype=float, shape=(2,1)}
            v = VarHandleOp() {dtype=float, shape=(2,1)}
            a = outer(v, x) {T=float}
            y = StatefulPartitionedCall(v, a) {f=@read{T=float}, Tin=[resource, float], Tout=[float]}
            """;
        Graph frozen = Run(Calls, new CheckpointFiles().Add("v", 5, 6), "y");
        Assert.All(frozen.Functions.Functions, function => Assert.Empty(function.Signature.Attributes));
        var feeds = new Dictionary<string, Tensor> { ["x"] = Tensor.Create<float>(DataType.Float, TensorShape.Of(2, 1), [1, 2]) };
        Assert.Equal([11f, 14f], new Cpu.CpuBackend().Compile(frozen, ["y"], Execution.CompileOptions.Default).Run(feeds)[0].AsSpan<float>().ToArray());
    }

    [Fact]
    public void An_assignment_on_the_way_is_an_error_that_names_the_variable()
    {
        TransformException error = Assert.Throws<TransformException>(() => Run(Resource.Replace("y = AddV2(x, r)", "a = AssignAddVariableOp(v, x) {dtype=float}\ny = AddV2(x, r, ^a)", StringComparison.Ordinal), new CheckpointFiles().Add("v", 5, 6), "y"));
        Assert.Equal("TFX4305", error.DiagnosticId);
        Assert.Contains("'v' (by node 'a', AssignAddVariableOp)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_assignment_that_no_output_needs_is_dropped_with_a_warning()
    {
        var context = new Context(new CheckpointFiles().Add("v", 5, 6).Add("w", 1, 1)) { OutputNames = ["y"] };
        Graph frozen = Run(Resource.Replace("y = AddV2(x, r)", "w = VarHandleOp() {dtype=float, shape=(2,1)}\na = AssignAddVariableOp(w, x) {dtype=float}\ny = AddV2(x, r, ^a)", StringComparison.Ordinal), "model", context);
        Assert.Null(frozen.Find("a"));
        Diagnostic warning = Assert.Single(context.Diagnostics);
        Assert.Equal(("TFX4306", Severity.Warning), (warning.Id, warning.Severity));
        Assert.Contains("'w'", warning.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("other", "'v' has no value in the checkpoint")]
    [InlineData("", "no checkpoint is given")]
    public void A_variable_without_a_value_is_named(string key, string message) =>
        Assert.Contains(message, Assert.Throws<TransformException>(() => Run(Resource, key.Length > 0 ? new CheckpointFiles().Add(key, 1) : null, "y")).Message, StringComparison.Ordinal);

    [Fact]
    public void Outputs_are_needed() => Assert.Contains("none are given", Assert.Throws<TransformException>(() => Run(Resource, null)).Message, StringComparison.Ordinal);

    private static Graph Run(string graph, CheckpointFiles? files, params string[] outputs) => Run(graph, files is null ? "" : "model", new Context(files ?? new()) { OutputNames = [.. outputs] });

    private static Graph Run(string graph, string checkpoint, Context context)
    {
        ITransform transform = new FreezeVariables();
        return transform.Apply(GraphText.Parse(graph), new FreezeVariables.Options { InputCheckpoint = checkpoint }, context);
    }

    private sealed class Context(CheckpointFiles files) : TransformContext
    {
        private readonly Dictionary<string, byte[]> contents = files.Files;

        public override Stream OpenFile(string path) => new MemoryStream(contents[path["model".Length..]]);
    }
}
